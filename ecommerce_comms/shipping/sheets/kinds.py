"""The sheets that there are."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.shipping.forms import ClosedDayForm, PickupPointForm, PlaceForm, RateForm, ServiceForm, ZoneForm
from ecommerce_comms.shipping.models import Carrier, ClosedDay, PickupPoint, Place, Rate, Service, Warehouse, Zone
from ecommerce_comms.shipping.sheets.base import Column, Sheet

_DIGITS = _("digits of the weekdays, 1 is Monday: 12345")
_YES = _("yes or no")
_COUNTRY = _("two letters, such as IN")


class Zones(Sheet):
    """Zones that are countries as a whole."""

    name = "zones"
    title = _("Zones")
    means = _("One line for each zone.")
    model, form, key = Zone, ZoneForm, ("zone",)
    columns = (
        Column(name="zone", field="name", required=True, means=_("name of the zone")),
        Column(name="countries", means=_("two letters each, such as IN, BD, NP; empty: the whole world")),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every zone."""
        return Zone.objects.all()

    def held_by(self, row: Zone) -> int:
        """Times and prices of the zone."""
        return row.rates.count()


class Places(Sheet):
    """Parts of countries that belong to zones."""

    name = "places"
    title = _("Parts of countries")
    means = _("One line for each region, or list of postcodes, of a zone. The zone has to be there already.")
    model, form, key = Place, PlaceForm, ("zone", "country", "region", "postcodes")
    links = {"zone": Zone}  # noqa: RUF012
    columns = (
        Column(name="zone", required=True, means=_("name of the zone")),
        Column(name="country", required=True, means=_COUNTRY),
        Column(name="region", means=_("code or name, such as WB; empty: the whole country")),
        Column(name="postcodes", means=_("beginnings or ranges, such as 7000*, 110001-110096; empty: all")),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every part, with its zone."""
        return Place.objects.select_related("zone")


class Services(Sheet):
    """Shipping options."""

    name = "options"
    title = _("Shipping options")
    means = _("One line for each option. Its carrier has to be there already.")
    model, form, key = Service, ServiceForm, ("code",)
    links = {"carrier": Carrier}  # noqa: RUF012
    columns = (
        Column(name="code", required=True, means=_("as your shop stores it with the order")),
        Column(name="name", required=True, means=_("as customers see it")),
        Column(name="description", means=_("a sentence for customers")),
        Column(name="carrier", means=_("code or name of the carrier")),
        Column(name="kind", means=_("door or point; empty: door")),
        Column(name="delivered_on", field="delivery_days", means=_DIGITS),
        Column(name="position", means=_("place in the list, a whole number")),
        Column(name="offered", field="is_active", means=_YES),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every option, with its carrier."""
        return Service.objects.select_related("carrier")

    def held_by(self, row: Service) -> int:
        """Times and prices of the option."""
        return row.rates.count()


class Rates(Sheet):
    """Times and prices."""

    name = "prices"
    title = _("Times and prices")
    means = _("One line for each option, zone, currency, weight and order value. Option and zone have to be there already.")
    model, form, key = Rate, RateForm, ("option", "zone", "currency", "up_to_kg", "orders_from")
    links = {"option": Service, "zone": Zone}  # noqa: RUF012
    columns = (
        Column(name="option", field="service", required=True, means=_("code of the shipping option")),
        Column(name="zone", means=_("name of the zone; empty: everywhere")),
        Column(name="days_min", field="transit_days_min", required=True, means=_("delivery days on the way, at best")),
        Column(name="days_max", field="transit_days_max", required=True, means=_("delivery days on the way, at worst")),
        Column(name="price", required=True, means=_("such as 4.90")),
        Column(name="currency", means=_("three letters, such as INR")),
        Column(name="up_to_kg", field="weight_up_to", means=_("heaviest order for this price; empty: any")),
        Column(name="orders_from", field="value_from", means=_("order value from which this price counts; empty: any")),
        Column(name="delivered_on", field="delivery_days", means=_("digits of the weekdays, where they differ from the option's own")),
        Column(name="offered", field="is_offered", means=_YES),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every time and price, with option and zone."""
        return Rate.objects.select_related("service", "zone").order_by("service__position", "service__code", "zone__name", "pk")


class Points(Sheet):
    """Pick-up points."""

    name = "points"
    title = _("Pick-up points")
    means = _("One line for each point. Carrier and option have to be there already.")
    model, form, key = PickupPoint, PickupPointForm, ("code",)
    links = {"carrier": Carrier, "option": Service}  # noqa: RUF012
    columns = (
        Column(name="code", required=True, means=_("the carrier's number of it")),
        Column(name="name", required=True, means=_("as customers see it")),
        Column(name="street", means=_("street and house")),
        Column(name="postcode", means=_("its postcode")),
        Column(name="city", means=_("its town")),
        Column(name="region", means=_("state or province")),
        Column(name="country", required=True, means=_COUNTRY),
        Column(name="latitude", means=_("degrees, such as 22.57")),
        Column(name="longitude", means=_("degrees, such as 88.36")),
        Column(name="open_on", field="opening_days", means=_DIGITS),
        Column(name="carrier", means=_("code or name of the carrier; empty: every carrier")),
        Column(name="option", field="service", means=_("code of the shipping option; empty: all that have pick-up points")),
        Column(name="in_use", field="is_active", means=_YES),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every point, with carrier and option."""
        return PickupPoint.objects.select_related("carrier", "service")


class ClosedDays(Sheet):
    """Closed days, and holidays on which it is open."""

    name = "closed-days"
    title = _("Closed days")
    means = _("One line for each day or time on which nothing moves.")
    model, form, key = ClosedDay, ClosedDayForm, ("day", "country", "region", "warehouse", "carrier", "open")
    links = {"warehouse": Warehouse, "carrier": Carrier}  # noqa: RUF012
    columns = (
        Column(name="day", required=True, means=_("such as 2026-12-24")),
        Column(name="until", field="last_day", means=_("last closed day; empty: one day only")),
        Column(name="name", means=_("what for")),
        Column(name="country", means=_("two letters; empty: everywhere")),
        Column(name="region", means=_("empty: the whole country")),
        Column(name="warehouse", means=_("code or name; empty: all")),
        Column(name="carrier", means=_("code or name; empty: all")),
        Column(name="open", field="is_open", means=_("yes for a public holiday on which parcels do move")),
    )

    def rows(self) -> Iterable[models.Model]:
        """Every closed day, with warehouse and carrier."""
        return ClosedDay.objects.select_related("warehouse", "carrier")


SHEETS: dict[str, Sheet] = {sheet.name: sheet for sheet in (Zones(), Places(), Services(), Rates(), Points(), ClosedDays())}
"""In the order in which a shop fills them: each names only what stands before it."""
