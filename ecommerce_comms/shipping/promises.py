"""The ledger of what was told about arrivals: rows are added and closed, and never overwritten.

A promise is about a whole order, or about one of its parcels. The promises of one parcel, or of the order as a whole,
are a *chain*: each revision replaces the one before. A parcel's chain goes on from the order's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, prefetch_related_objects

from ecommerce_comms import clock
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.rows import insert_many
from ecommerce_comms.shipping import tokens
from ecommerce_comms.shipping.calendars import MAX_DAYS
from ecommerce_comms.shipping.estimators.base import Estimate, estimate
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.shipping.questions import request_for, request_for_parcel
from ecommerce_comms.shipping.told import Told, predecessor, tell
from ecommerce_comms.signals import promise_made
from ecommerce_comms.snapshots import OrderSnapshot
from ecommerce_comms.zones import zone

__all__ = [
    "at_order", "at_shipping", "current", "first", "history", "newest", "overdue_at", "prefetch", "request_for", "request_for_parcel",
    "revise", "settle", "whole_window", "window_before", "write_first",
]
Verdict = tuple[bool, bool | None, date | None]
"""Whether a promise is open, whether it was kept, and when what it promised arrived."""
_LEDGER = "ledger"
"""Attribute of an order that carries its promises."""
_UNWRITTEN = "unwritten"
"""Attribute of an order that carries the first promises of it and its neighbours until they are written together."""
_WHOLLY_SHIPPED = (Order.Status.SHIPPED, Order.Status.DELIVERED)


def at_order(order: Order, snapshot: OrderSnapshot, token: str = "") -> Promise | None:
    """Make the first promise of the whole order: what the shop showed when ordering, else what the estimator says.

    ``token`` is that of the option which the customer chose, if the event brought it instead of the order.
    Does nothing, and returns ``None``, if the order has one already, or if nobody knows a date.
    """
    if any(promise.parcel_id is None for promise in _ledger(order)):
        return None
    ordered_at = snapshot.placed_at or order.placed_at or clock.now()
    quoted = _quoted(order, snapshot, token or snapshot.quote, ordered_at)
    told = quoted.estimate if quoted else _shown(order, snapshot, ordered_at) or estimate(request_for(order, ordered_at, snapshot=snapshot))
    quoted_at = quoted.quoted_at if quoted else None
    return _write(order, None, told, revision=0, made_at=ordered_at, quoted_at=quoted_at) if told else None


def at_shipping(order: Order, parcel: Parcel, shipped_at: datetime) -> Promise | None:
    """Give the parcel that left a promise of its own: the window that was told, or another one that is better founded.

    A later window always replaces the one that was told. An earlier or narrower one does only where somebody measured how sure it
    is: then the customer may hear the closer days, and the ledger goes on counting the first promise.
    Does nothing, and returns ``None``, if what was told about the parcel still stands, or if nobody knows a date.
    """
    told = newest(order, parcel)
    own = told is not None and told.parcel_id is not None
    if told and own and told.made_at >= shipped_at:
        return None
    again = estimate(request_for_parcel(order, parcel, shipped_at=shipped_at))
    if again and (told is None or _is_better_founded(again, told)):
        return _revise(order, parcel, told, again, shipped_at)
    if told is None or own or told.overdue_at <= shipped_at:
        return None
    return _write(order, parcel, _as_estimate(told), revision=told.revision, made_at=shipped_at)


def revise(
    order: Order, parcel: Parcel | None, earliest: date, latest: date, *, source: str, reason: str, made_at: datetime,
    confidence: float | None = None,
) -> Promise:
    """Make the next promise of the parcel, or of the whole order, and close the one before.

    The same revision made twice is one row. Raises ``ValueError`` if ``latest`` is before ``earliest``.
    """
    told = Estimate(earliest=earliest, latest=latest, confidence=confidence, source=source, reason=reason)
    return _revise(order, parcel, newest(order, parcel), told, made_at)


def settle(order: Order) -> None:
    """Bring the marks of the order's promises up to its state: closed and kept or not for what arrived, closed when cancelled.

    A function of the state alone: it is right again when the state is told anew, in whatever order the events came.
    """
    write_first([order])
    promises = _ledger(order)
    last = {promise.pk for promise in _newest_of_each_chain(promises)}
    changes: dict[Verdict, list[int]] = defaultdict(list)
    for promise in promises:
        verdict = _verdict(order, promise, is_newest=promise.pk in last)
        if verdict != (promise.is_open, promise.kept, promise.arrived_on):
            promise.is_open, promise.kept, promise.arrived_on = verdict
            changes[verdict].append(promise.pk)
    for (is_open, kept, arrived_on), keys in changes.items():
        Promise.objects.filter(pk__in=keys).update(is_open=is_open, kept=kept, arrived_on=arrived_on, score_at=clock.now())


def current(order: Order, parcel: Parcel | None = None) -> Promise | None:
    """What was told last about the parcel; for the whole order the last of the days that its parcels are still expected."""
    if parcel is not None:
        return newest(order, parcel)
    chains = _newest_of_each_chain(_ledger(order))
    if order.status in _WHOLLY_SHIPPED and any(promise.parcel_id for promise in chains):
        # Every parcel has left with a promise of its own, so the one of the whole order has nothing more to say.
        chains = [promise for promise in chains if promise.parcel_id]
    return max(chains, key=lambda promise: (promise.parcel is None or promise.parcel.delivered_at is None, promise.latest), default=None)


def newest(order: Order, parcel: Parcel | None = None) -> Promise | None:
    """The newest promise of the parcel's own chain, or of the whole order's where the parcel has none."""
    return max(_of_chain(order, parcel.pk if parcel else None), key=_rank, default=None)


def chain(order: Order, parcel: Parcel | None = None) -> list[Promise]:
    """Every promise of the parcel's chain, or of the whole order's."""
    return _of_chain(order, parcel.pk if parcel else None)


def first(order: Order) -> Promise | None:
    """The first promise that was made for the order."""
    return min(_ledger(order), key=lambda promise: (promise.revision, promise.parcel_id is not None, promise.pk), default=None)


def window_before(promise: Promise) -> Promise | None:
    """The promise that ``promise`` replaced; ``None`` if it is the first."""
    return predecessor(promise, _ledger(promise.order))


def history(order: Order) -> list[Told]:
    """Everything that was told about the order and its parcels, in the order in which it was, as plain data."""
    return tell(_ledger(order))


def overdue_at(latest: date, zone: ZoneInfo) -> datetime:
    """The midnight that ends ``latest`` in ``zone``, in UTC."""
    return datetime.combine(latest + timedelta(days=1), time.min, tzinfo=zone).astimezone(timezone.utc)


def whole_window(earliest: date | None, latest: date | None, today: date) -> tuple[date, date] | None:
    """The window that a shop told, made whole; ``None`` if it has no end, ended before ``today`` or lies years ahead.

    Where only the end is told, nothing is claimed about the beginning: the window begins today.
    """
    if latest is None or not today <= latest <= today + timedelta(days=MAX_DAYS):
        return None
    return min(max(earliest or today, today), latest), latest


def prefetch(orders: Sequence[Order], new: Sequence[Order] = ()) -> None:
    """Read the promises of ``orders`` with one query; those of ``new`` ones are known to be none.

    From here on each order carries its ledger, which the verbs here keep up, and first promises wait for ``write_first``.
    """
    if orders:
        prefetch_related_objects(orders, Prefetch("promises", Promise.objects.select_related("parcel"), to_attr=_LEDGER))
    unwritten: list[Promise] = []
    for order in new:
        setattr(order, _LEDGER, [])
    for order in (*orders, *new):
        setattr(order, _UNWRITTEN, unwritten)


def write_first(orders: Iterable[Order]) -> None:
    """Write the first promises of ``orders`` and of all that were prefetched with them, with one statement."""
    for order in orders:
        unwritten: list[Promise] = getattr(order, _UNWRITTEN, [])
        if unwritten:
            promises, unwritten[:] = list(unwritten), []
            insert_many(promises)
            for promise in promises:
                promise_made.send_robust(sender=Promise, promise=promise)


def _ledger(order: Order) -> list[Promise]:
    carried: list[Promise] | None = getattr(order, _LEDGER, None)
    return list(order.promises.select_related("parcel")) if carried is None else carried


def _of_chain(order: Order, parcel_id: int | None) -> list[Promise]:
    """The promises of the parcel and those of the whole order, from which a parcel's chain goes on."""
    return [promise for promise in _ledger(order) if promise.parcel_id in (None, parcel_id)]


def _quoted(order: Order, snapshot: OrderSnapshot, token: str, ordered_at: datetime) -> tokens.Quoted | None:
    """What the token of the chosen option says, if it is to be believed."""
    if not token:
        return None
    today = ordered_at.astimezone(zone(order.time_zone)).date()
    quoted = tokens.believed(
        token, code=snapshot.shipping_option, country=snapshot.address.country, ordered_at=ordered_at, about=order.reference
    )
    return quoted if quoted and whole_window(quoted.estimate.earliest, quoted.estimate.latest, today) else None


def _shown(order: Order, snapshot: OrderSnapshot, ordered_at: datetime) -> Estimate | None:
    """The window that the customer saw when ordering."""
    today = ordered_at.astimezone(zone(order.time_zone)).date()
    window = whole_window(snapshot.promised_earliest, snapshot.promised_latest, today)
    return Estimate(earliest=window[0], latest=window[1], source=Promise.Source.SHOP, reason="Shown when ordering.") if window else None


def _is_better_founded(again: Estimate, told: Promise) -> bool:
    """Whether what is known at the hand-over is to be told in the place of what was."""
    if again.latest > told.latest:
        return True
    return again.confidence is not None and (again.earliest, again.latest) != (told.earliest, told.latest)


def _as_estimate(promise: Promise) -> Estimate:
    return Estimate(
        earliest=promise.earliest, latest=promise.latest, confidence=promise.confidence, source=promise.source, reason=promise.reason,
    )


def _revise(order: Order, parcel: Parcel | None, before: Promise | None, told: Estimate, made_at: datetime) -> Promise:
    own = before is not None and before.parcel_id == (parcel.pk if parcel else None)
    if before and own and (before.earliest, before.latest, before.made_at) == (told.earliest, told.latest, made_at):
        return before
    promise = _write(order, parcel, told, revision=before.revision + 1 if before else 0, made_at=made_at)
    if own:
        Promise.objects.filter(order=order, parcel=parcel, is_open=True).exclude(pk=promise.pk).update(is_open=False)
        for other in _ledger(order):
            other.is_open = other.is_open and (other.pk == promise.pk or other.parcel_id != promise.parcel_id)
    return promise


def _write(
    order: Order, parcel: Parcel | None, told: Estimate, *, revision: int, made_at: datetime, quoted_at: datetime | None = None
) -> Promise:
    promise = Promise.build(
        order=order, parcel=parcel, earliest=told.earliest, latest=told.latest, confidence=told.confidence, source=told.source,
        reason=told.reason[:500], revision=revision, made_at=made_at, quoted_at=quoted_at,
        overdue_at=overdue_at(told.latest, zone(order.time_zone)),
    )
    # News of an order may come after its arrival or its end: such a promise is written closed.
    promise.is_open, promise.kept, promise.arrived_on = _verdict(order, promise, is_newest=True)
    promise.score_at = clock.now() if promise.arrived_on else promise.overdue_at
    ledger: list[Promise] = getattr(order, _LEDGER, [])
    if hasattr(order, _UNWRITTEN) and not ledger:
        getattr(order, _UNWRITTEN).append(promise)
    else:
        write_first([order])
        promise.save(force_insert=True)
        promise_made.send_robust(sender=Promise, promise=promise)
    ledger.append(promise)
    return promise


def _rank(promise: Promise) -> tuple[bool, int, int]:
    """A parcel's own promises before the whole order's, newer ones before older ones."""
    return promise.parcel_id is not None, promise.revision, promise.pk


def _newest_of_each_chain(promises: Iterable[Promise]) -> list[Promise]:
    return list({promise.parcel_id: promise for promise in sorted(promises, key=_rank)}.values())


def _verdict(order: Order, promise: Promise, *, is_newest: bool) -> Verdict:
    """Open, kept and arrived, as the state of order and parcel has it.

    ``kept`` is False before the arrival where the day passed and the lateness was told: such a promise stays closed.
    """
    arrived_at = (promise.parcel.delivered_at if promise.parcel else None) or order.delivered_at
    if arrived_at:
        arrived_on = arrived_at.astimezone(zone(order.time_zone)).date()
        return False, arrived_on <= promise.latest, arrived_on
    kept = False if promise.kept is False else None
    return is_newest and kept is None and order.cancelled_at is None, kept, None
