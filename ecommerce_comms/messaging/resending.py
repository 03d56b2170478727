"""What a merchant sends once more by hand: one message again, or all that were given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.addresses import usable
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import in_words

State = Message.State
REPEATABLE = frozenset({State.SENT, State.DELIVERED, State.BOUNCED, State.COMPLAINED, State.FAILED})
MOST = 10_000
"""At most so many failed messages are tried again at once."""
SHOWN = 50
_COPIED = (
    "kind", "purpose", "lane", "order", "parcel", "event", "customer", "language",
    "backend", "recipient", "recipient_hash", "recipient_name", "facts",
)


def refusal(message: Message) -> str:
    """Why ``message`` cannot be sent once more, in a sentence; empty if it can."""
    was_suppressed = message.state == State.SKIPPED and message.reason == Message.Reason.SUPPRESSED
    if message.state not in REPEATABLE and not was_suppressed:  # what was suppressed may be allowed again by now
        return _("It has not been sent yet, so there is nothing to repeat.")
    if (message.customer and message.customer.erased_at) or not usable(message.recipient):
        return _("There is no address any more: the customer's data was erased.")
    if message.order and message.order.cancelled_at and message.kind not in outbox.AFTER_CANCELLATION:
        return _("The order was cancelled.")
    scopes = suppressions.suppressed_addresses([message.recipient], message.backend).get(message.recipient, set())
    if Suppression.Scope.ALL in scopes:
        return _("Mail to this address came back for good, so nothing is sent there. Ask the customer for another address.")
    if scopes and message.purpose == Message.Purpose.MARKETING:
        return _("The customer does not want advertising.")
    return ""


def resend(message: Message, nonce: str) -> Message:
    """Put a new message with the facts of ``message`` into the outbox, and return it.

    The same ``nonce`` (of the form that was submitted) leads to the same new message, so a double click sends once. Raises
    ``ValueError`` with a sentence for the merchant if it cannot be sent; consent is asked just before sending, as always.
    """
    if why := refusal(message):
        raise ValueError(why)
    now = clock.now()
    again = Message(
        **{name: getattr(message, name) for name in _COPIED}, repeats=message, dedupe_key=keys.make("resend", message.pk, nonce),
        state=State.QUEUED, decided_at=now, due_at=now, expires_at=now + timedelta(days=conf.STALE_AFTER_DAYS),
    )
    outbox.put([again])
    return Message.objects.get(dedupe_key=again.dedupe_key)


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
    """Those that are left as they are: about cancelled orders, without an address, or with one to which nothing is sent."""
    by_reason: Sequence[tuple[str, int]] = ()
    by_kind: Sequence[tuple[str, int]] = ()
    by_provider: Sequence[tuple[str, int]] = ()
    recipients: Sequence[str] = field(default_factory=tuple)
    """The first of them, masked."""
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
    failed = messages.filter(state=State.FAILED).select_related("order").order_by("pk")
    shown = ("kind", "purpose", "reason", "provider", "recipient", "possible_duplicate", "expires_at", "state", "order__cancelled_at")
    rows = list(failed.only("pk", *shown)[: MOST + 1])
    now = clock.now()
    shut = suppressions.suppressed_addresses(row.recipient for row in rows[:MOST])
    taken = [row for row in rows[:MOST] if _is_wanted(row) and not _is_shut(row, shut.get(row.recipient, set()))]
    return Preview(
        keys=tuple(row.pk for row in taken), doubtful=frozenset(row.pk for row in taken if _is_doubtful(row)),
        old=frozenset(row.pk for row in taken if row.expires_at and row.expires_at < now),
        left=len(rows[:MOST]) - len(taken), by_reason=_counted(str(row.get_reason_display()) for row in taken),
        by_kind=_counted(in_words(row.kind) for row in taken), by_provider=_counted(row.provider or "–" for row in taken),
        recipients=tuple(masked(row.recipient) for row in taken[:SHOWN]), is_cut=len(rows) > MOST,
    )


def replay(wanted: Sequence[int]) -> int:
    """Queue the messages with these keys again; returns how many of them were still given up."""
    return sum(outbox.retry(Message.objects.filter(pk__in=wanted[first : first + 500])) for first in range(0, len(wanted), 500))


def failed_since(since: datetime) -> Q:
    """Messages that were given up since ``since``, in the words of the index of state, lane and due time."""
    return Q(state=State.FAILED, lane__in=Message.Lane.values, due_at__gte=since)


def _is_wanted(message: Message) -> bool:
    is_cancelled = bool(message.order and message.order.cancelled_at and message.kind not in outbox.AFTER_CANCELLATION)
    return bool(message.recipient) and not is_cancelled


def _is_shut(message: Message, scopes: Set[str]) -> bool:
    return bool(scopes) if message.purpose == Message.Purpose.MARKETING else Suppression.Scope.ALL in scopes


def _is_doubtful(message: Message) -> bool:
    return message.possible_duplicate or message.reason == Message.Reason.UNKNOWN


def _counted(names: Iterable[str]) -> Sequence[tuple[str, int]]:
    return tuple(Counter(names).most_common())
