"""What a provider's notice does to its message and to the address.

A message only ever rises: sent, delivered, came back, complained of. So the order in which notices come, and how often each
comes, make no difference to what is known in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import router, transaction
from django.db.models import Max, Q

from ecommerce_comms import clock, masking, tracing
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging import channels, falling
from ecommerce_comms.messaging.feedback.matching import batches
from ecommerce_comms.messaging.models import Message, ProviderEvent
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.rows import update_each
from ecommerce_comms.signals import message_sent

log = masking.logger(__name__)
State, Reason, Kind, Taken = Message.State, Message.Reason, ProviderEvent.Kind, ProviderEvent.State
RANKS: dict[str, int] = {State.SENT: 1, State.DELIVERED: 2, State.BOUNCED: 3, State.COMPLAINED: 4}
TARGETS: dict[str, tuple[str, str]] = {
    Kind.ACCEPTED: (State.SENT, "sent_at"),
    Kind.DEFERRED: (State.SENT, "sent_at"),
    Kind.DELIVERED: (State.DELIVERED, "delivered_at"),
    Kind.BOUNCED: (State.BOUNCED, "bounced_at"),
    Kind.COMPLAINED: (State.COMPLAINED, "complained_at"),
}
"""Where a notice takes a message, and which moment it tells."""
NOT_SENT_YET = Q(state__in=[State.SCHEDULED, State.HELD, State.SENDING]) | Q(state=State.QUEUED, possible_duplicate=False)
"""A notice about such a message waits: the worker that is sending it has not written yet how that ended."""
OPEN_REASONS = frozenset({Reason.UNKNOWN, Reason.UNREACHABLE})
"""Why we gave up without knowing that it was refused."""
SOFT_BOUNCES, SOFT_DAYS = 3, 30
"""After so many in a row within so many days, an address gets no more advertising."""
_FIELDS = (
    "state", "reason", "sent_at", "delivered_at", "bounced_at", "complained_at", "last_error", "possible_duplicate", "provider_until",
    "provider_message_id",
)


def apply(pks: Iterable[int]) -> int:
    """Let the waiting notices with these keys take effect, each once; returns how many did. One that cannot goes on waiting."""
    return sum(_apply_some(batch) for batch in batches(pks, 100))


def _apply_some(pks: Sequence[int]) -> int:
    try:
        return _apply(pks)
    except Exception:
        if len(pks) == 1:
            log.exception("The provider's notice %s could not be applied; it is tried again later.", pks[0])
            return 0
        return sum(_apply_some([pk]) for pk in pks)


@again_after_deadlock
def _apply(pks: Sequence[int]) -> int:
    with transaction.atomic(using=router.db_for_write(Message)):
        # Both in the order of their keys, so that two that do this at once do not wait for each other.
        waiting = ProviderEvent.objects.select_for_update().filter(pk__in=pks, state=Taken.WAITING, message__isnull=False).order_by("pk")
        events = list(waiting)
        about = Message.objects.select_for_update().filter(pk__in={event.message_id for event in events}).order_by("pk")
        messages = {message.pk: message for message in about.defer("facts")}
        unknown = {pk for pk, message in messages.items() if message.state not in RANKS}
        pairs = [(messages[event.message_id], event) for event in events if event.message_id in messages]
        for message, event in pairs:
            with tracing.span("notice", message.fact_key, kind=event.kind, provider=event.provider):
                event.state = change(message, event)
        update_each(messages.values(), _FIELDS)
        for state in (Taken.APPLIED, Taken.IGNORED):
            ProviderEvent.objects.filter(pk__in=[event.pk for event in events if event.state == state]).update(state=state)
        applied = [(message, event) for message, event in pairs if event.state == Taken.APPLIED]
        for message, event in applied:
            _remember(message, event)
        refused = [message for message, event in applied if event.kind == Kind.REJECTED]
        falling.after(refused, bounced=[message for message, event in applied if _came_back_for_good(message, event)])
    for message in messages.values():
        if message.pk in unknown and message.state in (State.SENT, State.DELIVERED):
            message_sent.send_robust(sender=Message, message=message)
    return len(applied)


def change(message: Message, event: ProviderEvent) -> str:
    """Change ``message`` (not yet saved) by ``event``; returns the state of the event."""
    if event.kind == Kind.UNSUBSCRIBED:
        return Taken.APPLIED
    if message.state in (State.SCHEDULED, State.HELD, State.SENDING) or (message.state == State.QUEUED and not message.possible_duplicate):
        return Taken.WAITING
    if message.state == State.SKIPPED:
        return Taken.IGNORED
    if event.kind == Kind.REJECTED:
        return _reject(message, event)
    target, moment = TARGETS[event.kind]
    if message.state == State.FAILED and message.reason not in OPEN_REASONS and target == State.SENT:
        return Taken.IGNORED  # accepted at first and refused then: the refusal is what counts
    if message.state not in RANKS:
        _resolve(message, event)
    if getattr(message, moment) is None:
        setattr(message, moment, event.occurred_at)
    if RANKS[target] > RANKS[message.state]:
        message.state = target
    return Taken.APPLIED


def _resolve(message: Message, event: ProviderEvent) -> None:
    """Nobody knew whether it went out, and now somebody does: it did, and it is not sent again."""
    message.state, message.reason, message.last_error, message.provider_until = State.SENT, Reason.NONE, "", None
    message.sent_at = message.sent_at or event.occurred_at
    message.provider_message_id = message.provider_message_id or event.provider_message_id
    message.possible_duplicate = message.possible_duplicate and message.attempts > 1


def _came_back_for_good(message: Message, event: ProviderEvent) -> bool:
    """A mail that came back because a mailbox is full may yet be delivered by the provider's own next try; a text message is not."""
    is_last_word = event.is_hard or not channels.is_mail(message.backend)
    return event.kind == Kind.BOUNCED and message.state == State.BOUNCED and is_last_word


def _reject(message: Message, event: ProviderEvent) -> str:
    """The provider took it over and then would not send it."""
    if message.state == State.SENT or (message.state == State.FAILED and message.reason in OPEN_REASONS):
        message.state, message.reason, message.last_error = State.FAILED, Reason.REFUSED, event.detail
    return Taken.APPLIED


def _remember(message: Message, event: ProviderEvent) -> None:
    """What follows for the address."""
    if event.is_hard:
        _suppress(message, event, suppressions.Reason.BOUNCED)
    elif event.kind == Kind.BOUNCED and _bounces_softly(message):
        _suppress(message, event, suppressions.Reason.BOUNCED, suppressions.Scope.MARKETING)
    elif event.kind in (Kind.COMPLAINED, Kind.UNSUBSCRIBED):
        _suppress(message, event, event.kind)
        consents.withdraw(
            address_hash=message.recipient_hash, topic=Consent.Topic.MARKETING, where=f"{event.kind} ({event.provider})",
            at=event.occurred_at, channel=message.backend, evidence={"message": message.uid.hex, "event": event.key},
        )


def _suppress(message: Message, event: ProviderEvent, reason: str, scope: str = "") -> None:
    suppressions.suppress(
        message.recipient_hash, reason, scope=scope, channel=message.backend, shown=masked(message.recipient), at=event.occurred_at,
        detail=event.detail, message_uid=message.uid,
    )


def _bounces_softly(message: Message) -> bool:
    """Whether the last few mails to the address came back, with none delivered in between."""
    same = Message.objects.filter(recipient_hash=message.recipient_hash, backend=message.backend)
    since = clock.now() - timedelta(days=SOFT_DAYS)
    last = same.aggregate(at=Max("delivered_at"))["at"]
    return same.filter(bounced_at__gt=max(since, last) if last else since).count() >= SOFT_BOUNCES
