"""What the merchant's set-up tells the engine: closed days, announced peaks, and figures to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from ecommerce_comms.shipping.calendars import Calendar
from ecommerce_comms.shipping.engine import EngineSettings, Prior
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.learning.places import Places
from ecommerce_comms.shipping.models import Peak, Rate
from ecommerce_comms.shipping.tables import Tables, tables


@dataclass(frozen=True)
class Surroundings:
    """The merchant's tables as they were loaded once, in the forms in which learning and asking need them."""

    tables: Tables
    places: Places
    settings: EngineSettings
    _open: dict[int, Callable[[date], date]] = field(default_factory=dict)

    def next_open(self, calendar: Calendar) -> Callable[[date], date]:
        """``calendar.next_open``, which looks each day up once. ``calendar`` is one of the tables' own, which live as long as this."""
        if id(calendar) not in self._open:
            self._open[id(calendar)] = cache(calendar.next_open)
        return self._open[id(calendar)]


_last: Surroundings | None = None


def surroundings() -> Surroundings:
    """Of the tables as they are now; the same object until they are loaded anew."""
    global _last
    now, last = tables(), _last
    if last is None or last.tables is not now:
        last = _last = Surroundings(now, Places(now), settings(now))
    return last


def settings(tables: Tables) -> EngineSettings:
    """The engine's settings for a shop with these ``tables``."""
    slowdown = _Slowdown(tables) if tables.peaks else None
    alike = None if slowdown is None else slowdown.alike
    return EngineSettings(is_closed=_Closed(tables), slowdown=slowdown, alike=alike, prior=prior(tables))


def prior(tables: Tables) -> Prior | None:
    """The usual warehouse's handling days and what the shipping options take, at best and at worst; ``None`` where these are not set up."""
    rates: Sequence[Rate] = [rate for groups in tables.groups.values() for group in groups for rate in group.rates if rate.is_offered]
    if tables.warehouse is None or not rates:
        return None
    handling = sorted((tables.warehouse.handling_days_min, tables.warehouse.handling_days_max))
    fast = min(min(rate.transit_days_min, rate.transit_days_max) for rate in rates)
    slow = max(max(rate.transit_days_min, rate.transit_days_max) for rate in rates)
    return Prior(handling=(handling[0], handling[1]), transit=(fast, slow))


class _Closed:
    """Whether a place is closed on a day, each place asked once for all its days."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._calendars: dict[tuple[str, str], dict[date, bool]] = {}

    def __call__(self, country: str, region: str, day: date) -> bool:
        days = self._calendars.setdefault((country, region), {})
        if day not in days:
            days[day] = self._tables.is_closed(country, region, day)
        return days[day]


class _Slowdown:
    """How many times as long everything takes on a day of an announced peak."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._carriers = {service.carrier.code.casefold(): service.carrier_id for service in tables.services.values() if service.carrier}
        self._houses = {house.code.casefold(): house.pk for house in tables.warehouses}

    def __call__(self, shipment: Shipment, day: date) -> float:
        way = self._at(Peak.Slows.TRANSIT, self._carriers.get(shipment.carrier), day)
        if shipment.shipped_at is not None and day >= shipment.shipped_at.date():
            return way
        # Nobody knows whether it will have left by then, so the slower of both counts.
        return max(way, self._at(Peak.Slows.HANDLING, self._houses.get(shipment.origin), day))

    def alike(self, shipment: Shipment) -> tuple[int | None, int | None, date | None]:
        """Shipments with the same carrier, warehouse and day of departure are slowed down alike."""
        left = None if shipment.shipped_at is None else shipment.shipped_at.date()
        return self._carriers.get(shipment.carrier), self._houses.get(shipment.origin), left

    def _at(self, slows: str, key: int | None, day: date) -> float:
        slowdown = self._tables.slowdown(slows, key)
        return slowdown(day) if slowdown else 1.0
