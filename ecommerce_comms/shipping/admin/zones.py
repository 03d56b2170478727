"""Zones: places that cost and take the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.forms import PlaceForm, ZoneForm
from ecommerce_comms.shipping.models import Place, Zone

if TYPE_CHECKING:
    ZonePage = admin.ModelAdmin[Zone]
    PlaceRows = admin.TabularInline[Place, Zone]
else:
    ZonePage = admin.ModelAdmin
    PlaceRows = admin.TabularInline


class PlaceInline(PlaceRows):
    """Parts of countries that belong to a zone."""

    model = Place
    form = PlaceForm
    extra = 0


@admin.register(Zone)
class ZoneAdmin(ZonePage):
    """Places that cost and take the same; the closest match counts."""

    change_list_template = "ecommerce_comms/admin/shipping_list.html"
    form = ZoneForm
    inlines = (PlaceInline,)
    list_display = ("name", "countries")
    search_fields = ("name", "countries", "places__region", "places__postcodes")
    fieldsets = (
        (None, {
            "fields": ("name", "countries"),
            "description": _("Where a destination lies in several zones, the closest match counts: a postcode before a region, a region "
                             "before its country, a country before the whole world."),
        }),
    )
