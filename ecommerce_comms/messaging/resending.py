"""What a merchant sends once more by hand: one message again, or all that were given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging import calm, channels, outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION, in_words

State, Reason = Message.State, Message.Reason
_GONE = frozenset({State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED})
MOST = 10_000
"""At most so many failed messages are tried again at once."""
SHOWN = 50
_COPIED = (
    "kind", "purpose", "lane", "order", "parcel_id", "event_id", "customer", "language", "role",
    "backend", "recipient", "recipient_hash", "recipient_name", "facts",
)
_SAID = ("words", "subject", "text_source", "text_version")


STILL_TO_COME: dict[str, str | LazyText] = {
    State.SCHEDULED: _("It has not been sent yet; it goes out by itself when it is due."),
    State.HELD: _("It has not been sent yet; it waits until nothing stands in its way."),
    State.QUEUED: _("It has not been sent yet; it goes out by itself."),
    State.SENDING: _("It has not been sent yet; that is being done at this moment."),
}
"""Why a message that is still to be sent cannot be sent once more."""
AGAINST: dict[str, str | LazyText] = {
    Reason.SUPPRESSED: _("The customer complained of advertising, so none is sent to this address."),
    Reason.NO_CONSENT: _("The customer never agreed to messages of this kind (%(purpose)s), or does not want them any more."),
}
"""Why a message would be stopped once more, just before it is sent."""


class Sent(Enum):
    """What the customer has got of a message so far."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


def was_sent(message: Message) -> Sent:
    """Whether ``message`` has left; perhaps, if a try ended without an answer."""
    if message.sent_at or message.state in _GONE:
        return Sent.YES
    return Sent.PERHAPS if _is_doubtful(message) else Sent.NO


def refusal(message: Message) -> str:
    """Why ``message`` cannot be sent once more, in a sentence; empty if it can."""
    if message.state in STILL_TO_COME:
        return str(STILL_TO_COME[message.state])
    if (message.customer and message.customer.erased_at) or message.reason == Reason.ERASED:
        return gettext("There is no address any more: the customer's data was erased.")
    if message.state == State.SKIPPED and message.reason != Reason.SUPPRESSED:  # what was suppressed may be allowed again by now
        why = {"reason": message.get_reason_display()}
        return gettext("It was decided not to send it (%(reason)s), so there is nothing to repeat.") % why
    if not channels.usable(message.backend, message.recipient):
        return gettext("There is no address any more: the customer's data was erased.")
    if message.order and message.order.cancelled_at and message.kind not in AFTER_CANCELLATION:
        return gettext("The order was cancelled.")
    if not outbox.has_text(message):
        return gettext("There is no text any more for this kind of message.")
    return _stopped(message)


def _stopped(message: Message) -> str:
    """Why it would be stopped just before it is sent: asked of those who will stop it."""
    probe = _copy(message, state=State.SENDING, due_at=clock.now(), dedupe_key="-")
    verdict = next((said for said in calm.look([probe], clock.now()) if said.state == State.SKIPPED), None)
    if verdict is None:
        return ""
    scopes = suppressions.suppressed_addresses([message.recipient], message.backend).get(message.recipient, set())
    if verdict.reason == Reason.SUPPRESSED and Suppression.Scope.ALL in scopes:
        return gettext("Nothing is sent to this address any more: mail to it came back for good, or the shop shut it. Ask the customer for "
                       "another address, or allow this one again under Suppressed addresses.")
    return str(AGAINST.get(verdict.reason, verdict.reason)) % {"purpose": message.get_purpose_display()}


def resend(message: Message, nonce: str) -> Message:
    """Put a new message with the facts of ``message`` into the outbox, and return it.

    What may have reached the customer is repeated word for word; what never left is said in the words that are in use now.
    The same ``nonce`` (of the form that was submitted) leads to the same new message, so a double click sends once. Raises
    ``ValueError`` with a sentence for the merchant if it cannot be sent; consent is asked just before sending, as always.
    """
    if why := refusal(message):
        raise ValueError(why)
    now = clock.now()
    again = _copy(
        message, **_kept_words(message), repeats=message, dedupe_key=keys.make("resend", message.pk, nonce),
        state=State.QUEUED, decided_at=now, due_at=now, expires_at=now + timedelta(days=conf.STALE_AFTER_DAYS),
    )
    outbox.put([again])
    return Message.objects.get(dedupe_key=again.dedupe_key)


def repeats_words(message: Message) -> bool:
    """Whether sending ``message`` once more repeats its words; else they are made anew."""
    return bool(message.words) and was_sent(message) != Sent.NO


def _kept_words(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _SAID} if repeats_words(message) else {}


def _copy(message: Message, **values: Any) -> Message:
    return Message(**{name: getattr(message, name) for name in _COPIED}, **values)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """To whom one message would go, and what leads to it."""

    pk: int
    """Of the message."""
    what: str
    address: str
    """Masked."""
    order: str
    """Its number; empty if it is about none."""


@dataclass(frozen=True)
class Preview:
    """What trying failed messages again would do, before anything is done."""

    keys: Sequence[int] = ()
    """Of all that can be tried again."""
    doubtful: Set[int] = frozenset()
    """Keys of those that may have arrived already."""
    old: Set[int] = frozenset()
    """Keys of those that are no news any more: where a server could not be reached, that is when it was given up."""
    left: int = 0
    """Those that are left as they are: about cancelled orders, repeated by hand, told on another channel, or without an address to
    which anything is sent."""
    by_reason: Sequence[tuple[str, int]] = ()
    by_kind: Sequence[tuple[str, int]] = ()
    by_provider: Sequence[tuple[str, int]] = ()
    recipients: Sequence[Recipient] = field(default_factory=tuple)
    """The first of them."""
    is_cut: bool = False
    """Whether there are more than ``MOST``; the oldest are taken first."""

    def chosen(self, *, doubtful: bool = False, old: bool = False) -> list[int]:
        """Keys of those that are tried again, the doubtful and the old ones only if asked for."""
        spared = (frozenset() if doubtful else self.doubtful) | (frozenset() if old else self.old)
        return [key for key in self.keys if key not in spared]

    @property
    def digest(self) -> str:
        """The same for the same messages: tells whether what is confirmed is what was shown."""
        return blake2b(repr((self.keys, sorted(self.doubtful), sorted(self.old))).encode(), digest_size=16).hexdigest()


def preview(messages: QuerySet[Message]) -> Preview:
    """What ``replay`` would do with ``messages``, as far as they were given up."""
    once_more = Message.objects.filter(Q(repeats=OuterRef("pk")) | Q(instead_of=OuterRef("pk")))
    by_hand = once_more.exclude(state__in=(State.FAILED, State.SKIPPED))
    failed = messages.filter(state=State.FAILED).annotate(was_repeated=Exists(by_hand)).select_related("order").order_by("pk")
    shown = ("kind", "purpose", "reason", "provider", "recipient", "possible_duplicate", "expires_at", "state", "order__cancelled_at",
             "order__number", "order__reference")
    rows = list(failed.only("pk", *shown)[: MOST + 1])
    now = clock.now()
    shut = suppressions.suppressed_addresses(row.recipient for row in rows[:MOST])
    taken = [row for row in rows[:MOST] if not row.was_repeated and _is_wanted(row) and not _is_shut(row, shut.get(row.recipient, set()))]
    return Preview(
        keys=tuple(row.pk for row in taken), doubtful=frozenset(row.pk for row in taken if _is_doubtful(row)),
        old=frozenset(row.pk for row in taken if row.expires_at and row.expires_at < now),
        left=len(rows[:MOST]) - len(taken), by_reason=_counted(str(row.get_reason_display()) for row in taken),
        by_kind=_counted(in_words(row.kind) for row in taken), by_provider=_counted(row.provider or "–" for row in taken),
        recipients=tuple(map(_recipient, taken[:SHOWN])), is_cut=len(rows) > MOST,
    )


def _recipient(message: Message) -> Recipient:
    order = str(message.order) if message.order else ""
    return Recipient(pk=message.pk, what=in_words(message.kind), address=masked(message.recipient), order=order)


def replay(wanted: Sequence[int], by: str = "") -> int:
    """Queue the messages with these keys again for the user ``by``; returns how many of them were still given up."""
    return sum(outbox.retry(Message.objects.filter(pk__in=wanted[first : first + 500]), by) for first in range(0, len(wanted), 500))


def failed_since(since: datetime) -> Q:
    """Messages that were given up since ``since``, in the words of the index of state, lane and due time."""
    return Q(state=State.FAILED, lane__in=Message.Lane.values, due_at__gte=since)


def _is_wanted(message: Message) -> bool:
    is_cancelled = bool(message.order and message.order.cancelled_at and message.kind not in AFTER_CANCELLATION)
    return bool(message.recipient) and not is_cancelled


def _is_shut(message: Message, scopes: Set[str]) -> bool:
    return bool(scopes) if message.purpose == Message.Purpose.MARKETING else Suppression.Scope.ALL in scopes


def _is_doubtful(message: Message) -> bool:
    return message.possible_duplicate or message.reason == Reason.UNKNOWN


def _counted(names: Iterable[str]) -> Sequence[tuple[str, int]]:
    return tuple(Counter(names).most_common())
