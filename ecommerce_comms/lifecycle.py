"""What sets off what: one table, and the few lines that walk it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import transaction

from ecommerce_comms.conf import conf
from ecommerce_comms.journeys import planning
from ecommerce_comms.messaging import outbox
from ecommerce_comms.orders import events as order_events
from ecommerce_comms.orders import state
from ecommerce_comms.orders.history import History, by_order, open_histories
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.rows import update_each
from ecommerce_comms.shipping import delays, promises

log = logging.getLogger(__name__)
Reaction = Callable[[History, OrderEvent], object]


def promise_at_order(history: History, event: OrderEvent) -> object:
    """Make the first promise: what the customer was shown, or what the estimator says."""
    return promises.at_order(history.order, history.order.as_snapshot)


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


def process(event_id: int, *, counted: bool = False) -> bool:
    """Deal with one event, once; ``False`` if that was done already or has to wait.

    A failure is raised, and counted on the event unless the caller has ``counted`` the attempt beforehand.
    """
    event = OrderEvent.objects.filter(pk=event_id).first()
    if event is None or event.state == OrderEvent.State.PROCESSED:
        return False
    if event.snapshot is None and not order_events.read_again(event):
        _failed(event, event.error or "The shop's order was not found.", counted)
        return False
    group = _together(event)
    for each in group:
        if each.kind == "order_placed" and not (each.snapshot or {}).get("lines"):
            order_events.read_again(each)  # told before its lines were saved: they are there by now
    try:
        _process_group(group, event)
    except Exception as error:
        _failed(event, f"{type(error).__name__}: {error}", counted)
        raise
    return True


def _together(event: OrderEvent) -> list[OrderEvent]:
    """``event`` and what else waits of its order, as it happened: so is the customer told, whichever wake-up comes first."""
    waiting = OrderEvent.objects.filter(order_key=event.order_key, state=OrderEvent.State.NEW, snapshot__isnull=False)
    return sorted([event, *waiting.exclude(pk=event.pk)], key=lambda each: (each.occurred_at, each.pk))


def _process_group(group: list[OrderEvent], event: OrderEvent) -> None:
    try:
        process_batch(group)
    except Exception:
        if len(group) == 1:
            raise
        log.exception("The events of order %s could not be processed together.", event.order_reference)
        process_batch([event])


@again_after_deadlock
def process_batch(events: Sequence[OrderEvent]) -> None:
    """Deal with events in one transaction: all of them, or none."""
    with transaction.atomic():
        histories = open_histories(events)
        fresh = _not_yet_processed(events)
        groups = by_order(fresh)
        state.save([(histories[key].order, state.apply(histories[key], group)) for key, group in groups.items()])
        promises.prefetch([histories[key].order for key in groups])
        planner = planning.Planner(histories.values())
        for key, group in groups.items():
            for event in group:
                for reaction in LIFECYCLE[event.kind]:
                    reaction(histories[key], event)
            planner.plan(histories[key], group)
        outbox.put(planner.new)
        _mark_processed(fresh, histories)


def _not_yet_processed(events: Sequence[OrderEvent]) -> list[OrderEvent]:
    """Under the orders' locks: another worker may have been here first."""
    done = OrderEvent.objects.filter(pk__in=[event.pk for event in events], state=OrderEvent.State.PROCESSED)
    known = set(done.values_list("pk", flat=True))
    return [event for event in events if event.pk not in known]


def _mark_processed(events: Sequence[OrderEvent], histories: dict[str, History]) -> None:
    for event in events:
        event.order, event.state = histories[event.order_key].order, OrderEvent.State.PROCESSED
    update_each(events, ["order", "state"])


def _failed(event: OrderEvent, error: str, counted: bool) -> None:
    attempts = event.attempts + (not counted)
    given_up = attempts >= conf.MAX_ATTEMPTS
    state_now = OrderEvent.State.FAILED if given_up else OrderEvent.State.NEW
    unfinished = OrderEvent.objects.filter(pk=event.pk).exclude(state=OrderEvent.State.PROCESSED)
    unfinished.update(attempts=attempts, error=error[:2000], state=state_now)
    log.error("Event %s (%s of order %s) failed %d times%s: %s", event.pk, event.kind, event.order_reference, attempts,
              " and is given up" if given_up else "", error)
