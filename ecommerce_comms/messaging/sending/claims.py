"""Takes messages for one worker, and frees those of workers that are gone."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

from django.db import connections, router, transaction
from django.db.models import F, QuerySet

from ecommerce_comms import clock, tracing
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lookups import among
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.models import Attempt, Message, Worker
from ecommerce_comms.messaging.sending import journal, workers
from ecommerce_comms.messaging.sending.journal import DONE, MAKING, SENDING
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order
from ecommerce_comms.prepared import MOMENT, NUMBER, NUMBERS, TEXT, Read, Write
from ecommerce_comms.rows import update_each
from ecommerce_comms.signals import message_sent

State, Reason = Message.State, Message.Reason
FORGET_AFTER = timedelta(days=1)
"""Rows of workers that have been silent for so long are cleared away."""
SILENT = "The worker fell silent while it was sending this."
LOST = b"?"
"""Step of a claim whose journal is gone, where only the journal was marked with each message: any of them may have left."""
_NEEDED = {
    "order": {"id", "key", "number", "site", "time_zone"}, "customer": {"id", "time_zone", "erased_at", "channels", "call_times"},
}
_NOT_NEEDED = [
    f"{name}__{field.name}" for name, model in (("order", Order), ("customer", Customer)) for field in model._meta.concrete_fields
    if field.name not in _NEEDED[name]
]
"""Sending needs little of the order and the customer, and making objects of many columns takes longer than reading them."""
REPEATED = frozenset({"email"})
"""Channels on which a message of unknown fate is repeated: a second mail with the same Message-ID is a small harm, a second SMS is not."""


def _due(lane: str, now: datetime, size: int) -> QuerySet[Message, tuple[int]]:
    """Keys of what is due and free, the longest due first."""
    due = Message.objects.filter(state=State.QUEUED, lane=lane, due_at__lte=now)
    return due.order_by("due_at", "pk").values_list("pk")[:size]


_DUE = Read(Message, _due, TEXT, MOMENT, NUMBER)
_FREE_DUE = Read(Message, lambda *values: _due(*values).select_for_update(skip_locked=True), TEXT, MOMENT, NUMBER)
_TAKE = Write(Message, lambda keys, token: (
    Message.objects.filter(among("id", keys), state=State.QUEUED),
    {"state": State.SENDING, "lease_token": token, "attempts": F("attempts") + 1},
), NUMBERS, TEXT)


@again_after_deadlock
def claim(token: str, size: int, lane: str) -> list[Message]:
    """Take up to ``size`` due messages of ``lane`` under ``token``, the longest due first; returned by their keys.

    One conditional UPDATE is the claim, so two workers never share a message; SKIP LOCKED only spares them the wait.
    """
    database = connections[router.db_for_write(Message)]
    # Without SKIP LOCKED there is nothing to hold between the two statements, and SQLite is spared a lock that it would have to raise.
    skips = database.features.has_select_for_update_skip_locked
    with transaction.atomic(using=database.alias) if skips else nullcontext():
        ids = {pk for pk, in (_FREE_DUE if skips else _DUE).rows(lane, clock.now(), size)}
        if not _TAKE(ids, token):
            return []
    mine = Message.objects.using(database.alias).filter(among("id", ids), lease_token=token)
    mine = mine.select_related("order", "customer").defer(*_NOT_NEEDED)
    # Who traces wants to know which fact a message is about.
    return list((mine.select_related("event") if tracing.is_on() else mine).order_by("pk"))


def is_due(lane: str) -> bool:
    """Whether anything in ``lane`` is due and free."""
    return bool(_DUE.rows(lane, clock.now(), 1))


def recover() -> int:
    """Free what dead and silent workers had claimed; returns how many messages there were."""
    freed = 0
    for entry in journal.left_behind():
        freed += _free(entry.token, entry.position, entry.step)
        entry.path.unlink(missing_ok=True)
    silent = Worker.objects.using(router.db_for_write(Worker)).exclude(token="").filter(lease_until__lt=clock.now())
    for token, position in list(silent.values_list("token", "position")):
        freed += _free(token, position, SENDING)
    freed += _free_orphans()
    return freed


def clear_away() -> int:
    """Delete the rows of workers that have long been gone; returns how many."""
    return Worker.objects.filter(token="", seen_at__lt=clock.now() - FORGET_AFTER).delete()[0]


@again_after_deadlock
def _free(token: str, position: int, step: bytes) -> int:
    """Settle the claim ``token``, whose worker was at ``step`` with the message ``position``.

    Emptying the worker's token comes first: from then on it can neither begin another send nor write an outcome.
    """
    with transaction.atomic(using=router.db_for_write(Message)):
        Worker.objects.filter(token=token).update(token="", lease_until=None)
        entry = journal.of_claim(token)
        if entry and entry.position >= position:
            position, step = entry.position, entry.step
        elif not entry and not workers.marks_each(journal.is_possible()):
            step = LOST
        mine = list(Message.objects.select_for_update().filter(lease_token=token, state=State.SENDING).order_by("pk"))
        tries = [_settle(message, position, step) for message in mine]
        update_each(mine, ["state", "reason", "sent_at", "due_at", "possible_duplicate", "attempts", "last_error", "lease_token"])
        Attempt.objects.bulk_create([attempt for attempt in tries if attempt])
    for message in mine:
        if message.state == State.SENT:
            message_sent.send_robust(sender=Message, message=message)
    return len(mine)


def _settle(message: Message, position: int, step: bytes) -> Attempt | None:
    """What becomes of one message of a claim that was cut short."""
    message.lease_token = ""
    if step == LOST and message.pk >= position:
        return doubt(message, SILENT)
    if step == MAKING and message.pk == position:
        _made_its_worker_die(message)
    elif step == MAKING or message.pk > position:  # all texts are made before the first of them leaves
        message.state, message.attempts = State.QUEUED, message.attempts - 1
    elif message.pk < position or step == DONE:
        # Refusals are kept at once, so what is still "sending" below the mark was accepted.
        message.state, message.reason, message.sent_at, message.last_error = State.SENT, Reason.NONE, clock.now(), ""
    else:
        return doubt(message, SILENT)
    return None


def _made_its_worker_die(message: Message) -> None:
    message.state, message.last_error = State.QUEUED, "Its worker died while the text was being made."
    if message.attempts >= conf.MAX_ATTEMPTS:
        message.state, message.reason = State.FAILED, Reason.TEMPLATE


def doubt(message: Message, why: str) -> Attempt:
    """Nobody knows whether ``message`` was accepted: about an order it is sent again and marked, advertising is not."""
    message.last_error = why
    is_safe = _drops_repetitions(message.backend) and message.attempts < conf.MAX_ATTEMPTS
    message.possible_duplicate = message.possible_duplicate or not is_safe
    if is_safe:
        message.state, message.due_at = State.QUEUED, clock.now()
    elif message.purpose == Message.Purpose.MARKETING or message.backend not in REPEATED or message.attempts >= conf.MAX_ATTEMPTS:
        message.state, message.reason = State.FAILED, Reason.UNKNOWN
    else:
        message.state, message.due_at = State.QUEUED, clock.now()
    return Attempt(message=message, number=message.attempts, provider=message.provider, ended_at=clock.now(),
                   outcome=Attempt.Outcome.UNKNOWN, answer=why)


def _drops_repetitions(channel: str) -> bool:
    return channel in conf.BACKENDS and get_backend(channel).drops_repetitions


def _free_orphans() -> int:
    """Messages whose claim no worker's row speaks of: a database that was restored, or a row that somebody deleted."""
    alias = router.db_for_write(Message)  # a copy may not have heard of a claim yet
    tokens = set(Message.objects.using(alias).filter(state=State.SENDING).values_list("lease_token", flat=True).distinct()[:1000])
    known = set(Worker.objects.using(alias).filter(token__in=tokens).values_list("token", flat=True)) if tokens else set()
    return sum(_orphan(token) for token in tokens - known)


def _orphan(token: str) -> int:
    mine = list(Message.objects.using(router.db_for_write(Message)).filter(lease_token=token, state=State.SENDING))
    tries = [doubt(message, SILENT) for message in mine]
    for message in mine:
        message.lease_token = ""
    update_each(mine, ["state", "reason", "due_at", "possible_duplicate", "last_error", "lease_token"], guard={"lease_token": token})
    Attempt.objects.bulk_create(tries)
    return len(mine)
