"""What sets off what: one table, and the few lines that walk it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connections, router, transaction
from django.db.models import OuterRef, Subquery

from ecommerce_comms import masking, tracing
from ecommerce_comms.conf import conf
from ecommerce_comms.journeys import planning
from ecommerce_comms.lookups import among
from ecommerce_comms.messaging import outbox
from ecommerce_comms.orders import events as order_events
from ecommerce_comms.orders import redaction, state, waiting
from ecommerce_comms.orders.history import History, by_order, open_histories
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.prepared import NUMBERS, Write
from ecommerce_comms.shipping import delays, promises
from ecommerce_comms.shipping.carriers import attaching

log = masking.logger(__name__)
Reaction = Callable[[History, OrderEvent], object]


def promise_at_order(history: History, event: OrderEvent) -> object:
    """Make the first promise: what the customer was shown, or what the estimator says."""
    return promises.at_order(history.order, history.order.as_snapshot, str(event.data.get("quote") or ""))


def promise_at_shipping(history: History, event: OrderEvent) -> object:
    """Make the parcel's promise, now that the day of its hand-over is known."""
    parcel = history.parcel_of(event)
    return parcel and parcel.shipped_at and promises.at_shipping(history.order, parcel, parcel.shipped_at)


def settle_promises(history: History, event: OrderEvent) -> None:
    """Close the promises of what has arrived, or of what never will."""
    promises.settle(history.order)


def promise_after_delay(history: History, event: OrderEvent) -> object:
    """Keep the new window that a delay brings."""
    return delays.on_delayed(history.order, history.parcel_of(event) if event.parcel else None, event.data, event.occurred_at)


def promise_after_recovery(history: History, event: OrderEvent) -> object:
    """Keep the window that holds again."""
    return delays.on_back_on_track(history.order, history.parcel_of(event) if event.parcel else None, event.data, event.occurred_at)


#: Event → reactions, in this order. Before them the order's state is told by its events; after them journeys decide what is said.
LIFECYCLE: dict[str, tuple[Reaction, ...]] = {
    "order_placed": (promise_at_order,),
    "order_paid": (promise_at_order,),
    "payment_failed": (),
    "order_changed": (),
    "order_processed": (),
    "order_shipped": (promise_at_order, promise_at_shipping, settle_promises),
    "order_out_for_delivery": (),
    "order_ready_for_pickup": (),
    "order_delivered": (settle_promises,),
    "delivery_failed": (settle_promises,),
    "order_delayed": (promise_after_delay,),
    "order_back_on_track": (promise_after_recovery,),
    "order_cancelled": (settle_promises,),
    "order_refunded": (),
    "return_requested": (),
    "return_received": (),
}


def process_waiting(limit: int | None = None, enough: Callable[[], bool] = lambda: False) -> int:
    """Deal with the events that wait, batch after batch; returns how many were processed.

    Ends when none is due, when ``limit`` were taken, or when after a batch it is ``enough``.
    """
    taken = done = 0
    while limit is None or taken < limit:
        size = conf.BATCH_SIZE if limit is None else min(conf.BATCH_SIZE, limit - taken)
        batch = waiting.claim(size)
        done += _process(batch)
        taken += len(batch)
        if len(batch) < size or enough():
            break
    return done


def process_next() -> int:
    """Deal with one batch of the events that wait; returns how many were taken."""
    batch = waiting.claim(conf.BATCH_SIZE)
    _process(batch)
    return len(batch)


@again_after_deadlock
def process_batch(events: Sequence[OrderEvent], *, alone: bool = False) -> None:
    """Deal with events in one transaction: all of them, or none.

    What else waits of their orders is dealt with as well unless they are to be ``alone``: so is the customer told in the order
    in which it happened, whichever worker comes first.
    """
    with transaction.atomic(using=router.db_for_write(OrderEvent)):
        histories = open_histories(events)
        fresh = _to_do(events, histories, alone)
        redaction.redact_told(histories, fresh)
        groups = by_order(fresh)
        state.save([(histories[key].order, state.apply(histories[key], group)) for key, group in groups.items()])
        told = [histories[key] for key in groups]
        promises.prefetch([each.order for each in told if not each.is_new], [each.order for each in told if each.is_new])
        planner = planning.Planner(histories.values())
        for key, group in groups.items():
            for event in group:
                with tracing.span("process", event.event_key, kind=event.kind):
                    for reaction in LIFECYCLE[event.kind]:
                        reaction(histories[key], event)
            planner.plan(histories[key], group)
        promises.write_first(each.order for each in told)
        delays.keep_up(told)
        outbox.put(planner.new)
        _mark_processed(fresh)
        attaching.on_told(_numbered(histories, fresh))


def _process(batch: Sequence[OrderEvent]) -> int:
    """Deal with claimed events; those that failed before, or took their worker with them, one by one."""
    readable = [event for event in batch if _is_readable(event)]
    first = [event for event in readable if event.attempts <= 1]
    return _together(first) + sum(_alone(event) for event in readable if event.attempts > 1)


def _is_readable(event: OrderEvent) -> bool:
    if event.snapshot is None and not order_events.read_again(event):
        waiting.failed(event, event.error or "The shop's order was not found.")
        return False
    if event.kind == "order_placed" and not (event.snapshot or {}).get("lines"):
        order_events.read_again(event)  # told before its lines were saved: they are there by now
    return True


def _together(events: Sequence[OrderEvent]) -> int:
    """One transaction for all, or else one for each order, or else one for each event: none holds up its neighbours."""
    if not events:
        return 0
    try:
        process_batch(events)
    except Exception as error:
        _raise_if_lost()
        groups = by_order(events)
        if len(groups) > 1:
            log.exception("%d events could not be processed together.", len(events))
            return sum(_together(group) for group in groups.values())
        return _one_by_one(events, error)
    return len(events)


def _one_by_one(events: Sequence[OrderEvent], error: Exception) -> int:
    """Deal with the events of one order, which could not be processed together."""
    if len(events) == 1 and not waiting.others(events[0]):
        return _fail(events[0], error)
    log.warning("The events of order %s could not be processed together.", events[0].order_reference, exc_info=error)
    return sum(_alone(event) for event in events)


def _alone(event: OrderEvent) -> int:
    try:
        process_batch([event], alone=True)
    except Exception as error:
        _raise_if_lost()
        return _fail(event, error)
    return 1


def _fail(event: OrderEvent, error: Exception) -> int:
    log.error("Event %s could not be processed.", event.pk, exc_info=error)
    waiting.failed(event, f"{type(error).__name__}: {error}")
    return 0


def _raise_if_lost() -> None:
    """Leave everything to the next attempt if the database has gone: that is no event's fault."""
    connection = connections[router.db_for_write(OrderEvent)]
    if connection.connection is None or not connection.is_usable():
        raise  # the error that is being handled


def _to_do(events: Sequence[OrderEvent], histories: dict[str, History], alone: bool) -> list[OrderEvent]:
    """Under the orders' locks: another worker may have been here first."""
    told = {event.id: event for event in events}
    known = [event for history in histories.values() for event in history.events]
    fresh = [told[event.id] for event in known if event.id in told and event.state != OrderEvent.State.PROCESSED]
    return fresh if alone else [*fresh, *waiting.companions(event for event in known if event.id not in told)]


def _numbered(histories: dict[str, History], events: Sequence[OrderEvent]) -> list[Parcel]:
    """The parcels that the shop has just named or put right: carriers may have told of their numbers before."""
    told = {(event.order_key, event.parcel.get("reference", "1")) for event in events
            if event.parcel and event.parcel.get("tracking_number")}
    return [parcel for key, name in sorted(told) if (parcel := histories[key].parcels.get(name)) is not None]


def _mark_processed(events: Sequence[OrderEvent]) -> None:
    _MARK_PROCESSED({event.id for event in events})


_MARK_PROCESSED = Write(OrderEvent, lambda keys: (
    OrderEvent.objects.filter(among("id", keys)),
    {"state": OrderEvent.State.PROCESSED, "order": Subquery(Order.objects.filter(key=OuterRef("order_key")).values("pk"))},
), NUMBERS)
