"""Warehouses and pick-up points: where parcels leave, and where customers fetch them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.admin import importing, pages
from ecommerce_comms.shipping.forms import PickupPointForm, WarehouseForm
from ecommerce_comms.shipping.models import PickupPoint, Warehouse
from ecommerce_comms.shipping.words import week

if TYPE_CHECKING:
    WarehousePage = admin.ModelAdmin[Warehouse]
    PickupPointPage = admin.ModelAdmin[PickupPoint]
else:
    WarehousePage = PickupPointPage = admin.ModelAdmin


@admin.register(Warehouse)
class WarehouseAdmin(WarehousePage):
    """Where parcels leave."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = WarehouseForm
    list_display = ("name", "code", "country", "region", "cut_off", "time_zone", "handling_days_min", "handling_days_max", "is_default")
    list_filter = ("country", "is_default")
    search_fields = ("name", "code", "region", "postcode")
    fieldsets = (
        (None, {"fields": ("name", "is_default", "country", "region", "postcode", "time_zone")}),
        (_("From order to parcel"), {
            "fields": ("cut_off", "working_days", "handling_days_min", "handling_days_max"),
            "description": _("Arrival dates are counted from here. Public holidays and closed days never count as working days."),
        }),
        (_("A shorter day"), {
            "fields": ("short_days", "short_cut_off"), "classes": ("collapse",),
            "description": _("Where parcels are fetched earlier on some days, such as on Saturdays."),
        }),
        (_("More about it"), {"fields": ("code", "latitude", "longitude"), "classes": ("collapse",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The admin's own pages, and those that are about shipping as a whole."""
        wrap = self.admin_site.admin_view
        return [
            path("start/", wrap(self.start_view), name="ecommerce_comms_start"),
            path("try/", wrap(self.try_view), name="ecommerce_comms_try"),
            path("csv/", wrap(self.sheets_view), name="ecommerce_comms_sheets"),
            path("csv/<slug:name>/", wrap(self.sheets_view), name="ecommerce_comms_sheet"),
            path("csv/<slug:name>/take-out/", wrap(importing.export_view), name="ecommerce_comms_sheet_export"),
            *super().get_urls(),
        ]

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Two numbers, and what comes out of them."""
        return pages.start_view(self, request)

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """What a customer would be told, and why."""
        return pages.try_view(self, request)

    def sheets_view(self, request: HttpRequest, name: str = "") -> HttpResponse:
        """Sheets that come in and go out."""
        return importing.sheets_view(self, request, name)

    def save_model(self, request: HttpRequest, obj: Warehouse, form: Any, change: bool) -> None:
        """Parcels leave from one warehouse where nothing else is said: ticking this one unticks the others."""
        if obj.is_default:
            Warehouse.objects.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)


@admin.register(PickupPoint)
class PickupPointAdmin(PickupPointPage):
    """Where customers fetch their parcel."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = PickupPointForm
    list_display = ("name", "city", "postcode", "country", "open_on", "carrier", "service", "is_active")
    list_editable = ("is_active",)
    list_filter = ("is_active", "country", "carrier", "service")
    list_select_related = ("carrier", "service")
    search_fields = ("name", "code", "street", "city", "postcode")
    fieldsets = (
        (None, {"fields": ("name", "code", "is_active", "carrier", "service")}),
        (_("Where it is"), {
            "fields": ("street", "postcode", "city", "region", "country", "latitude", "longitude"),
            "description": _("Customers are shown the nearest points: by coordinates where both are known, else by postcode."),
        }),
        (_("When it is open"), {"fields": ("opening_days",)}),
    )

    @admin.display(description=_("open on"), ordering="opening_days")
    def open_on(self, point: PickupPoint) -> str:
        """The weekdays in words."""
        return week(point.opening_days)
