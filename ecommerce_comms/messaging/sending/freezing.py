"""The words of new messages are kept before the first of them leaves, so that whoever tries again says the same."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from django.db import connections, router, transaction

from ecommerce_comms import clock
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.models import Attempt, Message
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.prepared import TEXT, Read
from ecommerce_comms.rows import update_each

FROZEN = ("words", "subject", "text_source", "text_version")
_HELD = Read(Message, lambda token: Message.objects.filter(state=Message.State.SENDING, lease_token=token).values_list("pk"), TEXT)


@again_after_deadlock
def freeze(messages: Sequence[Message], token: str) -> set[int]:
    """Write what ``messages`` say into their rows, and for each whose own text failed a line of its story why.

    Only those that are still under ``token`` are written; returns the keys of the others, which must not leave: somebody erased
    them, or another worker has them now.
    """
    failures = [_failure(message) for message in messages if message.words.get("failure")]
    alias = router.db_for_write(Message)
    # psycopg sends a batch as one transaction by itself; elsewhere each statement would be one, and be waited for.
    is_one = connections[alias].vendor == "postgresql" or len(messages) == 1
    with nullcontext() if is_one and not failures else transaction.atomic(using=alias):
        written = update_each(messages, FROZEN, guard={"lease_token": token})
        if failures:
            Attempt.objects.bulk_create(failures)
    if written == len(messages):
        return set()
    return {message.pk for message in messages} - {pk for pk, in _HELD.rows(token)}


def _failure(message: Message) -> Attempt:
    return Attempt(message=message, number=0, ended_at=clock.now(), outcome=Attempt.Outcome.OWN_TEXT,
                   answer=mask(message.words["failure"])[:1000])
