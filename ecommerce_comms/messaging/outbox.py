"""The door of messaging: decisions are put in here, and here they are taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db import router, transaction
from django.db.models import QuerySet

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.exceptions import TemplateError, WrongPurpose
from ecommerce_comms.messaging.models import Attempt, Message, Template
from ecommerce_comms.messaging.sending import births
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders import waker
from ecommerce_comms.orders.models import Order
from ecommerce_comms.rows import insert_many
from ecommerce_comms.signals import message_skipped

LANES: dict[str, str] = {
    Message.Purpose.TRANSACTIONAL: Message.Lane.ORDERS,
    Message.Purpose.SERVICE: Message.Lane.ORDERS,
    Message.Purpose.MARKETING: Message.Lane.OFFERS,
}
"""Advertising waits in a lane of its own, so that it never delays what is about an order."""
_JUDGED = ("state", "reason", "due_at", "expires_at", "facts", "recipient", "recipient_hash", "recipient_name")
UNSENT = (Message.State.QUEUED, Message.State.SCHEDULED, Message.State.HELD)


def put(messages: Iterable[Message]) -> None:
    """Keep new decisions; one whose ``dedupe_key`` is known changes nothing. Wakes a worker for what is due.

    Raises ``TemplateError``, and keeps none of them, if there is no text for the kind of one; ``WrongPurpose``, if one has another
    purpose than the shop has declared for its kind.
    """
    rows = list(messages)
    _require_texts(rows)
    _require_purposes(rows)
    for row in rows:
        row.message_id = f"{row.uid.hex}@{message_domain()}"
        row.lane, row.recipient_hash = LANES[row.purpose], address_hash(row.recipient)
    if rows:
        births.adopt(rows)
        insert_many(rows, unique="dedupe_key")
        _announce(rows)


def change(messages: Iterable[Message]) -> None:
    """Write decisions that were judged anew; a message that a worker took meanwhile stays as it is."""
    rows = list(messages)
    for row in rows:
        row.recipient_hash = address_hash(row.recipient)
        values = {name: getattr(row, name) for name in _JUDGED if name not in row.get_deferred_fields()}
        Message.objects.filter(pk=row.pk, state__in=UNSENT).update(**values)
    _announce(rows)


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


def has_text(message: Message) -> bool:
    """Whether there is a text for the kind of ``message``, built-in or the merchant's own in its language."""
    return not _without_text([message])


def _without_text(rows: Iterable[Message]) -> list[tuple[str, str]]:
    """Kinds and languages of ``rows`` for which there is no text."""
    unknown = {(row.kind, row.language) for row in rows if row.kind not in texts.KINDS}
    if not unknown:
        return []
    own = Template.objects.filter(kind__in={kind for kind, _ in unknown}, is_active=True)
    return sorted(unknown - set(own.values_list("kind", "language")))


def _require_texts(rows: Iterable[Message]) -> None:
    """What has no words could never be sent; told here, whoever put it learns of it, and not the merchant days later."""
    if missing := _without_text(rows):
        kind, language = missing[0]
        raise TemplateError(
            f"messaging.outbox.put was given a message of the kind {kind!r} in the language {language!r}, for which there is no text. "
            f"Use one of the kinds {', '.join(texts.KINDS)}, or make a Template with this kind and language first.")


def _require_purposes(rows: Iterable[Message]) -> None:
    """Advertising that calls itself news of an order would be sent to people who never agreed to it."""
    declared = texts.KINDS_OF_SHOP
    for row in rows if declared else ():
        if row.kind in declared and row.purpose != declared[row.kind].purpose:
            raise WrongPurpose(
                f"messaging.outbox.put was given a message of the kind {row.kind!r} with the purpose {str(row.purpose)!r}, but "
                f'MESSAGE_KINDS says {declared[row.kind].purpose!r}. Give the message that purpose, or change the setting.')


def message_domain() -> str:
    """Domain of our Message-IDs: the sender's."""
    domain = conf.from_email.rpartition("@")[2].strip("> ")
    return domain.encode("idna").decode("ascii") if domain else "localhost"


def _announce(rows: list[Message]) -> None:
    now: datetime = clock.now()
    for row in rows:
        if row.state == Message.State.SKIPPED:
            message_skipped.send_robust(sender=Message, message=row)
    wake({row.lane for row in rows if row.state == Message.State.QUEUED and row.due_at <= now})


def wake(lanes: Iterable[str]) -> None:
    """Wake a worker for each of ``lanes`` once the transaction is committed."""
    for lane in lanes:
        transaction.on_commit(partial(waker.wake, WAKES[lane]), using=router.db_for_write(Message), robust=True)


WAKES: dict[str, str] = {Message.Lane.ORDERS: waker.WORK, Message.Lane.OFFERS: waker.OFFERS}
"""The task that empties a lane."""
