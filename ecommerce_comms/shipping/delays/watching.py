"""Keeps the list of what is waited for: a watch for each parcel on its way, or else for what of an order has not left.

What a watch says is told anew from the order's events, parcels and promises each time, so it is right whatever came first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter

from django.db import router, transaction

from ecommerce_comms import clock, keys
from ecommerce_comms.lookups import among
from ecommerce_comms.orders import history as histories_of
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.rows import insert_many, update_each
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.delays import clocks, lanes, spells
from ecommerce_comms.shipping.delays.rules import Rules, rules
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.shipping.models import Promise, Watch
from ecommerce_comms.shipping.models.watch import LONG_AGO

LAST_MILE = (Parcel.Status.OUT_FOR_DELIVERY, Parcel.Status.READY_FOR_PICKUP)
SOURCE = "delays"
"""``OrderEvent.source`` of what the detector found out."""
_TOLD = (
    "order_id", "parcel_id", "promise_id", "due_on", "lane", "carrier", "place", "zone", "ordered_at", "since", "shipped_at",
    "is_last_mile", "told", "is_told", "situation",
)
_values = attrgetter(*_TOLD)


def keep_up(histories: Collection[History]) -> None:
    """Bring the watches of these orders up to what is known of them; call it once their promises are written."""
    older = {each.order.id for each in histories if not each.is_new}
    known = {watch.key: watch for watch in Watch.objects.filter(among("order_id", older))} if older else {}
    tracked = {watch.parcel_id for watch in known.values() if watch.parcel_id}
    wanted = {watch.key: watch for each in histories for watch in wanted_of(each, tracked)}
    _write(known, wanted)


def touch(parcels: Iterable[int]) -> None:
    """Judge these parcels (their keys) again at the next sweep: their carrier said something.

    A parcel of which a carrier knows before the shop told that it left is watched from now on.
    """
    numbers = set(parcels)
    if not numbers:
        return
    Watch.objects.filter(among("parcel_id", numbers)).update(look_at=clock.now())
    missing = numbers - set(Watch.objects.filter(among("parcel_id", numbers)).values_list("parcel_id", flat=True))
    if missing:
        orders = Parcel.objects.filter(among("id", missing), delivered_at=None, order__cancelled_at=None).values_list("order_id", flat=True)
        watch(set(orders), tracked=missing)


def look_at_all() -> None:
    """Judge everything again, as after a change of the rules; the next sweeps work it off."""
    Watch.objects.update(look_at=clock.now())


def watch(orders: Collection[int], tracked: Collection[int] = ()) -> None:
    """Make, or put right, the watches of orders by their keys; ``tracked`` are parcels that a carrier knows."""
    if not orders:
        return
    with transaction.atomic(using=router.db_for_write(Watch)):
        locked = {order.key: order for order in Order.objects.select_for_update().filter(among("id", orders)).order_by("pk")}
        opened = histories_of.load(locked).values()
        promises.prefetch([each.order for each in opened])
        known = {each.key: each for each in Watch.objects.filter(among("order_id", orders))}
        followed = {each.parcel_id for each in known.values() if each.parcel_id} | set(tracked)
        _write(known, {each.key: each for one in opened for each in wanted_of(one, followed)})


def wanted_of(history: History, tracked: Collection[int | None] = ()) -> list[Watch]:
    """The watches that an order should have."""
    order = history.order
    if order.cancelled_at or order.delivered_at:
        return []
    open_parcels = [box for box in history.parcels.values() if box.delivered_at is None]
    followed: list[Parcel | None] = [box for box in open_parcels if box.shipped_at or box.id in tracked or _has_own_promise(order, box)]
    standing = rules()
    return [_watch_of(history, box, standing) for box in followed or [None]]


def watch_for(order: Order, box: Parcel | None, promise: Promise, stages: str = "") -> Watch:
    """A watch that is not kept: what there is to know of the parcel where only its promise was read."""
    return Watch.build(
        order_id=order.id, parcel_id=box.id if box else None, promise_id=promise.pk, due_on=promise.latest, lane=lanes.lane_of(order, box),
        carrier=box.carrier.lower() if box else "", place=lanes.place_of(order.as_snapshot.address), zone=order.time_zone,
        ordered_at=order.placed_at or promise.made_at, shipped_at=box.shipped_at if box else None, stages=stages,
    )


def _watch_of(history: History, box: Parcel | None, standing: Rules) -> Watch:
    order = history.order
    told, ours = _delays_told(history, box)
    measure = _measure(order, box, told[0] if ours else None)
    ordered_at = order.placed_at or (history.events[0].occurred_at if history.events else LONG_AGO)
    shipped_at = box.shipped_at if box else None
    lane, last_mile = lanes.lane_of(order, box), box is not None and box.status in LAST_MILE
    due_on = measure.latest if measure else None
    watch = Watch.build(
        key=keys.make(order.id, box.id if box else "-"), order_id=order.id, parcel_id=box.id if box else None,
        promise_id=measure.pk if measure else None, due_on=due_on, lane=lane, carrier=box.carrier.lower() if box else "",
        place=lanes.place_of(order.as_snapshot.address), zone=order.time_zone, ordered_at=ordered_at,
        since=max(ordered_at, order.paid_at or ordered_at), shipped_at=shipped_at, is_last_mile=last_mile,
        told=_times_told(history, box), is_told=bool(ours),
        situation=None if last_mile else lanes.situation_of(lane, order.time_zone, ordered_at, shipped_at, due_on),
    )
    watch.look_at = _first_look(watch, measure, standing)
    return watch


def _first_look(watch: Watch, measure: Promise | None, standing: Rules) -> datetime | None:
    """When a new watch can be found wanting at the earliest. Scans are not known yet: the first one makes it due."""
    moments = [measure.overdue_at if measure else None]
    if watch.is_told:
        moments.append(clock.now())
    if watch.shipped_at is None:
        moments.append(clocks.ship_by(watch.lane, watch.since, standing.days[Stage.NOT_SHIPPED]))
    else:
        moments.append(clocks.scan_by(watch.lane, watch.zone, watch.shipped_at, standing.days[Stage.NO_SCAN]))
    return min((moment for moment in moments if moment), default=None)


def _concerns(event: OrderEvent, box: Parcel | None) -> bool:
    """Whether an event is about the parcel, or about the order as a whole."""
    return not event.parcel or (box is not None and event.parcel.get("reference") == box.reference)


def _delays_told(history: History, box: Parcel | None) -> tuple[list[OrderEvent], bool]:
    """The delays that stand, oldest first, and whether all of them were found here: a merchant's word is not ours to clear."""
    standing: list[OrderEvent] = []
    for event in history.events:
        if event.kind == "order_back_on_track" and _concerns(event, box):
            standing.clear()
        elif event.kind == "order_delayed" and _concerns(event, box):
            standing.append(event)
    return standing, bool(standing) and all(event.source == SOURCE for event in standing)


def _times_told(history: History, box: Parcel | None) -> int:
    return sum(event.kind == "order_delayed" and _concerns(event, box) for event in history.events)


def _measure(order: Order, box: Parcel | None, first_delay: OrderEvent | None) -> Promise | None:
    """The promise by which lateness is measured: the newest, or the last one before ``first_delay`` was told."""
    newest = promises.newest(order, box)
    if first_delay is None or newest is None:
        return newest
    was = str(first_delay.data.get("was_latest", ""))
    chain = sorted(promises.chain(order, box), key=lambda promise: promise.revision, reverse=True)
    return next((promise for promise in chain if promise.latest.isoformat() == was and promise.revision < newest.revision), newest)


def _has_own_promise(order: Order, box: Parcel) -> bool:
    return any(promise.parcel_id == box.id for promise in promises.chain(order, box))


def _write(known: dict[str, Watch], wanted: dict[str, Watch]) -> None:
    """Insert, change and remove watches until ``wanted`` is what there is of these orders."""
    insert_many([each for key, each in wanted.items() if key not in known], unique="key")
    changed = []
    now = clock.now()
    for key, each in wanted.items():
        if (was := known.get(key)) is not None:
            each.id, each.look_at = was.id, now  # something happened: whatever it was, it is judged again
            changed.append(each)
    groups: dict[bool, list[Watch]] = defaultdict(list)
    for each in changed:
        groups[_values(each) == _values(known[each.key])].append(each)
    update_each(groups[False], [*_TOLD, "look_at"])
    if groups[True]:
        Watch.objects.filter(among("id", {each.id for each in groups[True]})).update(look_at=now)
    _remove([each for key, each in known.items() if key not in wanted])


def _remove(gone: Sequence[Watch]) -> None:
    """What has arrived, or never will, is late no more."""
    if gone:
        spells.end({(each.order_id, each.parcel_id): Stage.values for each in gone}, clock.now())
        Watch.objects.filter(among("id", {each.id for each in gone})).delete()
