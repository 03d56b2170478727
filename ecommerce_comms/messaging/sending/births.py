"""Messages that are born in a claim: the thread that decides what is said now says it now, without the way through the queue.

The claim comes into the database in one transaction with its messages, so for everybody else they look as if they had been
claimed: a worker that dies leaves them to the others, in order, just the same.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from django.db import connections, router
from django.db.models import prefetch_related_objects

from ecommerce_comms import clock
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.sending import workers
from ecommerce_comms.prepared import TEXT, Read

State, Lane = Message.State, Message.Lane
_OF_CLAIM = Read(Message, lambda token: (
    Message.objects.filter(state=State.SENDING, lease_token=token).order_by("pk").values_list("pk")
), TEXT)


class Births:
    """The messages of one claim, as they come."""

    def __init__(self) -> None:
        self.token = ""
        self.taken = 0
        """How many were worked off at the end."""
        self._messages: list[Message] = []

    def adopt(self, messages: Iterable[Message]) -> None:
        """Let those of ``messages`` that are due about orders belong to this thread; call it in the transaction that inserts them."""
        now = clock.now()
        due = [each for each in messages if each.state == State.QUEUED and each.lane == Lane.ORDERS and each.due_at <= now]
        if not due:
            return
        sender = workers.this_thread()
        if not (self.token and sender.holds(self.token)):  # the first ones, or a transaction that began the claim was taken back
            self.token, self._messages = sender.begin(), []
        for message in due:
            message.state, message.lease_token, message.attempts = State.SENDING, self.token, 1
        self._messages += due

    def committed(self) -> Sequence[Message]:
        """Those that came into the database, by their keys."""
        by_key = {message.id: message for message in self._messages}
        messages = [by_key[key] for key, in _OF_CLAIM.rows(self.token)]
        prefetch_related_objects(messages, "customer")  # of orders that were known before
        return messages


class _Open(threading.local):
    births: Births | None = None


_open = _Open()


def begin() -> Births:
    """From now on this thread's new messages are born in a claim."""
    _open.births = Births()
    return _open.births


def end() -> None:
    """From now on they are queued, as those of every other thread."""
    _open.births = None


def are_possible() -> bool:
    """Whether an INSERT tells which rows are new, so that nobody sends what another had inserted before."""
    return connections[router.db_for_write(Message)].features.supports_update_conflicts_with_target


def adopt(messages: Sequence[Message]) -> None:
    """Let the new ``messages``, which are about to be inserted, be sent by this thread, if that is how it works."""
    if _open.births:
        _open.births.adopt(messages)
