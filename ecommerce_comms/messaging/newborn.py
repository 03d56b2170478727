"""What every new message gets before it is kept, and who is woken for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db import router, transaction

from ecommerce_comms.conf import conf
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import waker

LANES: dict[str, str] = {Message.Purpose.MARKETING: Message.Lane.OFFERS}
"""Advertising waits in a lane of its own, so that it never delays what is about an order."""
WAKES: dict[str, str] = {Message.Lane.ORDERS: waker.WORK, Message.Lane.OFFERS: waker.OFFERS}
"""The task that empties a lane."""


def complete(message: Message) -> None:
    """Give a message that is not saved yet its Message-ID, its lane and the hash of its address."""
    message.message_id = f"{message.uid.hex}@{message_domain()}"
    message.lane, message.recipient_hash = LANES.get(message.purpose, Message.Lane.ORDERS), address_hash(message.recipient)


def message_domain() -> str:
    """Domain of our Message-IDs: the sender's."""
    domain = conf.from_email.rpartition("@")[2].strip("> ")
    return domain.encode("idna").decode("ascii") if domain else "localhost"


def wake(lanes: Iterable[str]) -> None:
    """Wake a worker for each of ``lanes`` once the transaction is committed."""
    for lane in lanes:
        transaction.on_commit(partial(waker.wake, WAKES[lane]), using=router.db_for_write(Message), robust=True)
