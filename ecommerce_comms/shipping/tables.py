"""What the merchant told about how parcels travel, kept in memory: warehouses, shipping options, closed days, peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

from ecommerce_comms.shipping.calendars import MAX_DAYS, MAX_YEARS, Calendar, Slowdown, is_region, public_holidays, weekdays
from ecommerce_comms.shipping.kept import Kept
from ecommerce_comms.shipping.models import Carrier, ClosedDay, Peak, PickupPoint, Place, Rate, Service, Warehouse, Zone
from ecommerce_comms.shipping.offers import Group, Offer, choose, grouped
from ecommerce_comms.shipping.points import Points
from ecommerce_comms.shipping.reach import Where, place, where
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

DELIVERY_DAYS = "123456"
"""Where no shipping option says otherwise, parcels are brought from Monday to Saturday."""
MOST_CALENDARS = 1_000
MOST_PLACES = 5_000
"""So much is remembered; then it begins anew."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The merchant's rows as they were when they were loaded."""

    warehouses: tuple[Warehouse, ...] = ()
    services: dict[str, Service] = field(default_factory=dict)
    """By code, in the order in which they are offered."""
    groups: dict[int, tuple[Group, ...]] = field(default_factory=dict)
    """Times and prices by the option's key, a group for each zone."""
    points: Points = field(default_factory=Points)
    closed: tuple[ClosedDay, ...] = ()
    peaks: tuple[Peak, ...] = ()
    remembered: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """What estimators keep between the options of one quote; gone with the rows from which it follows."""
    _calendars: dict[tuple[Any, ...], Calendar] = field(default_factory=dict)
    _slowdowns: dict[tuple[str, int | None], Slowdown | None] = field(default_factory=dict)
    _near: dict[Where, dict[str, Group]] = field(default_factory=dict)

    @property
    def warehouse(self) -> Warehouse | None:
        """The one from which parcels leave where nothing else is said."""
        return next((house for house in self.warehouses if house.is_default), None)

    def warehouse_named(self, code: str) -> Warehouse | None:
        """The warehouse with this code or name; the usual one if there is none, as for the key of a seller."""
        word = code.strip().casefold()
        named = (house for house in self.warehouses if word and word in (house.code.casefold(), house.name.casefold()))
        return next(named, None) or self.warehouse

    def warehouses_for(self, lines: Sequence[LineSnapshot], origin: str = "") -> list[Warehouse]:
        """Where ``lines`` leave, each warehouse once; empty if nobody knows one of them."""
        origins = [origin] if origin else list(dict.fromkeys(line.origin for line in lines)) or [""]
        found = [self.warehouse_named(code) for code in origins]
        return list({house.pk: house for house in found if house}.values()) if all(found) else []

    def offer(self, code: str, destination: AddressSnapshot, lines: Sequence[LineSnapshot] = ()) -> Offer | None:
        """The option ``code`` as it is for ``destination``, whether it is offered there now or not."""
        group = self._closest(where(destination)).get(code)
        return Offer(self.services[code], choose(group.rates, lines) or group.rates[0]) if group else None

    def reaching(self, destination: AddressSnapshot, lines: Sequence[LineSnapshot] = (), currency: str = "") -> list[Offer]:
        """The options offered to ``destination``, in the merchant's order.

        What is not offered in a zone hides what is offered in a wider one.
        """
        found = []
        for code, group in self._closest(where(destination)).items():
            service, rate = self.services[code], choose(group.rates, lines, currency)
            if rate is not None and service.is_active and rate.is_offered and self._can_be_fetched(service, destination):
                found.append(Offer(service, rate))
        return sorted(found, key=lambda offer: (offer.service.position, offer.rate.price, offer.service.code))

    def calendar(
        self, country: str, region: str, digits: str, year: int, *, warehouse: int | None = None, carrier: int | None = None
    ) -> Calendar:
        """The days from ``year`` on that are open at a place where something moves on the weekdays ``digits``.

        ``warehouse`` and ``carrier`` are keys: their own closed days count as well.
        """
        at = self._with_days_of_its_own(place(country, region))
        key = (at, digits, year, warehouse, carrier)
        found = self._calendars.get(key)
        if found is None:
            found = Calendar(weekdays(digits), self._closed_days(at, year, warehouse, carrier))
            remember(self._calendars, key, found, MOST_CALENDARS)
        return found

    def delivery_calendar(self, code: str, destination: AddressSnapshot, year: int) -> Calendar:
        """The days from ``year`` on, on which the option ``code`` is brought to ``destination``."""
        offer = self.offer(code, destination)
        return self.calendar(
            destination.country, destination.region, offer.delivery_days if offer else DELIVERY_DAYS, year,
            carrier=offer.service.carrier_id if offer else None,
        )

    def is_closed(self, country: str, region: str, day: date) -> bool:
        """Whether ``day`` is a public holiday, or a day on which nothing moves there, whatever the weekday."""
        return not self.calendar(country, region, "1234567", day.year).is_open(day)

    def slowdown(self, slows: str, key: int | None) -> Slowdown | None:
        """The peaks in which ``slows`` (of ``Peak.Slows``) takes longer at the warehouse or carrier ``key``; ``None`` if there are none."""
        case = (slows, key)
        if case not in self._slowdowns:
            self._slowdowns[case] = _slowdown([peak for peak in self.peaks if _slows(peak, slows, key)])
        return self._slowdowns[case]

    def closed_rows(self, at: Where, warehouse: int | None = None, carrier: int | None = None) -> list[ClosedDay]:
        """The merchant's own closed days, and open holidays, that concern a place, a warehouse and a carrier."""
        return [row for row in self.closed if _concerns(row, at, warehouse, carrier)]

    def peaks_between(self, slows: str, key: int | None, first: date, last: date) -> list[Peak]:
        """The peaks that lengthen what ``slows`` says at the warehouse or carrier ``key`` on one of these days."""
        days = [first + timedelta(days=number) for number in range(min((last - first).days + 1, MAX_DAYS))]
        return [peak for peak in self.peaks if _slows(peak, slows, key) and any(is_in(peak, day) for day in days)]

    def _closest(self, there: Where) -> dict[str, Group]:
        found = self._near.get(there)
        if found is None:
            near = {code: _nearest(self.groups.get(service.pk, ()), there) for code, service in self.services.items()}
            found = {code: group for code, group in near.items() if group}
            remember(self._near, there, found, MOST_PLACES)
        return found

    def _with_days_of_its_own(self, at: Where) -> Where:
        """``at``, without a region that has no closed days of its own: what customers write there makes no calendar."""
        return at if at.region in self._own_regions or is_region(at.country, at.region) else Where(at.country)

    @cached_property
    def _own_regions(self) -> frozenset[str]:
        """The regions that the merchant's closed days name."""
        return frozenset(place(row.country, row.region).region for row in self.closed)

    def _can_be_fetched(self, service: Service, destination: AddressSnapshot) -> bool:
        return service.kind != Service.Kind.POINT or bool(self.points.nearest(service, destination))

    def _closed_days(self, at: Where, year: int, warehouse: int | None, carrier: int | None) -> frozenset[date]:
        public = (public_holidays(at.country, at.region, each) for each in range(year, year + MAX_YEARS))
        days: set[date] = set().union(*public)
        own = self.closed_rows(at, warehouse, carrier)
        days.update(day for row in own if not row.is_open for day in days_of(row))
        return frozenset(days.difference(day for row in own if row.is_open for day in days_of(row)))


def remember(kept: dict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Keep ``value`` in memory, and never more than ``most`` of its kind: keys come from whoever asks."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value


def days_of(row: ClosedDay) -> list[date]:
    """Every day of a closed time."""
    count = ((row.last_day or row.day) - row.day).days + 1
    return [row.day + timedelta(days=number) for number in range(min(count, MAX_DAYS))]


def _concerns(row: ClosedDay, at: Where, warehouse: int | None, carrier: int | None) -> bool:
    mine = place(row.country, row.region)
    return (
        mine.country in ("", at.country) and mine.region in ("", at.region)
        and row.warehouse_id in (None, warehouse) and row.carrier_id in (None, carrier)
    )


def _nearest(groups: Sequence[Group], there: Where) -> Group | None:
    """The group of the closest zone; the first of several that are as close."""
    near = [(close, -number) for number, group in enumerate(groups) if (close := group.closeness(there)) is not None]
    return groups[-max(near)[1]] if near else None


def _slows(peak: Peak, slows: str, key: int | None) -> bool:
    owner, other = (peak.warehouse_id, peak.carrier_id) if slows == Peak.Slows.HANDLING else (peak.carrier_id, peak.warehouse_id)
    # A peak of one warehouse says nothing about any carrier's way, and the other way round.
    return peak.slows in (slows, Peak.Slows.BOTH) and owner in (None, key) and (other is None or owner is not None)


def _slowdown(peaks: Sequence[Peak]) -> Slowdown | None:
    if not peaks:
        return None
    return lru_cache(maxsize=4096)(lambda day: max((float(peak.factor) for peak in peaks if is_in(peak, day)), default=1.0))


def is_in(peak: Peak, day: date) -> bool:
    """Whether ``day`` belongs to ``peak``, in its own year or, where it repeats, in a later one."""
    if peak.day <= day <= peak.last_day:
        return True
    if not peak.repeats or day < peak.day:
        return False
    later = {day.year - peak.day.year, day.year - peak.last_day.year}
    return any(_years_on(peak.day, years) <= day <= _years_on(peak.last_day, years) for years in later)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _load() -> Tables:
    services = Service.objects.select_related("carrier").order_by("position", "pk")
    return Tables(
        warehouses=tuple(Warehouse.objects.order_by("pk")), services={service.code: service for service in services},
        groups=grouped(Rate.objects.select_related("zone").order_by("pk"), Zone.objects.prefetch_related("places")),
        points=Points(PickupPoint.objects.filter(is_active=True).order_by("pk")), closed=tuple(ClosedDay.objects.all()),
        peaks=tuple(Peak.objects.all()),
    )


_kept = Kept(_load, (Warehouse, Carrier, Zone, Place, Service, Rate, PickupPoint, ClosedDay, Peak))


def tables() -> Tables:
    """The merchant's rows; kept in memory for a minute, or until one of them changes here."""
    return _kept.get()


def forget_tables() -> None:
    """Load them anew when next asked: rows were written in bulk."""
    _kept.forget()
