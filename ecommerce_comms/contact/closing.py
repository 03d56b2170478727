"""Calls that nobody needs any more, and how a call is closed."""

from __future__ import annotations

from django.db import router, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from ecommerce_comms import clock, keys
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION
from ecommerce_comms.orders.models import OrderEvent

By, State, Ending = CallbackRequest.By, CallbackRequest.State, CallbackRequest.Ending
OPEN = (State.WAITING, State.TAKEN)
BEFORE_ARRIVAL = frozenset({
    "order_placed", "order_paid", "order_changed", "order_processed", "order_shipped", "order_out_for_delivery", "order_ready_for_pickup",
    "delivery_failed", "order_delayed", "order_back_on_track",
})
"""What nobody needs to hear once the parcel has arrived."""
FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"order_delayed", "order_back_on_track"}),
    frozenset({"order_shipped", "order_out_for_delivery", "order_ready_for_pickup", "delivery_failed", "order_delivered"}),
)
"""Kinds of which the newest about a parcel says all that the ones before it would have said."""
REASONS: dict[str, str] = {
    Ending.ERASED: Message.Reason.ERASED, Ending.DELIVERED: Message.Reason.STALE, Ending.OVERTAKEN: Message.Reason.STALE,
}
"""Why a message was not told after all, where it is not that the order has changed."""


def close_unneeded(calls: QuerySet[CallbackRequest] | None = None) -> int:
    """Close what waits in ``calls`` (or at all) and is no longer needed; returns how many there were."""
    waiting = (CallbackRequest.objects.all() if calls is None else calls).filter(state=State.WAITING)
    return sum(
        close(item, State.NOT_NEEDED, ending) for ending, condition in UNNEEDED.items() for item in list(waiting.filter(condition))
    )


def why_unneeded(item: CallbackRequest) -> str:
    """Why nobody needs this call any more, in words; empty if it is still needed."""
    same = CallbackRequest.objects.filter(pk=item.pk)
    return next((str(Ending(ending).label) for ending, condition in UNNEEDED.items() if same.filter(condition).exists()), "")


def overtake(newer: CallbackRequest) -> int:
    """Close what waits about the same order and parcel and says less than ``newer``; returns how many there were."""
    kinds = next((family for family in FAMILIES if newer.kind in family), {newer.kind})
    if newer.order_id is None or newer.message is None:
        return 0
    older = CallbackRequest.objects.filter(
        state=State.WAITING, by=By.MESSAGE, order=newer.order_id, number_hash=newer.number_hash, kind__in=kinds, pk__lt=newer.pk,
        message__parcel=newer.message.parcel_id,
    )
    return sum(close(item, State.NOT_NEEDED, Ending.OVERTAKEN) for item in list(older))


def close(item: CallbackRequest, state: str, ending: str) -> int:
    """Close ``item`` if it waits; its message is taken back if it was not needed. Returns 1 if it was closed by this, else 0."""
    with transaction.atomic(using=router.db_for_write(CallbackRequest)):
        closed = CallbackRequest.objects.filter(pk=item.pk, state=State.WAITING).update(**closed_as(item, state, ending))
        if closed and state == State.NOT_NEEDED and item.message_id:
            outbox.take_back(item.message_id, REASONS.get(ending, Message.Reason.OBSOLETE))
    return closed


def closed_as(item: CallbackRequest, state: str, ending: str) -> dict[str, object]:
    """The fields of ``item`` once it is closed. A message keeps its key, so that it is never put on the list again."""
    key = item.key if item.by == By.MESSAGE else keys.make("closed", item.pk)
    return {"state": state, "ending": ending, "closed_at": clock.now(), "taken_by": None, "taken_at": None, "key": key}


def _told(kinds: frozenset[str]) -> Q:
    return Q(by=By.MESSAGE, kind__in=kinds)


UNNEEDED: dict[str, Q | Combinable] = {
    Ending.ERASED: Q(customer__erased_at__isnull=False),
    # Also where nobody has processed the cancellation yet.
    Ending.CANCELLED: Q(by=By.MESSAGE) & ~Q(kind__in=AFTER_CANCELLATION) & (
        Q(order__cancelled_at__isnull=False) | Exists(OrderEvent.objects.filter(order_key=OuterRef("order__key"), kind="order_cancelled"))
    ),
    Ending.DELIVERED: _told(BEFORE_ARRIVAL) & (Q(order__delivered_at__isnull=False) | Q(message__parcel__delivered_at__isnull=False)),
}
"""When a call is no longer needed. Who asked to be called is called, whatever becomes of the order."""
