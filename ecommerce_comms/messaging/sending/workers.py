"""The sending threads: each has a row that holds its claim and its mark, and a journal beside it.

Before a message is handed over, its key is noted in both. What the claim holds below the mark was accepted, what stands
above was not begun, so that whatever dies leaves one message in doubt: the journal tells of a process, the row of a host.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from django.db import connections, router

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.messaging.models import Worker
from ecommerce_comms.messaging.sending import journal
from ecommerce_comms.messaging.sending.journal import DONE, MAKING, SENDING, Journal
from ecommerce_comms.messaging.sending.marking import Marker
from ecommerce_comms.prepared import MOMENT, NUMBER, TEXT, Write

log = masking.logger(__name__)
JUST_NOW_SECONDS = 2.0
"""Who was seen within so many seconds is at work: a claim takes less, unless its server is slow."""
_local = threading.local()


class ClaimLost(CommsError):
    """Another worker has taken over what this one had claimed."""


class Sender:
    """This thread, as the others see it."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        host = socket.gethostname()[:100]
        name = f"{host}:{self.pid}:{threading.current_thread().name[:40]}:{token_hex(4)}"
        self.row = Worker(name=name, kind=Worker.Kind.SENDER, host=host, pid=self.pid)
        self._journal = _journal()
        self._database = connections[router.db_for_write(Worker)]
        self._told_at = 0.0
        self._mark = Marker("position")
        self._sign_of_life = Marker("position", "seen_at", "lease_until")

    def begin(self) -> str:
        """Start a claim; returns its token, which is in the database before any message bears it."""
        self.row.token, self.row.position = token_hex(16), 0
        self.row.seen_at, self.row.lease_until = clock.now(), _lease()
        # A row of a silent sender may have been cleared away meanwhile.
        if not self.row.pk or not _BEGIN(self.row.pk, self.row.name, self.row.token, self.row.seen_at, self.row.lease_until):
            self.row.pk = None
            self.row.save(force_insert=True)
        self._told_at = time.monotonic()
        self._write(lambda own: own.begin(self.row.token))
        return self.row.token

    def holds(self, token: str) -> bool:
        """Whether the claim ``token``, which this worker has begun, is in the database."""
        return Worker.objects.using(self._database.alias).filter(pk=self.row.pk, token=token).exists()

    def makes(self, position: int) -> None:
        """The text of the message ``position`` is being made."""
        self._write(lambda own: own.note(position, MAKING))

    def keeps(self) -> None:
        """All texts of the claim are made, and are being written down."""
        self._write(lambda own: own.note(0, MAKING))

    def hands_over(self, position: int) -> None:
        """The message ``position`` is about to be handed over; raises ``ClaimLost`` if it is not this worker's any more."""
        self._write(lambda own: own.note(position, SENDING))
        if time.monotonic() - self._told_at > conf.LEASE_SECONDS / 8:
            self._told_at = time.monotonic()
            self._tell(self._sign_of_life, position, *self._moments())
        elif self._marks_each:
            self._tell(self._mark, position)

    def done(self, position: int) -> None:
        """The other side has accepted the message ``position``."""
        self._write(lambda own: own.note(position, DONE))

    def rest(self, sent: int) -> None:
        """The claim is over and its outcomes are kept."""
        self.row.sent += sent
        _REST(self.row.pk, self.row.token, self.row.sent, clock.now())
        self._write(lambda own: own.end())

    def abandon(self) -> None:
        """The claim's outcomes cannot be kept now: whoever looks next finds them in the journal."""
        if self._journal:
            self._journal.abandon()
        _local.__dict__.pop("sender", None)

    def _write(self, write: Callable[[Journal], None]) -> None:
        """Into the journal; one whose disk is full is given up, and from then on the row alone is marked."""
        if self._journal:
            try:
                write(self._journal)
            except OSError as error:
                log.warning("The journal cannot be written any more (%s); after a crash more messages may be in doubt.", error)
                self._journal.abandon()
                self._journal = None

    @property
    def _marks_each(self) -> bool:
        return marks_each(self._journal is not None)

    def _tell(self, marker: Marker, *values: object) -> None:
        if not marker(*values, self.row.pk, self.row.token):
            raise ClaimLost(f"The claim of {self.row.name} has ended.")

    def _moments(self) -> tuple[Any, Any]:
        ops = self._database.ops
        return ops.adapt_datetimefield_value(clock.now()), ops.adapt_datetimefield_value(_lease())


_BEGIN = Write(Worker, lambda key, name, token, now, until: (
    Worker.objects.filter(pk=key, name=name), {"token": token, "position": 0, "seen_at": now, "lease_until": until},
), NUMBER, TEXT, TEXT, MOMENT, MOMENT)
_REST = Write(Worker, lambda key, token, sent, now: (
    Worker.objects.filter(pk=key, token=token), {"token": "", "sent": sent, "seen_at": now, "lease_until": None},
), NUMBER, TEXT, NUMBER, MOMENT)


def marks_each(has_journal: bool) -> bool:
    """Whether each message is marked in the database: SQLite's file dies with the host as a journal does, and its commits cost more."""
    return not has_journal or connections[router.db_for_write(Worker)].vendor != "sqlite"


def others_at_work() -> bool:
    """Whether a thread that is older than this one has just sent something, here or on another host.

    Of two that ask this of each other, one goes on.
    """
    now, moment = clock.now(), timedelta(seconds=JUST_NOW_SECONDS)
    senders = Worker.objects.filter(kind=Worker.Kind.SENDER, seen_at__range=(now - moment, now + moment))
    own = this_thread().row
    return (senders.filter(pk__lt=own.pk) if own.pk else senders).exclude(name=own.name).exists()


def this_thread() -> Sender:
    """The sender of this thread; a forked process has one of its own."""
    sender: Sender | None = getattr(_local, "sender", None)
    if sender is None or sender.pid != os.getpid():
        sender = _local.sender = Sender()
    return sender


def _lease() -> datetime:
    return clock.now() + timedelta(seconds=conf.LEASE_SECONDS)


def _journal() -> Journal | None:
    try:
        return Journal() if journal.is_possible() else None
    except OSError as error:
        log.warning("No journal can be kept (%s); after a crash more messages may be in doubt.", error)
        return None

