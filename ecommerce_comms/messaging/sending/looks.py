"""The last look before sending: what the time, a cancellation, a refusal or a lost address has overtaken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecommerce_comms import clock
from ecommerce_comms.lookups import among
from ecommerce_comms.messaging import calm, channels
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.sending import moving
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.prepared import TEXTS, Read

State, Reason = Message.State, Message.Reason


def last_look(messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """The messages that are still wanted now, and the others, each with its new state and reason."""
    now = clock.now()
    cancelled = _cancelled(messages)
    wanted = []
    for message in messages:
        verdict = _judge(message, cancelled, now)
        if verdict:
            message.state, message.reason = verdict
        else:
            wanted.append(message)
    for held in calm.look(wanted, now):
        message = held.message
        message.state, message.reason, message.due_at = held.state, held.reason, held.due_at
        message.attempts -= 1
    return [message for message in wanted if message.state == State.SENDING], [each for each in messages if each.state != State.SENDING]


def _judge(message: Message, cancelled: set[str], now: datetime) -> tuple[str, str] | None:
    if message.order and message.order.key in cancelled and message.kind not in AFTER_CANCELLATION:
        return State.SKIPPED, Reason.OBSOLETE
    if message.customer and message.customer.erased_at:
        return State.SKIPPED, Reason.ERASED
    if message.expires_at and message.expires_at < now:
        # What was tried and never got through is a failure that can be replayed; what never came to its turn is no news.
        return (State.FAILED, Reason.UNREACHABLE) if message.attempts > 1 else (State.SKIPPED, Reason.STALE)
    if verdict := moving.settle(message):
        return verdict
    if not channels.usable(message.backend, message.recipient):
        return State.SKIPPED, Reason.NO_ADDRESS
    return None


def _cancelled(messages: Sequence[Message]) -> set[str]:
    """Keys of the orders that were cancelled, also where nobody has processed that yet."""
    keys = {message.order.key for message in messages if message.order and message.kind not in AFTER_CANCELLATION}
    return {key for key, in _CANCELLED.rows(keys)}


_CANCELLED = Read(OrderEvent, lambda keys: (
    OrderEvent.objects.filter(among("order_key", keys), kind="order_cancelled").values_list("order_key")
), TEXTS)
