"""Messages that are not about an order, made by hand, and a worker that sends none but keeps what it would do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from ecommerce_comms import clock
from ecommerce_comms.customers import consents
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.messaging import calm
from ecommerce_comms.messaging.models import Message

ASHA, BEN = "asha@customers.example", "ben@customers.example"


def offer(recipient: str = ASHA, **changes: Any) -> Message:
    """A message to ``recipient`` that a worker has claimed; advertising, if ``changes`` say nothing else."""
    usual: dict[str, Any] = {
        "kind": "review_request", "purpose": "marketing", "language": "en",
        "recipient": recipient, "recipient_hash": address_hash(recipient), "dedupe_key": uuid4().hex,
        "state": "sending", "due_at": clock.now(), "expires_at": clock.now() + timedelta(days=30),
    }
    values = {**usual, **changes}
    return Message.objects.create(lane="offers" if values["purpose"] == "marketing" else "orders", **values)


def agree(recipient: str = ASHA, topic: str = "marketing") -> None:
    """A yes at the checkout."""
    consents.grant(recipient, topic=topic, where="checkout", words="Yes, mail me your offers.")


def send(*messages: Message) -> list[tuple[str, str]]:
    """Look, keep what was decided, and count the rest as sent; state and reason of each."""
    now = clock.now()
    held = {verdict.message.pk: verdict for verdict in calm.look(messages, now)}
    for message in messages:
        if verdict := held.get(message.pk):
            message.state, message.reason, message.due_at = verdict.state, verdict.reason, verdict.due_at
        else:
            message.state, message.reason, message.sent_at = "sent", "", now
        message.save()
    return [(message.state, message.reason) for message in messages]


def send_one(message: Message) -> tuple[str, str]:
    """``send`` for a single message."""
    return send(message)[0]
