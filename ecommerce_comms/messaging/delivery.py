"""Claims what is due, renders, sends, and keeps the outcome."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import CommsError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import rendering
from ecommerce_comms.messaging.addresses import usable
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, get_backend
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.outbox import AFTER_CANCELLATION
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.rows import update_each
from ecommerce_comms.signals import message_failed, message_sent, message_skipped

log = logging.getLogger(__name__)
State, Reason = Message.State, Message.Reason
_RESULT = (
    "state", "reason", "sent_at", "due_at", "subject", "text_source", "last_error", "possible_duplicate", "attempts",
    "lease_token", "lease_until",
)


def deliver_due(limit: int | None = None) -> int:
    """Send what is due, batch after batch, until nothing is or ``limit`` messages were taken; returns how many were sent."""
    recover()
    taken = sent = 0
    while limit is None or taken < limit:
        size = conf.BATCH_SIZE if limit is None else min(conf.BATCH_SIZE, limit - taken)
        batch = claim(size)
        if batch:
            _deliver(batch)
        taken += len(batch)
        sent += sum(message.state == State.SENT for message in batch)
        if len(batch) < size:
            break
    return sent


@again_after_deadlock
def claim(size: int) -> list[Message]:
    """Take up to ``size`` due messages for this worker, the longest due first.

    One conditional UPDATE is the claim, so two workers never share a message; SKIP LOCKED only spares them the wait.
    """
    token, now = secrets.token_hex(16), clock.now()
    due = Message.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "pk")
    # Without SKIP LOCKED there is nothing to hold between the two statements, and SQLite is spared a lock that it would have to raise.
    skips = connection.features.has_select_for_update_skip_locked
    with transaction.atomic() if skips else nullcontext():
        ids = list((due.select_for_update(skip_locked=True) if skips else due).values_list("pk", flat=True)[:size])
        if not ids:
            return []
        Message.objects.filter(pk__in=ids, state=State.QUEUED).update(
            state=State.SENDING, lease_token=token, lease_until=now + timedelta(seconds=conf.LEASE_SECONDS), attempts=F("attempts") + 1,
        )
    mine = Message.objects.filter(pk__in=ids, lease_token=token).select_related("order").defer("order__snapshot")
    return list(mine.order_by("due_at", "pk"))


@again_after_deadlock
def recover() -> int:
    """Free the messages of workers that fell silent; returns how many.

    They may have gone out: what is about an order is sent again under the same Message-ID and marked, advertising is not.
    """
    lost = Message.objects.filter(state=State.SENDING, lease_until__lt=clock.now())
    if not lost.exists():
        return 0
    free = {"lease_token": "", "lease_until": None, "possible_duplicate": True}
    dropped = lost.filter(purpose=Message.Purpose.MARKETING).update(state=State.FAILED, reason=Reason.UNKNOWN, **free)
    return dropped + lost.exclude(purpose=Message.Purpose.MARKETING).update(state=State.QUEUED, **free)


def _deliver(batch: Sequence[Message]) -> None:
    for message in _not_wanted(batch):
        _skip(message)
    own = _own_texts(batch)
    groups: dict[str, list[Message]] = defaultdict(list)
    for message in batch:
        if message.state == State.SENDING:
            groups[message.backend].append(message)
    for name, messages in groups.items():
        _send_all(name, messages, own)
    _keep(batch)


def _not_wanted(batch: Sequence[Message]) -> Iterable[Message]:
    """The last look before sending: what a cancellation, the time or a lost address has overtaken."""
    now = clock.now()
    cancelled = set(OrderEvent.objects.filter(
        order_key__in={message.order.key for message in batch if message.order}, kind="order_cancelled"
    ).values_list("order_key", flat=True))
    for message in batch:
        if message.order and message.order.key in cancelled and message.kind not in AFTER_CANCELLATION:
            message.reason = Reason.OBSOLETE
        elif message.expires_at and message.expires_at < now:
            message.reason = Reason.STALE
        elif not usable(message.recipient):
            message.reason = Reason.NO_ADDRESS
        else:
            continue
        yield message


def _skip(message: Message) -> None:
    message.state = State.SKIPPED


def _own_texts(batch: Sequence[Message]) -> dict[tuple[str, str], Template]:
    kinds = {message.kind for message in batch}
    return {(text.kind, text.language): text for text in Template.objects.filter(kind__in=kinds, is_active=True)}


def _send_all(name: str, messages: Sequence[Message], own: dict[tuple[str, str], Template]) -> None:
    backend: MessageBackend | None = None
    try:
        backend = get_backend(name)
        backend.open()
        for message in messages:
            if _is_running_out(message):
                _put_back(message)
            else:
                _send(backend, message, own.get((message.kind, message.language)))
    except (TransientDeliveryError, PermanentDeliveryError) as error:  # no connection: nobody in this group was served
        for message in messages:
            if message.state == State.SENDING:
                _failed(message, error)
    finally:
        if backend is not None:
            backend.close()


def _is_running_out(message: Message) -> bool:
    """Whether so much of the lease is gone, on a slow server, that a send might outlast it and be repeated by another worker."""
    return message.lease_until is not None and clock.now() > message.lease_until - timedelta(seconds=conf.LEASE_SECONDS / 2)


def _put_back(message: Message) -> None:
    message.state, message.attempts = State.QUEUED, message.attempts - 1


def _send(backend: MessageBackend, message: Message, own: Template | None) -> None:
    try:
        backend.send(_outgoing(message, own))
    except CommsError as error:
        _failed(message, error)
    except Exception as error:
        log.exception("Message %s could not be made.", message.pk)
        _failed(message, PermanentDeliveryError(f"{type(error).__name__}: {error}"), Reason.TEMPLATE)
    else:
        message.state, message.reason, message.sent_at, message.last_error = State.SENT, Reason.NONE, clock.now(), ""


def _outgoing(message: Message, own: Template | None) -> Outgoing:
    time_zone = message.order.time_zone if message.order else conf.time_zone
    made = rendering.render(message.kind, message.language, message.facts, time_zone=time_zone, own=own)
    message.subject, message.text_source = made.subject[:255], made.source
    return Outgoing(
        recipient=message.recipient, recipient_name=message.recipient_name, subject=made.subject, text=made.text, html=made.html,
        short=made.short, message_id=message.message_id, kind=message.kind, language=message.language,
        order_number=message.order.number if message.order else "",
    )


def _failed(message: Message, error: CommsError, reason: str = Reason.REFUSED) -> None:
    """Try again later if that may help, and give up otherwise."""
    message.last_error = str(error)[:1000]
    uncertain = getattr(error, "uncertain", False)
    message.possible_duplicate = message.possible_duplicate or uncertain
    if not isinstance(error, TransientDeliveryError):
        message.state, message.reason = State.FAILED, reason
    elif uncertain and message.purpose == Message.Purpose.MARKETING:
        message.state, message.reason = State.FAILED, Reason.UNKNOWN
    elif message.attempts >= conf.MAX_ATTEMPTS:
        message.state, message.reason = State.FAILED, Reason.UNREACHABLE
    else:
        message.state, message.due_at = State.QUEUED, clock.now() + backoff(message)


def backoff(message: Message) -> timedelta:
    """How long to wait before the next attempt: doubled each time up to an hour, spread by half so that crowds part.

    "Full jitter" spreads from zero; half keeps a floor (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015).
    """
    longest = min(3600.0, conf.RETRY_SECONDS * 2.0 ** (message.attempts - 1))
    spread = (message.uid.int >> 8 * (message.attempts % 8)) % 1000 / 1000
    return timedelta(seconds=longest * (0.5 + spread / 2))


def _keep(batch: Sequence[Message]) -> None:
    """Write the outcomes, but only of messages that are still this worker's."""
    token = batch[0].lease_token
    for message in batch:
        message.lease_token, message.lease_until = "", None
    # Mails that went out and are not noted would go out again, so a deadlock must not end this.
    again_after_deadlock(update_each)(batch, _RESULT, guard={"lease_token": token})
    signals = {State.SENT: message_sent, State.FAILED: message_failed, State.SKIPPED: message_skipped}
    for message in batch:
        if signal := signals.get(State(message.state)):
            signal.send_robust(sender=Message, message=message)
