"""Claims what is due, makes the texts, hands them over, and keeps the outcomes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError

from ecommerce_comms import masking, tracing
from ecommerce_comms.conf import conf
from ecommerce_comms.lookups import among
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.sending import births, claims, workers
from ecommerce_comms.messaging.sending.batch import Batch
from ecommerce_comms.messaging.sending.looks import last_look
from ecommerce_comms.messaging.sending.outcomes import keep
from ecommerce_comms.messaging.sending.workers import ClaimLost, Sender
from ecommerce_comms.messaging.speaking.layout import look
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.prepared import TEXTS, Read

log = masking.logger(__name__)
Lane = Message.Lane
OFFERS_AT_ONCE = 20
"""Offers are claimed in small numbers, so that orders need not wait for many of them."""
RECOVER_SECONDS = 1.0
"""How often a worker that has much to do looks for what dead workers left."""

_recovered_at = -math.inf


def deliver_due(limit: int | None = None, lane: str | None = None, enough: Callable[[], bool] = lambda: False) -> int:
    """Send what is due in ``lane`` (or in both, orders first); returns how many messages were sent.

    Ends when nothing is due, when ``limit`` messages of a lane were taken, or when after a batch it is ``enough``.
    """
    claims.recover()
    if lane is None:
        claims.clear_away()
    return sum(_empty(each, limit, enough)[1] for each in ([lane] if lane else Lane.values))


def deliver_next(lane: str) -> int:
    """Send a batch of ``lane``, as a worker does again and again; returns how many messages were taken.

    Now and then it looks for what dead workers left.
    """
    _recover_now_and_then()
    return _empty(lane, conf.BATCH_SIZE, lambda: False)[0]


def _recover_now_and_then() -> None:
    global _recovered_at
    if time.monotonic() - _recovered_at > RECOVER_SECONDS:
        _recovered_at = time.monotonic()
        claims.recover()


def _empty(lane: str, limit: int | None, enough: Callable[[], bool]) -> tuple[int, int]:
    """Send batch after batch of ``lane``, before each batch of offers the orders that came meanwhile; how many were taken, and sent."""
    taken = sent = 0
    while limit is None or taken < limit:
        if lane == Lane.OFFERS:
            sent += _empty(Lane.ORDERS, None, enough)[1]
        size = min(conf.BATCH_SIZE, OFFERS_AT_ONCE) if lane == Lane.OFFERS else conf.BATCH_SIZE
        size = size if limit is None else min(size, limit - taken)
        batch = _one_batch(lane, size)
        taken += len(batch)
        sent += sum(message.state == Message.State.SENT for message in batch)
        if len(batch) < size or enough():
            break
    return taken, sent


@contextmanager
def at_once() -> Iterator[births.Births | None]:
    """At the end of the block, send what it decided to say about orders now.

    While other messages are waiting in the queue there is nothing of the sort, and new ones take their place behind them.
    """
    _recover_now_and_then()
    if not births.are_possible() or claims.is_due(Lane.ORDERS):
        yield None
        return
    born = births.begin()
    try:
        yield born
    except BaseException:
        if born.token:
            workers.this_thread().abandon()
        raise
    finally:
        births.end()
    if born.token:
        born.taken = len(_work_off(Lane.ORDERS, lambda _sender: (born.token, born.committed())))


def _one_batch(lane: str, size: int) -> Sequence[Message]:
    """Claim and send up to ``size`` messages; returns them with what became of them."""
    if not claims.is_due(lane):
        return ()

    def claim(sender: Sender) -> tuple[str, Sequence[Message]]:
        token = sender.begin()
        return token, claims.claim(token, size, lane)

    return _work_off(lane, claim)


def _work_off(lane: str, claim: Callable[[Sender], tuple[str, Sequence[Message]]]) -> Sequence[Message]:
    sender = workers.this_thread()
    messages: Sequence[Message] = ()
    try:
        token, messages = claim(sender)
        with tracing.span("deliver", lane=lane, messages=len(messages)):
            _send(sender, token, messages, lane)
        sender.rest(sum(message.state == Message.State.SENT for message in messages))
    except ClaimLost as error:
        log.warning("%s What it had not begun is sent by others.", error)
        sender.abandon()
        return ()
    except (DatabaseError, InterfaceError):
        sender.abandon()
        raise
    return messages


def _send(sender: Sender, token: str, messages: Sequence[Message], lane: str) -> None:
    wanted, others = last_look(messages)
    if others:
        keep(others, token)
    if not wanted:
        return
    own = _own_texts(wanted)
    with look.read_once():
        Batch(sender, token, wanted, own, lane).send()


def _own_texts(messages: Sequence[Message]) -> dict[tuple[str, str], Template]:
    kinds = {texts.key(message.kind, message.role) for message in messages}
    return {(text.kind, text.language): text for text in _OWN_TEXTS.objects(kinds)}


_OWN_TEXTS = Read(Template, lambda kinds: Template.objects.filter(among("kind", kinds), is_active=True), TEXTS)
