"""What becomes of a message after a try, by what the other side said, and how it is kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from time import sleep

from django.db import DatabaseError, InterfaceError, connections, router

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import suppressions
from ecommerce_comms.exceptions import CommsError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.masking import mask, masked
from ecommerce_comms.messaging import falling
from ecommerce_comms.messaging.backends.base import Receipt, Route
from ecommerce_comms.messaging.models import Attempt, Message
from ecommerce_comms.messaging.sending.claims import REPEATED
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.rows import update_each
from ecommerce_comms.signals import message_failed, message_sent, message_skipped

log = masking.logger(__name__)
State, Reason, Outcome = Message.State, Message.Reason, Attempt.Outcome
LONGEST_WAIT = 3600.0
"""Seconds between two tries, at most."""
DOUBT_SECONDS = 60.0
"""Before a message of unknown fate is repeated, once, the provider has time to say what became of it."""
LONGEST_DOUBT = 240.0
"""It is repeated after so many seconds at most: providers remember a key for a quarter of an hour or more."""
PATIENCE = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 30.0)
"""Seconds to wait between tries to keep outcomes while the database is away."""
_RESULT = (
    "state", "reason", "sent_at", "due_at", "text_version", "last_error", "possible_duplicate", "attempts",
    "provider", "provider_message_id", "provider_until", "answer", "lease_token",
)


def accepted(message: Message, route: Route, receipt: Receipt | None) -> None:
    """The other side took it over."""
    message.state, message.reason, message.sent_at, message.last_error = State.SENT, Reason.NONE, clock.now(), ""
    message.provider, message.provider_until = route.name, None
    if receipt:
        message.provider_message_id, message.answer = receipt.provider_message_id[:190], mask(receipt.answer)[:255]


def failed(
    message: Message, provider: str, error: CommsError, reason: str = Reason.REFUSED, *, key_seconds: float = 0.0,
) -> Attempt:
    """Try again later if that may help, and give up otherwise; returns the line for the message's story.

    What may have been accepted is repeated once at most, and not at all if it is advertising; but a provider that knows the
    message's key for ``key_seconds`` drops a repetition within them by itself.
    """
    message.last_error, message.provider = mask(str(error))[:1000], provider
    uncertain = getattr(error, "uncertain", False)
    knows_key = uncertain and message.attempts * LONGEST_DOUBT < key_seconds
    may_repeat = message.purpose != Message.Purpose.MARKETING and message.backend in REPEATED and not message.possible_duplicate
    message.possible_duplicate = message.possible_duplicate or (uncertain and not knows_key)
    if not isinstance(error, TransientDeliveryError):
        message.state, message.reason = State.FAILED, reason
        _remember_bad_address(message, error)
    elif uncertain and not (may_repeat or knows_key):
        message.state, message.reason = State.FAILED, Reason.UNKNOWN
    else:
        _try_later(message, error)
    return Attempt(message=message, number=message.attempts, provider=provider, ended_at=clock.now(), outcome=_outcome(error, uncertain),
                   code=getattr(error, "code", None), answer=message.last_error)


def put_back(message: Message, seconds: float = 0.0) -> None:
    """It was not its turn: nothing was tried, so nothing is counted."""
    message.state, message.attempts = State.QUEUED, message.attempts - 1
    if seconds:
        message.due_at = clock.now() + timedelta(seconds=seconds)


def backoff(attempts: int) -> float:
    """Seconds to wait before the next try: doubled each time up to an hour, spread by half so that crowds part.

    "Full jitter" spreads from zero; half keeps a floor (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015).
    """
    longest: float = min(LONGEST_WAIT, conf.RETRY_SECONDS * 2.0 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it


def keep(messages: Sequence[Message], token: str, tries: Sequence[Attempt] = ()) -> None:
    """Write outcomes, but only of messages that are still under ``token``; waits while the database is away.

    A mail that went out and is not noted would go out again. Raises ``DatabaseError`` when patience ends.
    """
    for message in messages:
        message.lease_token = token if message.state == State.SENDING else ""
    _patiently(messages, token)
    if tries:
        Attempt.objects.bulk_create(tries)
    for message in messages:
        if signal := _SIGNALS.get(message.state):
            signal.send_robust(sender=Message, message=message)


_SIGNALS = {str(State.SENT): message_sent, str(State.FAILED): message_failed, str(State.SKIPPED): message_skipped}


def _patiently(messages: Sequence[Message], token: str) -> None:
    database = connections[router.db_for_write(Message)]
    for wait in PATIENCE:
        try:
            again_after_deadlock(_write)(messages, token)
            return
        except (DatabaseError, InterfaceError):
            if database.in_atomic_block:
                raise
            log.warning("The outcomes of %d messages could not be kept; trying again in %s s.", len(messages), wait, exc_info=True)
            database.close()
            sleep(wait)
    _write(messages, token)


def _write(messages: Sequence[Message], token: str) -> None:
    """The outcomes, and with those that failed for good what is tried instead: both or neither."""
    with falling.together(messages):
        update_each(messages, _RESULT, guard={"lease_token": token})
        falling.after(messages)


def _try_later(message: Message, error: TransientDeliveryError) -> None:
    """When the next try is due; none if the message is no news by then."""
    now = clock.now()
    wait = max(backoff(message.attempts), error.retry_after or 0.0)
    if error.uncertain:
        wait = min(max(wait, DOUBT_SECONDS), LONGEST_DOUBT)
    message.state, message.reason, message.due_at = State.QUEUED, Reason.NONE, now + timedelta(seconds=wait)
    if error.uncertain:
        message.provider_until = now + timedelta(seconds=conf.UNKNOWN_SECONDS)
    if message.expires_at and message.due_at > message.expires_at:
        message.state, message.reason = State.FAILED, Reason.UNREACHABLE


def _outcome(error: CommsError, uncertain: bool) -> str:
    if uncertain:
        return Outcome.UNKNOWN
    return Outcome.TRANSIENT if isinstance(error, TransientDeliveryError) else Outcome.PERMANENT


def _remember_bad_address(message: Message, error: CommsError) -> None:
    if isinstance(error, PermanentDeliveryError) and error.has_opted_out:
        suppressions.stop(message.recipient_hash, channel=message.backend, shown=masked(message.recipient), detail=message.last_error)
    elif isinstance(error, PermanentDeliveryError) and error.bad_address:
        suppressions.suppress(
            message.recipient_hash, suppressions.Reason.BOUNCED, channel=message.backend, shown=masked(message.recipient),
            detail=message.last_error, message_uid=message.uid,
        )
