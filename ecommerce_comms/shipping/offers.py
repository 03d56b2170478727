"""Which time and price of a shipping option counts: the one for the zone, the weight and the value of what is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ecommerce_comms.shipping.models import Rate, Service, Zone
from ecommerce_comms.shipping.reach import Part, Where, closeness, place, read_countries, read_postcodes
from ecommerce_comms.snapshots import LineSnapshot

_ANY = Decimal("Infinity")


class Offer(NamedTuple):
    """A shipping option with the time and price that count for one destination."""

    service: Service
    rate: Rate

    @property
    def delivery_days(self) -> str:
        """Digits of the weekdays on which it is brought."""
        return self.rate.delivery_days or self.service.delivery_days

    @property
    def transit_days(self) -> tuple[int, int]:
        """Delivery days on the way, at best and at worst."""
        fast, slow = sorted((self.rate.transit_days_min, self.rate.transit_days_max))
        return fast, slow

    @property
    def carrier(self) -> str:
        """Name of the carrier; empty if it has none."""
        return self.service.carrier.name if self.service.carrier else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The times and prices of one option in one zone."""

    parts: tuple[Part, ...]
    """Of the zone; empty means everywhere."""
    rates: tuple[Rate, ...]

    def closeness(self, there: Where) -> int | None:
        """How close the zone is met; ``None`` if ``there`` lies outside."""
        return closeness(self.parts, there)


def weight_of(lines: Sequence[LineSnapshot]) -> Decimal:
    """Kilograms; what has no weight weighs nothing."""
    return sum((line.weight_kg for line in lines if line.weight_kg is not None), Decimal(0))


def value_of(lines: Sequence[LineSnapshot]) -> Decimal:
    """What the lines cost together; what has no price costs nothing."""
    return sum((line.price for line in lines if line.price is not None), Decimal(0))


def choose(rates: Sequence[Rate], lines: Sequence[LineSnapshot] = (), currency: str = "") -> Rate | None:
    """The one of ``rates`` that counts for ``lines``: the narrowest weight, then the highest order value, then the currency's own.

    Nothing is converted: with a ``currency``, only prices in it count, and those without any. ``None`` if nothing fits.
    """
    if len(rates) == 1 and rates[0].weight_up_to is None and rates[0].value_from is None and not currency:
        return rates[0]
    weight, value = weight_of(lines), value_of(lines)
    fitting = [
        rate for rate in rates
        if (rate.weight_up_to is None or weight <= rate.weight_up_to) and (rate.value_from is None or value >= rate.value_from)
        and (not currency or rate.currency in ("", currency))
    ]
    return min(fitting, key=lambda rate: (
        rate.weight_up_to if rate.weight_up_to is not None else _ANY, -(rate.value_from or 0), rate.currency != currency, rate.pk,
    ), default=None)


def parts_of(zone: Zone) -> tuple[Part, ...]:
    """The countries and parts of countries that ``zone`` names."""
    countries, _odd = read_countries(zone.countries)
    narrower = (Part(place(row.country, row.region), read_postcodes(row.postcodes)[0]) for row in zone.places.all())
    return (*(Part(place(country)) for country in countries), *narrower)


def grouped(rates: Iterable[Rate], zones: Iterable[Zone]) -> dict[int, tuple[Group, ...]]:
    """``rates`` by the key of their option, a group for each zone."""
    parts: dict[int | None, tuple[Part, ...]] = {None: (), **{zone.pk: parts_of(zone) for zone in zones}}
    found: dict[int, dict[int | None, list[Rate]]] = defaultdict(lambda: defaultdict(list))
    for rate in rates:
        found[rate.service_id][rate.zone_id].append(rate)
    return {
        service: tuple(Group(parts[zone], tuple(rows)) for zone, rows in zones_.items() if zone in parts)
        for service, zones_ in found.items()
    }
