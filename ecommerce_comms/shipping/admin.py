"""Where a merchant says how parcels travel, and reads what was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.forms import ClosedDayForm, ServiceForm, WarehouseForm
from ecommerce_comms.shipping.models import ClosedDay, Promise, Service, Warehouse

if TYPE_CHECKING:
    WarehousePage = admin.ModelAdmin[Warehouse]
    ServicePage = admin.ModelAdmin[Service]
    ClosedDayPage = admin.ModelAdmin[ClosedDay]
    PromisePage = admin.ModelAdmin[Promise]
else:
    WarehousePage = ServicePage = ClosedDayPage = PromisePage = admin.ModelAdmin


@admin.register(Warehouse)
class WarehouseAdmin(WarehousePage):
    """Where parcels leave."""

    form = WarehouseForm
    list_display = ("name", "country", "region", "cut_off", "time_zone", "handling_days_min", "handling_days_max", "is_default")
    fieldsets = (
        (None, {"fields": ("name", "is_default", "country", "region", "time_zone")}),
        (_("From order to parcel"), {
            "fields": ("cut_off", "working_days", "handling_days_min", "handling_days_max"),
            "description": _("Arrival dates are counted from here. Public holidays and closed days never count as working days."),
        }),
    )

    def save_model(self, request: HttpRequest, obj: Warehouse, form: Any, change: bool) -> None:
        """Parcels leave from one warehouse: ticking this one unticks the others."""
        if obj.is_default:
            Warehouse.objects.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)


@admin.register(Service)
class ServiceAdmin(ServicePage):
    """Shipping options, as customers choose them."""

    form = ServiceForm
    list_display = (
        "name", "code", "carrier", "country", "region", "transit_days_min", "transit_days_max", "price", "currency",
        "position", "is_active",
    )
    list_editable = ("position", "is_active")
    list_filter = ("is_active", "carrier", "country")
    search_fields = ("code", "name", "carrier")
    fieldsets = (
        (None, {"fields": ("name", "code", "carrier", "is_active", "position")}),
        (_("Where to"), {
            "fields": ("country", "region"),
            "description": _("Add the same code once more for a place where it takes longer; the closest match counts."),
        }),
        (_("How long, and how much"), {"fields": ("transit_days_min", "transit_days_max", "delivery_days", "price", "currency")}),
    )


@admin.register(ClosedDay)
class ClosedDayAdmin(ClosedDayPage):
    """Days on which nothing leaves and nothing is delivered, besides public holidays."""

    form = ClosedDayForm
    list_display = ("day", "name", "country", "region")
    list_filter = ("country",)
    date_hierarchy = "day"


@admin.register(Promise)
class PromiseAdmin(PromisePage):
    """What customers were told about arrivals: a ledger, to be read and not to be changed."""

    list_display = ("order", "parcel", "earliest", "latest", "revision", "source", "made_at", "is_open", "kept")
    list_filter = ("is_open", "kept", "source")
    list_select_related = ("order", "parcel")
    search_fields = ("order__number", "order__reference", "parcel__tracking_number")
    ordering = ("-made_at", "-pk")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Promises come from orders, never from a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Promise | None = None) -> bool:
        """What was told cannot be untold."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Promise | None = None) -> bool:
        """A ledger keeps its rows."""
        return False
