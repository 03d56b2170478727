"""Until when something should have happened, counted in working days of who has to do it.

A clock that ran over week-ends would find a thousand stalled parcels each Monday.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from ecommerce_comms.shipping.calendars import Calendar, NoOpenDay
from ecommerce_comms.shipping.delays import lanes
from ecommerce_comms.shipping.estimators.departure import calendar_of, first_day
from ecommerce_comms.shipping.models import Peak, Warehouse
from ecommerce_comms.shipping.tables import tables
from ecommerce_comms.snapshots import AddressSnapshot
from ecommerce_comms.zones import zone

_DAY = timedelta(days=1)
_NEVER_OPEN = (NoOpenDay, OverflowError)


def ship_by(lane: str, since: datetime, days: int) -> datetime | None:
    """When the handling time, and ``days`` working days of the warehouse beyond it, are over; ``None`` if nobody promised any.

    The midnight, at the warehouse, that ends the last of these days. ``since`` is when it was ordered, or paid.
    """
    house = _warehouse(lane)
    if house is None:
        return None
    calendar = calendar_of(tables(), house, since)
    try:
        start = first_day(house, calendar, since)
        handling = max(house.handling_days_min, house.handling_days_max)
        left = calendar.add_open_days(start, handling, tables().slowdown(Peak.Slows.HANDLING, house.pk))
        return _end_of(calendar.add_open_days(left, days) if days else left, house.time_zone)
    except _NEVER_OPEN:
        return None


def scan_by(lane: str, zone_name: str, shipped_at: datetime, days: int) -> datetime | None:
    """When a carrier should have seen what was shipped: ``days`` working days of the warehouse later, or else of the destination."""
    house = _warehouse(lane)
    name = house.time_zone if house else zone_name
    local = shipped_at.astimezone(zone(name))
    calendar = calendar_of(tables(), house, shipped_at) if house else delivery_days(lane, local.year)
    return _after(calendar, local.date(), days, name)


def move_by(lane: str, zone_name: str, scanned_at: datetime, days: int) -> datetime | None:
    """When a parcel should have moved again: ``days`` delivery days of its destination after its last scan."""
    local = scanned_at.astimezone(zone(zone_name))
    return _after(delivery_days(lane, local.year), local.date(), days, zone_name)


def delivery_days(lane: str, year: int) -> Calendar:
    """The days, from ``year`` on, on which what travels on ``lane`` is delivered."""
    parts = lanes.read(lane)
    destination = AddressSnapshot(country=parts.get("country", ""), region=parts.get("region", ""))
    return tables().delivery_calendar(parts.get("service", ""), destination, year)


def is_between_closed(lane: str, since: date, until: date) -> bool:
    """Whether a day between the two, both included, is closed that is an ordinary weekday of delivery: a holiday."""
    calendar = delivery_days(lane, since.year)
    days = range(min(60, (until - since).days + 1))
    return any(since + each * _DAY in calendar.closed and (since + each * _DAY).isoweekday() in calendar.weekdays for each in days)


def _warehouse(lane: str) -> Warehouse | None:
    return tables().warehouse_named(lanes.read(lane).get("origin", ""))


def _after(calendar: Calendar, day: date, days: int, zone_name: str) -> datetime | None:
    try:
        return _end_of(calendar.add_open_days(day, days) if days else day, zone_name)
    except _NEVER_OPEN:
        return None


@lru_cache(maxsize=20_000)
def _end_of(day: date, zone_name: str) -> datetime:
    """The midnight that ends ``day``, in UTC."""
    return datetime.combine(day + _DAY, time.min, tzinfo=zone(zone_name)).astimezone(timezone.utc)
