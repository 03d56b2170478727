"""Finding out that something is late before the customer asks, and what is told instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ecommerce_comms import keys
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.events import record_known
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.estimators.base import Estimate, estimate
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.shipping.tables import tables
from ecommerce_comms.zones import zone

MORE_DAYS = (3, 5, 10)
"""Open days that a parcel on its way gets beyond its next possible day: at its first, second and every further delay."""
_DAY = timedelta(days=1)


def detect(now: datetime, limit: int = 1000) -> int:
    """Record an ``order_delayed`` event for each promise whose last day has passed; returns how many were new.

    The promise is closed as not kept: it is told late once, and only the promise that follows it can be late again.
    """
    late = list(_late(now)[:limit])
    recorded = [_record(promise, now) for promise in late if promise.revision < conf.DELAY_NOTICES]
    Promise.objects.filter(pk__in=[promise.pk for promise in late], is_open=True).update(is_open=False, kept=False)
    return sum(event is not None for event in recorded)


def on_delayed(order: Order, parcel: Parcel | None, data: dict[str, Any], at: datetime) -> Promise | None:
    """Make the promise that follows a delay: the window in ``data``, else what can honestly be said.

    Told about the whole order, it also holds for its parcels that are on their way. Returns ``None``, and promises
    nothing, if what is known is newer than ``at``, if the parcel has arrived, or if nobody knows a date.
    """
    source = Promise.Source.RULE if "was_latest" in data else Promise.Source.MERCHANT
    made = [_follow(order, each, data, at, source) for each in _meant(order, parcel)]
    return made[0] if made else None


def on_back_on_track(order: Order, parcel: Parcel | None, data: dict[str, Any], at: datetime) -> Promise | None:
    """Make the promise that follows good news. Without a window in ``data`` the date that was told stands, unless it has passed."""
    made = [
        _follow(order, each, data, at, Promise.Source.MERCHANT) for each in _meant(order, parcel)
        if _given(order, data, at) or _has_passed(promises.newest(order, each), at)
    ]
    return made[0] if made else None


def _late(now: datetime) -> QuerySet[Promise]:
    """Open promises that are overdue at ``now``, oldest first. What waits at a pick-up point has arrived as far as we can tell."""
    told_by_parcel = Promise.objects.filter(order=OuterRef("order"), parcel__isnull=False, parcel__delivered_at__isnull=True)
    return (
        Promise.objects.filter(is_open=True, overdue_at__lte=now, order__delivered_at=None, order__cancelled_at=None)
        .filter(Q(parcel=None) & ~Exists(told_by_parcel) | Q(parcel__isnull=False, parcel__delivered_at=None))
        .exclude(parcel__isnull=False, parcel__status=Parcel.Status.READY_FOR_PICKUP)
        .select_related("order", "parcel").order_by("overdue_at", "pk")
    )


def _record(promise: Promise, now: datetime) -> OrderEvent | None:
    order, parcel = promise.order, promise.parcel
    told = new_window(order, parcel, _moment(promise, now), promise.revision)
    data: dict[str, Any] = {
        "reason": told.reason if told else "", "revision": promise.revision,
        "was_earliest": promise.earliest.isoformat(), "was_latest": promise.latest.isoformat(),
    }
    if told:
        data |= {"earliest": told.earliest.isoformat(), "latest": told.latest.isoformat()}
    return record_known(
        "order_delayed", order, parcel=parcel, occurred_at=promise.overdue_at, data=data, source="delays",
        event_key=keys.make("order_delayed", order.reference, parcel.reference if parcel else "-", promise.revision),
    )


def _moment(promise: Promise, now: datetime) -> datetime:
    """From when the new window counts: the moment the promise broke, so that it depends on the promise alone.

    Only where that was found out more than a day later, as after an outage, it counts from now: a window in the past helps nobody.
    """
    return promise.overdue_at if now - promise.overdue_at < _DAY else now


def new_window(order: Order, parcel: Parcel | None, since: datetime, revision: int) -> Estimate | None:
    """What can be told at ``since`` about what is late for the ``revision + 1``-th time; never a day before tomorrow."""
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
        return promises.revise(order, parcel, *given, source=source, reason=str(data.get("reason", "")), made_at=at)
    told = new_window(order, parcel, at, before.revision if before else 0)
    if told is None:
        return None
    return promises.revise(
        order, parcel, told.earliest, told.latest, source=told.source, reason=told.reason, made_at=at, confidence=told.confidence
    )


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
