"""Carriers, and the shipping options that customers choose, with times and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.admin.inlines import RatesTogether
from ecommerce_comms.shipping.forms import CarrierForm, RateForm, ServiceForm
from ecommerce_comms.shipping.models import Carrier, Rate, Service

if TYPE_CHECKING:
    CarrierPage = admin.ModelAdmin[Carrier]
    ServicePage = admin.ModelAdmin[Service]
    RateRows = admin.TabularInline[Rate, Service]
else:
    CarrierPage = ServicePage = admin.ModelAdmin
    RateRows = admin.TabularInline


@admin.register(Carrier)
class CarrierAdmin(CarrierPage):
    """Who brings the parcels."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = CarrierForm
    list_display = ("name", "code", "phone", "website", "tracking_url")
    search_fields = ("name", "code", "aliases")


class RateInline(RateRows):
    """Times and prices of an option, one row for each zone, weight and order value."""

    model = Rate
    form = RateForm
    formset = RatesTogether
    extra = 0
    min_num = 1
    fields = (
        "zone", "transit_days_min", "transit_days_max", "price", "currency", "weight_up_to", "value_from", "delivery_days", "is_offered",
    )
    verbose_name = _("time and price")
    verbose_name_plural = _("how long it takes, and what it costs: the closest zone counts")


@admin.register(Service)
class ServiceAdmin(ServicePage):
    """Shipping options, as customers choose them."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = ServiceForm
    inlines = (RateInline,)
    list_display = ("name", "code", "carrier", "kind", "zones", "position", "is_active")
    list_editable = ("position", "is_active")
    list_filter = ("is_active", "kind", "carrier", "rates__zone")
    list_select_related = ("carrier",)
    search_fields = ("code", "name", "carrier__name")
    fieldsets = (
        (None, {"fields": ("name", "code", "description", "carrier", "is_active", "position")}),
        (_("How it is delivered"), {"fields": ("kind", "delivery_days")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        """The options, with how many times and prices each has."""
        return super().get_queryset(request).annotate(_rates=Count("rates"))

    @admin.display(description=_("times and prices"), ordering="_rates")
    def zones(self, row: Any) -> int:
        """How many rows say what it takes and costs; 0 is never offered."""
        return int(row._rates)
