"""What the merchant told about how parcels travel: one warehouse, the shipping options, the closed days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ecommerce_comms.shipping.calendars import MAX_YEARS, Calendar, public_holidays, weekdays
from ecommerce_comms.shipping.kept import Kept
from ecommerce_comms.shipping.models import ClosedDay, Service, Warehouse
from ecommerce_comms.snapshots import AddressSnapshot

DELIVERY_DAYS = "123456"
"""Where no shipping option says otherwise, parcels are brought from Monday to Saturday."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The rows of Warehouse, Service and ClosedDay as they were when they were loaded."""

    warehouse: Warehouse | None
    services: dict[tuple[str, str, str], Service]
    """By code, country and region, in the order in which they are offered."""
    closed: tuple[ClosedDay, ...]
    _calendars: dict[tuple[str, str, str, int], Calendar] = field(default_factory=dict)

    def service(self, code: str, destination: AddressSnapshot) -> Service | None:
        """The option ``code`` as it is for ``destination``: its row for the region, else the country, else everywhere."""
        country, region = _place(destination.country, destination.region)
        places = ((country, region), (country, ""), ("", ""))
        return next((self.services[code, *place] for place in places if (code, *place) in self.services), None)

    def reaching(self, destination: AddressSnapshot) -> list[Service]:
        """The options offered to ``destination``. A row that is switched off for a place hides the wider row of its code there."""
        codes = dict.fromkeys(code for code, _country, _region in self.services)
        found = (self.service(code, destination) for code in codes)
        return [service for service in found if service is not None and service.is_active]

    def calendar(self, country: str, region: str, digits: str, year: int) -> Calendar:
        """The days from ``year`` on that are open at a place where something moves on the weekdays ``digits``."""
        key = (*_place(country, region), digits, year)
        if key not in self._calendars:
            self._calendars[key] = Calendar(weekdays(digits), self._closed_days(key[0], key[1], year))
        return self._calendars[key]

    def delivery_calendar(self, code: str, destination: AddressSnapshot, year: int) -> Calendar:
        """The days from ``year`` on, on which the option ``code`` is brought to ``destination``."""
        service = self.service(code, destination)
        return self.calendar(destination.country, destination.region, service.delivery_days if service else DELIVERY_DAYS, year)

    def _closed_days(self, country: str, region: str, year: int) -> frozenset[date]:
        own = {row.day for row in self.closed if _covers(_place(row.country, row.region), (country, region))}
        return frozenset(own.union(*(public_holidays(country, region.upper(), each) for each in range(year, year + MAX_YEARS))))


def _place(country: str, region: str) -> tuple[str, str]:
    """Country and region for comparing."""
    return country.strip().upper(), region.strip().casefold()


def _covers(wide: tuple[str, str], place: tuple[str, str]) -> bool:
    return all(mine in ("", theirs) for mine, theirs in zip(wide, place, strict=True))


def _load() -> Tables:
    return Tables(
        warehouse=Warehouse.objects.filter(is_default=True).order_by("pk").first(),
        services={(row.code, *_place(row.country, row.region)): row for row in Service.objects.order_by("position", "price", "code", "pk")},
        closed=tuple(ClosedDay.objects.all()),
    )


_kept = Kept(_load, (Warehouse, Service, ClosedDay))


def tables() -> Tables:
    """The merchant's rows; kept in memory for a minute, or until one of them changes here."""
    return _kept.get()
