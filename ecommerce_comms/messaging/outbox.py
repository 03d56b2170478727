"""The door of messaging: decisions are put in here, and here they are taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import router, transaction
from django.db.models import QuerySet

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.messaging.decisions import announce, has_text, make_ready, message_domain, wake
from ecommerce_comms.messaging.models import Attempt, Message
from ecommerce_comms.messaging.sending import births
from ecommerce_comms.orders.models import Order
from ecommerce_comms.rows import insert_many
from ecommerce_comms.signals import message_skipped

__all__ = ["UNSENT", "change", "has_text", "message_domain", "put", "retry", "take_back", "unsent"]
_JUDGED = ("state", "reason", "due_at", "expires_at", "facts", "backend", "recipient", "recipient_hash", "recipient_name")
UNSENT = (Message.State.QUEUED, Message.State.SCHEDULED, Message.State.HELD)


def put(messages: Iterable[Message]) -> None:
    """Keep new decisions; one whose ``dedupe_key`` is known changes nothing. Wakes a worker for what is due.

    Raises ``TemplateError``, and keeps none of them, if there is no text for the kind of one; ``WrongPurpose``, if one has another
    purpose than the shop has declared for its kind.
    """
    rows = list(messages)
    make_ready(rows)
    if rows:
        births.adopt(rows)
        insert_many(rows, unique="dedupe_key")
        announce(rows)


def change(messages: Iterable[Message]) -> None:
    """Write decisions that were judged anew; a message that a worker took meanwhile stays as it is."""
    rows = list(messages)
    for row in rows:
        row.recipient_hash = address_hash(row.recipient)
        values = {name: getattr(row, name) for name in _JUDGED if name not in row.get_deferred_fields()}
        Message.objects.filter(pk=row.pk, state__in=UNSENT).update(**values)
    announce(rows)


def unsent(order: Order) -> QuerySet[Message]:
    """Messages about ``order`` that can still be judged anew."""
    return Message.objects.filter(order=order, state__in=UNSENT)


def retry(messages: QuerySet[Message], by: str = "") -> int:
    """Queue messages again that were given up; returns how many. Each keeps its Message-ID and its mark of a possible duplicate.

    That they were queued again, and who did so (``by``, the name of a user), is a line of each message's story.
    """
    mark, now = uuid4().hex, clock.now()
    with transaction.atomic(using=router.db_for_write(Message)):
        # Marked by the UPDATE itself, so that of two who do this at once only one leaves a line.
        count = messages.filter(state=Message.State.FAILED).update(
            state=Message.State.QUEUED, reason="", due_at=now, attempts=0, lease_token=mark, provider_until=None,
            expires_at=now + timedelta(days=conf.STALE_AFTER_DAYS),
        )
        mine = Message.objects.filter(state=Message.State.QUEUED, lease_token=mark)
        again = Attempt.Outcome.AGAIN
        lines = [Attempt(message_id=pk, number=0, ended_at=now, outcome=again, answer=by) for pk in mine.values_list("pk", flat=True)]
        Attempt.objects.bulk_create(lines, batch_size=500)
        mine.update(lease_token="")
    wake(Message.Lane.values)
    return count


def take_back(message: int, reason: str) -> bool:
    """Mark the message with the key ``message`` as not said after all, for ``reason`` (``Message.Reason``); returns whether it was.

    Only for what was handed over and can still be kept from the customer: it waits on the call list.
    """
    if not Message.objects.filter(pk=message, state=Message.State.SENT).update(state=Message.State.SKIPPED, reason=reason):
        return False
    row = Message.objects.get(pk=message)
    tell = partial(message_skipped.send_robust, sender=Message, message=row)
    transaction.on_commit(tell, using=router.db_for_write(Message), robust=True)
    return True
