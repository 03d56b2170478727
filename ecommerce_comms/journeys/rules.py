"""The rules: one row for each kind of message, in the order of an order's life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.prepared import Read

Overtaken = Callable[[History, Parcel | None, OrderEvent], bool]


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What is built in about a kind of message; a merchant's ``Rule`` row adds on/off and the delay."""

    kind: str
    trigger: str
    """Kind of the event that sets it off."""
    purpose: str = Message.Purpose.TRANSACTIONAL
    delay_hours: int = 0
    expires_after: timedelta = timedelta(days=7)
    """Once due for so long it is no news any more."""
    per_parcel: bool = False
    """Said once for each parcel rather than once for each event."""
    once: bool = False
    """Said once for an order, however many events set it off."""
    follow_up: bool = False
    """Waits for the last parcel, and while something is wrong."""
    tells_promise: bool = False
    tells_others: bool = False
    """Also said to those whom the order names besides the customer (``OrderSnapshot.recipients``)."""
    overtaken: Overtaken = lambda history, parcel, event: False
    """Whether later facts have made it a step back."""


def _since(moment: datetime | None, event: OrderEvent) -> bool:
    return moment is not None and moment >= event.occurred_at


def _happened(history: History, kinds: set[str], event: OrderEvent, *, after: bool = False) -> bool:
    """Whether a fact of ``kinds`` is known about the event's parcel (about any, if it names none)."""
    reference = (event.parcel or {}).get("reference")
    return any(
        other.kind in kinds and (not after or other.occurred_at >= event.occurred_at)
        and (not reference or not other.parcel or other.parcel.get("reference") == reference)
        for other in history.events
    )


def _arrived(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return bool(parcel.delivered_at if parcel else history.order.delivered_at)


def _on_the_last_mile(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return _arrived(history, parcel, event) or _happened(history, {"order_out_for_delivery", "order_ready_for_pickup"}, event)


def _not_today(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return _arrived(history, parcel, event) or _happened(history, {"delivery_failed", "order_ready_for_pickup"}, event, after=True)


def _shipped(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return any(known.shipped_at or known.delivered_at for known in history.parcels.values())


def _paid(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return _since(history.order.paid_at, event)


def _tried_again(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return _arrived(history, parcel, event) or _happened(history, {"order_ready_for_pickup"}, event, after=True)


def _cleared(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return _arrived(history, parcel, event) or _happened(history, {"order_back_on_track"}, event, after=True)


def _undone(history: History, parcel: Parcel | None, event: OrderEvent) -> bool:
    return not _arrived(history, parcel, event) and parcel is not None


DAY = timedelta(days=1)
SPECS: dict[str, Spec] = {spec.kind: spec for spec in (
    Spec(kind="order_placed", trigger="order_placed", once=True, tells_promise=True),
    Spec(kind="order_paid", trigger="order_paid", once=True),
    Spec(kind="payment_failed", trigger="payment_failed", overtaken=_paid, expires_after=2 * DAY),
    Spec(kind="order_changed", trigger="order_changed"),
    Spec(kind="order_processed", trigger="order_processed", once=True, overtaken=_shipped, expires_after=2 * DAY),
    Spec(kind="order_shipped", trigger="order_shipped", tells_others=True, per_parcel=True, tells_promise=True,
         overtaken=_on_the_last_mile),
    Spec(kind="order_out_for_delivery", trigger="order_out_for_delivery", tells_others=True, per_parcel=True,
         overtaken=_not_today, expires_after=DAY),
    Spec(kind="order_ready_for_pickup", trigger="order_ready_for_pickup", tells_others=True, per_parcel=True, overtaken=_arrived),
    Spec(kind="order_delivered", trigger="order_delivered", tells_others=True, per_parcel=True, overtaken=_undone),
    Spec(kind="delivery_failed", trigger="delivery_failed", tells_others=True, overtaken=_tried_again, expires_after=2 * DAY),
    Spec(kind="order_delayed", trigger="order_delayed", tells_others=True, tells_promise=True, overtaken=_cleared, expires_after=3 * DAY),
    Spec(kind="order_back_on_track", trigger="order_back_on_track", tells_others=True, tells_promise=True,
         overtaken=_arrived, expires_after=3 * DAY),
    Spec(kind="order_cancelled", trigger="order_cancelled", once=True, tells_promise=True),
    Spec(kind="order_refunded", trigger="order_refunded"),
    Spec(kind="return_requested", trigger="return_requested"),
    Spec(kind="return_received", trigger="return_received"),
    Spec(kind="review_request", trigger="order_delivered", purpose=Message.Purpose.SERVICE, delay_hours=7 * 24, once=True, follow_up=True,
         expires_after=30 * DAY),
)}


def triggered_by(kind: str) -> list[Spec]:
    """The rules that an event of ``kind`` sets off."""
    return [spec for spec in SPECS.values() if spec.trigger == kind]


_RULES = Read(Rule, Rule.objects.all)


def merchants_rules() -> dict[str, Rule]:
    """What the merchant has set, by kind; a kind without a row has its built-in settings."""
    rows = {rule.kind: rule for rule in _RULES.objects()}
    return {kind: rows.get(kind) or Rule(kind=kind, delay_hours=spec.delay_hours) for kind, spec in SPECS.items()}


def ensure_rows(**_signal: object) -> None:
    """Give each kind its row, so that the admin shows all; what a merchant has set stays."""
    known = set(Rule.objects.values_list("kind", flat=True))
    Rule.objects.bulk_create(
        [Rule(kind=kind, delay_hours=spec.delay_hours) for kind, spec in SPECS.items() if kind not in known], ignore_conflicts=True
    )
