"""Days unlike others: closed days and peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.forms import ClosedDayForm, PeakForm
from ecommerce_comms.shipping.models import ClosedDay, Peak

if TYPE_CHECKING:
    ClosedDayPage = admin.ModelAdmin[ClosedDay]
    PeakPage = admin.ModelAdmin[Peak]
else:
    ClosedDayPage = PeakPage = admin.ModelAdmin


@admin.register(ClosedDay)
class ClosedDayAdmin(ClosedDayPage):
    """Times in which nothing leaves and nothing is delivered, besides public holidays; and holidays on which it is."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = ClosedDayForm
    list_display = ("day", "last_day", "name", "country", "region", "warehouse", "carrier", "is_open")
    list_filter = ("country", "warehouse", "carrier", "is_open")
    list_select_related = ("warehouse", "carrier")
    search_fields = ("name",)
    date_hierarchy = "day"
    fieldsets = (
        (None, {"fields": ("name", "day", "last_day", "is_open")}),
        (_("Where it counts"), {
            "fields": ("country", "region", "warehouse", "carrier"),
            "description": _("Leave all of them empty for a day that counts everywhere."),
        }),
    )


@admin.register(Peak)
class PeakAdmin(PeakPage):
    """Announced times in which everything takes longer."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = PeakForm
    list_display = ("name", "day", "last_day", "factor", "slows", "warehouse", "carrier", "repeats")
    list_filter = ("slows", "repeats", "warehouse", "carrier")
    list_select_related = ("warehouse", "carrier")
    search_fields = ("name",)
    date_hierarchy = "day"
    fieldsets = (
        (None, {"fields": ("name", "day", "last_day", "factor", "slows", "repeats")}),
        (_("Whom it concerns"), {"fields": ("warehouse", "carrier"), "description": _("Leave both empty for all.")}),
    )
