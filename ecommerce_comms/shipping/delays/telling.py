"""The promise that follows a delay, or good news: what an event brings into the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.delays import lanes, windows
from ecommerce_comms.shipping.estimators.base import Estimate, estimate
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.shipping.tables import tables
from ecommerce_comms.zones import zone

MORE_DAYS = (3, 5, 10)
"""Open days that a parcel on its way gets beyond its next possible day, where nobody knows chances: at its first, second, further delay."""
_DAY = timedelta(days=1)


def on_delayed(order: Order, parcel: Parcel | None, data: dict[str, Any], at: datetime) -> Promise | None:
    """Make the promise that follows a delay: the window in ``data``, else what can honestly be said.

    Told about the whole order, it also holds for its parcels that are on their way. Returns ``None``, and promises
    nothing, if what is known is newer than ``at``, if the parcel has arrived, or if nobody knows a date.
    """
    source = _source(data, Promise.Source.RULE if "was_latest" in data else Promise.Source.MERCHANT)
    made = [_follow(order, each, data, at, source) for each in _meant(order, parcel)]
    return made[0] if made else None


def on_back_on_track(order: Order, parcel: Parcel | None, data: dict[str, Any], at: datetime) -> Promise | None:
    """Make the promise that follows good news. Without a window in ``data`` the date that was told stands, unless it has passed."""
    source = _source(data, Promise.Source.MERCHANT)
    made = [
        _follow(order, each, data, at, source) for each in _meant(order, parcel)
        if _given(order, data, at) or _has_passed(promises.newest(order, each), at)
    ]
    return made[0] if made else None


def outlook(order: Order, parcel: Parcel | None, now: datetime) -> Distribution | None:
    """When the parcel, or what of the order has not left, will arrive, given that it has not; ``None`` where nobody knows chances."""
    told = estimate(promises.request_for_parcel(order, parcel, now=now, shipped_at=parcel.shipped_at if parcel else None))
    return told.distribution if told else None


def new_window(order: Order, parcel: Parcel | None, since: datetime, revision: int) -> Estimate | None:
    """What can be told at ``since`` about what is late for the ``revision + 1``-th time; never a day before tomorrow.

    Where chances are known, the day by which 80 % arrive of those that are still open; else what the merchant's table says.
    """
    known = outlook(order, parcel, since)
    if known and (likely := windows.of_distribution(known, lanes.lane_of(order, parcel), since.astimezone(zone(order.time_zone)).date())):
        return likely
    return _by_table(order, parcel, since, revision)


def _by_table(order: Order, parcel: Parcel | None, since: datetime, revision: int) -> Estimate | None:
    tomorrow = since.astimezone(zone(order.time_zone)).date() + _DAY
    snapshot = order.as_snapshot
    code = snapshot.shipping_option or (parcel.service if parcel else "")
    calendar = tables().delivery_calendar(code, snapshot.address, tomorrow.year)
    try:
        soonest = calendar.next_open(tomorrow)
        if parcel is not None and parcel.shipped_at is not None:
            latest = calendar.add_open_days(soonest, MORE_DAYS[min(revision, len(MORE_DAYS) - 1)])
            return Estimate(earliest=soonest, latest=latest, source=Promise.Source.RULE, reason="On its way, and slower than planned.")
    except (NoOpenDay, OverflowError):
        return None
    told = estimate(promises.request_for(order, since, service=code))
    return replace(told, earliest=max(told.earliest, soonest), latest=max(told.latest, soonest)) if told else None


def _meant(order: Order, parcel: Parcel | None) -> list[Parcel | None]:
    """What an event is about: one parcel, or the order as a whole with those of its parcels that have a promise of their own."""
    if order.delivered_at or order.cancelled_at:
        return []
    if parcel is not None and parcel.delivered_at is None:
        return [parcel]
    # An event about the order's only known parcel, which has arrived, is about what is still to come.
    own = Parcel.objects.filter(order=order, delivered_at=None, promises__isnull=False).distinct().order_by("pk")
    return [None, *(own if parcel is None else ())]


def _follow(order: Order, parcel: Parcel | None, data: dict[str, Any], at: datetime, source: str) -> Promise | None:
    before = promises.newest(order, parcel)
    own = before is not None and before.parcel_id == (parcel.pk if parcel else None)
    if before and own and before.made_at > at:
        return None
    given = _given(order, data, at)
    if given:
        return promises.revise(
            order, parcel, *given, source=source, reason=str(data.get("reason", "")), made_at=at, confidence=_confidence(data)
        )
    told = new_window(order, parcel, at, before.revision if before else 0)
    if told is None:
        return None
    return promises.revise(
        order, parcel, told.earliest, told.latest, source=told.source, reason=told.reason, made_at=at, confidence=told.confidence
    )


def _source(data: dict[str, Any], otherwise: str) -> str:
    """Where the window in ``data`` is from, as the detector says; ``otherwise`` if nobody says."""
    told = str(data.get("window_source", ""))
    return told if told in Promise.Source.values else otherwise


def _confidence(data: dict[str, Any]) -> float | None:
    value = data.get("confidence")
    return float(value) if isinstance(value, (int, float)) and 0 <= value <= 1 else None


def _given(order: Order, data: dict[str, Any], at: datetime) -> tuple[date, date] | None:
    """The window that the event itself names, if it makes sense."""
    today = at.astimezone(zone(order.time_zone)).date()
    return promises.whole_window(_day(data.get("earliest")), _day(data.get("latest")), today)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _has_passed(promise: Promise | None, at: datetime) -> bool:
    return promise is not None and promise.overdue_at <= at
