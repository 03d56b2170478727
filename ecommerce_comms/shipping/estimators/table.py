"""Arrival dates from the merchant's own table: cut-off, handling time, transit time, closed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.estimators.base import Estimate, EstimateRequest, ShippingEstimator
from ecommerce_comms.shipping.models import Promise, Service, Warehouse
from ecommerce_comms.shipping.tables import Tables, tables
from ecommerce_comms.zones import zone


@dataclass(frozen=True, kw_only=True)
class _Departure:
    """When the parcel leaves: days at the destination, with the reason in words."""

    earliest: date
    latest: date
    reason: str
    order_by: datetime | None = None


class TableEstimator(ShippingEstimator):
    """Adds handling time and transit time in working days. No warehouse or no shipping option: no date rather than a wrong one."""

    tells_chances = False

    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """The window for ``request``; ``None`` if the merchant's table does not cover it."""
        table = tables()
        services = _services(table, request)
        if table.warehouse is None or not services:
            return None
        try:
            departure = _departure(table, table.warehouse, request)
            windows = [_arrival(table, service, departure, request) for service in services]
        except (NoOpenDay, OverflowError):  # a calendar that is never open, or a year beyond all calendars
            return None
        return Estimate(
            earliest=min(earliest for earliest, _latest in windows), latest=max(latest for _earliest, latest in windows),
            source=Promise.Source.RULE, reason=f"{departure.reason}; {_transit_in_words(services)}.", order_by=departure.order_by,
        )


def _services(table: Tables, request: EstimateRequest) -> list[Service]:
    """The option that was chosen; all that could have been, if it is not known."""
    chosen = table.service(request.service, request.destination)
    return [chosen] if chosen else table.reaching(request.destination)


def _departure(table: Tables, warehouse: Warehouse, request: EstimateRequest) -> _Departure:
    if request.shipped_at is not None:
        day = _there(request.shipped_at, request.shipped_at.astimezone(zone(warehouse.time_zone)).date(), request)
        return _Departure(earliest=day, latest=day, reason=f"Left {warehouse.name} on {_in_words(day)}")
    local = request.ordered_at.astimezone(zone(warehouse.time_zone))
    calendar = table.calendar(warehouse.country, warehouse.region, warehouse.working_days, local.year)
    start = calendar.next_open(local.date())
    if request.ordered_at > _cut_off(warehouse, start):
        start = calendar.next_open(start + timedelta(days=1))
    first, last = (calendar.add_open_days(start, days) for days in sorted((warehouse.handling_days_min, warehouse.handling_days_max)))
    leaves = _in_words(first) if first == last else f"{_in_words(first)} to {_in_words(last)}"
    return _Departure(
        earliest=_there(_cut_off(warehouse, first), first, request), latest=_there(_cut_off(warehouse, last), last, request),
        reason=f"Ordered by {warehouse.cut_off:%H:%M} on {_in_words(start)}, leaves {warehouse.name} on {leaves}",
        order_by=_cut_off(warehouse, start),
    )


def _cut_off(warehouse: Warehouse, day: date) -> datetime:
    """The one moment of ``day`` at which the warehouse's clock shows its cut-off.

    In UTC, so that it is compared as a moment: where clocks go back, the same wall time comes twice, and only the first counts.
    """
    return datetime.combine(day, warehouse.cut_off, tzinfo=zone(warehouse.time_zone)).astimezone(timezone.utc)


def _there(moment: datetime, day: date, request: EstimateRequest) -> date:
    """``day`` at the warehouse as a day at the destination, where ``moment`` may belong to the next one already."""
    return max(day, moment.astimezone(zone(request.time_zone)).date())


def _arrival(table: Tables, service: Service, departure: _Departure, request: EstimateRequest) -> tuple[date, date]:
    place = request.destination
    calendar = table.calendar(place.country, place.region, service.delivery_days, departure.earliest.year)
    fast, slow = sorted((service.transit_days_min, service.transit_days_max))
    return calendar.add_open_days(departure.earliest, fast), calendar.add_open_days(departure.latest, slow)


def _transit_in_words(services: list[Service]) -> str:
    fast = min(min(service.transit_days_min, service.transit_days_max) for service in services)
    slow = max(max(service.transit_days_min, service.transit_days_max) for service in services)
    days = f"{fast}" if fast == slow else f"{fast} to {slow}"
    name = services[0].name if len(services) == 1 else "any of the shipping options"
    return f"{name} takes {days} delivery {'day' if slow == 1 else 'days'}"


def _in_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
