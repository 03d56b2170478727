"""When a parcel leaves its warehouse: cut-off, working days, handling time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from ecommerce_comms.shipping.calendars import Calendar
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.models import Peak, Warehouse
from ecommerce_comms.shipping.tables import Tables, remember
from ecommerce_comms.zones import zone

MOST_REMEMBERED = 64
FETCHED_AT = time(18)
"""When a carrier fetches the parcels of a day, by the warehouse's clock. Not its cut-off: an earlier one brings nothing forward."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """When the parcel leaves: days at the destination, with the reason in words."""

    earliest: date
    latest: date
    reason: str
    order_by: datetime | None = None
    """Until then an order still counts for the same day and leaves on one at the destination; ``None`` once the parcel has left."""
    counts_for: date | None = None
    """The day at the warehouse for which the order counts."""
    leaves: tuple[date, date] | None = None
    """The days at the warehouse on which it leaves, at best and at worst; ``None`` once it has left."""
    soonest: date | None = None
    """The day for which the order counts, at the destination: nothing leaves before; ``None`` once it has left."""


def departure(table: Tables, warehouse: Warehouse, request: EstimateRequest) -> Departure:
    """When what ``request`` is about leaves ``warehouse``. Raises ``NoOpenDay`` if it never does.

    The options of one quote ask the same, one after the other: what was found out is remembered for a while.
    """
    case = (warehouse.pk, request.ordered_at, request.shipped_at, request.now, request.time_zone)
    found: Departure | None = table.remembered.get(case)
    if found is None:
        found = _departure(table, warehouse, request)
        remember(table.remembered, case, found, MOST_REMEMBERED)
    return found


def _departure(table: Tables, warehouse: Warehouse, request: EstimateRequest) -> Departure:
    if request.shipped_at is not None:
        day = max(_day_in(request.shipped_at, warehouse.time_zone), _day_in(request.shipped_at, request.time_zone))
        return Departure(earliest=day, latest=day, reason=f"Left {warehouse.name} on {in_words(day)}")
    calendar = calendar_of(table, warehouse, request.ordered_at)
    start = first_day(warehouse, calendar, request.ordered_at)
    first, last = _leaving(table, warehouse, calendar, start, request)
    leaves = in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}"
    earliest = _there(warehouse, first, request)
    return Departure(
        earliest=earliest, latest=_there(warehouse, last, request), soonest=_there(warehouse, start, request),
        reason=f"Ordered by {cut_off_time(warehouse, start):%H:%M} on {in_words(start)}, leaves {warehouse.name} on {leaves}",
        order_by=min(cut_off(warehouse, start), _day_ends(earliest, request)), counts_for=start, leaves=(first, last),
    )


def calendar_of(table: Tables, warehouse: Warehouse, moment: datetime) -> Calendar:
    """The working days of ``warehouse``, from the year of ``moment`` on."""
    year = _day_in(moment, warehouse.time_zone).year
    return table.calendar(warehouse.country, warehouse.region, warehouse.working_days, year, warehouse=warehouse.pk)


def first_day(warehouse: Warehouse, calendar: Calendar, ordered_at: datetime) -> date:
    """The working day for which an order of ``ordered_at`` counts."""
    start = calendar.next_open(_day_in(ordered_at, warehouse.time_zone))
    return calendar.next_open(start + timedelta(days=1)) if ordered_at > cut_off(warehouse, start) else start


def cut_off_time(warehouse: Warehouse, day: date) -> time:
    """Until when orders count for ``day``, by the warehouse's clock."""
    short = warehouse.short_cut_off is not None and str(day.isoweekday()) in warehouse.short_days
    return warehouse.short_cut_off if short and warehouse.short_cut_off else warehouse.cut_off


def cut_off(warehouse: Warehouse, day: date) -> datetime:
    """The one moment of ``day`` at which the warehouse's clock shows its cut-off.

    In UTC, so that it is compared as a moment: where clocks go back, the same wall time comes twice, and only the first counts.
    """
    return datetime.combine(day, cut_off_time(warehouse, day), tzinfo=zone(warehouse.time_zone)).astimezone(timezone.utc)


@lru_cache(maxsize=4096)
def in_words(day: date) -> str:
    """``Mon 2 Mar``."""
    return f"{day:%a} {day.day} {day:%b}"


def _leaving(table: Tables, warehouse: Warehouse, calendar: Calendar, start: date, request: EstimateRequest) -> tuple[date, date]:
    """The days on which it leaves, at best and at worst; what has not left by ``request.now`` does not leave before."""
    fast, slow = sorted((warehouse.handling_days_min, warehouse.handling_days_max))
    first = calendar.add_open_days(start, fast)
    last = calendar.add_open_days(start, slow, table.slowdown(Peak.Slows.HANDLING, warehouse.pk))
    if request.now is None or request.now <= request.ordered_at:
        return first, last
    soonest = calendar.next_open(_day_in(request.now, warehouse.time_zone))
    return max(first, soonest), max(last, soonest)


def _there(warehouse: Warehouse, day: date, request: EstimateRequest) -> date:
    """``day`` at the warehouse as a day at the destination, where its evening may belong to the next one already."""
    evening = datetime.combine(day, FETCHED_AT, tzinfo=zone(warehouse.time_zone))
    return max(day, _day_in(evening, request.time_zone), _day_in(request.ordered_at, request.time_zone))


def _day_ends(day: date, request: EstimateRequest) -> datetime:
    """The last second of ``day`` at the destination, in UTC; the moment of the order if that lies in it."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone(request.time_zone)).astimezone(timezone.utc)
    return max(midnight - timedelta(seconds=1), request.ordered_at.astimezone(timezone.utc))


def _day_in(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(zone(time_zone)).date()
