"""The door of messaging: decisions are put in here, and here they are taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import router, transaction
from django.db.models import QuerySet

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import waker
from ecommerce_comms.orders.models import Order
from ecommerce_comms.signals import message_skipped

DELIVER = "ecommerce_comms.deliver"
_JUDGED = ("state", "reason", "due_at", "expires_at", "facts", "recipient", "recipient_name")
AFTER_CANCELLATION = frozenset({"order_cancelled", "order_refunded", "return_requested", "return_received"})
"""What may still be said about a cancelled order."""
UNSENT = (Message.State.QUEUED, Message.State.SCHEDULED, Message.State.HELD)


def put(messages: Iterable[Message]) -> None:
    """Keep new decisions; one whose ``dedupe_key`` is known changes nothing. Wakes a worker for what is due."""
    rows = list(messages)
    for row in rows:
        row.message_id = f"{row.uid.hex}@{message_domain()}"
    if rows:
        Message.objects.bulk_create(rows, ignore_conflicts=True)
        _announce(rows)


def change(messages: Iterable[Message]) -> None:
    """Write decisions that were judged anew; a message that a worker took meanwhile stays as it is."""
    rows = list(messages)
    for row in rows:
        values = {name: getattr(row, name) for name in _JUDGED if name not in row.get_deferred_fields()}
        Message.objects.filter(pk=row.pk, state__in=UNSENT).update(**values)
    _announce(rows)


def unsent(order: Order) -> QuerySet[Message]:
    """Messages about ``order`` that can still be judged anew."""
    return Message.objects.filter(order=order, state__in=UNSENT)


def retry(messages: QuerySet[Message]) -> int:
    """Queue messages again that were given up; returns how many. Each keeps its Message-ID."""
    count = messages.filter(state__in=[Message.State.FAILED]).update(
        state=Message.State.QUEUED, reason="", due_at=clock.now(), attempts=0, lease_token="", lease_until=None,
        expires_at=clock.now() + timedelta(days=conf.STALE_AFTER_DAYS),
    )
    _wake()
    return count


def message_domain() -> str:
    """Domain of our Message-IDs: the sender's."""
    domain = conf.from_email.rpartition("@")[2].strip("> ")
    return domain.encode("idna").decode("ascii") if domain else "localhost"


def _announce(rows: list[Message]) -> None:
    now: datetime = clock.now()
    for row in rows:
        if row.state == Message.State.SKIPPED:
            message_skipped.send_robust(sender=Message, message=row)
    if any(row.state == Message.State.QUEUED and row.due_at <= now for row in rows):
        _wake()


def _wake() -> None:
    transaction.on_commit(lambda: waker.wake(DELIVER), using=router.db_for_write(Message), robust=True)
