"""How decisions become rows: made ready, and announced to whoever sends them. ``outbox`` is the door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import router, transaction

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.exceptions import TemplateError, WrongPurpose
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders import waker
from ecommerce_comms.signals import message_skipped

LANES: dict[str, str] = {
    Message.Purpose.TRANSACTIONAL: Message.Lane.ORDERS,
    Message.Purpose.SERVICE: Message.Lane.ORDERS,
    Message.Purpose.TRACKING: Message.Lane.ORDERS,
    Message.Purpose.MARKETING: Message.Lane.OFFERS,
}
"""Advertising waits in a lane of its own, so that it never delays what is about an order."""


def make_ready(rows: Iterable[Message]) -> None:
    """Fill in what every new message has; raises ``TemplateError`` if there is no text for the kind of one, and ``WrongPurpose``."""
    rows = list(rows)
    _require_texts(rows)
    _require_purposes(rows)
    for row in rows:
        row.message_id = f"{row.uid.hex}@{message_domain()}"
        row.lane, row.recipient_hash = LANES[row.purpose], address_hash(row.recipient)


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


def announce(rows: Iterable[Message]) -> None:
    """Tell of decisions that were written, and wake a worker for what is due."""
    rows = list(rows)
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
