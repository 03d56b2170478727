"""When a message fails for good on one channel, the next channel in the customer's order is tried: once each, and never back.

It is a message of its own (``Message.instead_of``) with the same facts and the same words. Whether it is still news is asked
as of everything else that was planned: about an order it is planned for now, and journeys judge it before it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext

from django.db import InterfaceError, OperationalError, router, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ecommerce_comms import clock, keys, masking
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.messaging import channels, decisions, reaching
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION
from ecommerce_comms.orders.redaction import is_erased
from ecommerce_comms.rows import insert_many

State, Reason, Purpose = Message.State, Message.Reason, Message.Purpose
log = masking.logger(__name__)
FALLS: dict[str, frozenset[str]] = {
    State.FAILED: frozenset({Reason.REFUSED, Reason.UNREACHABLE}),
    State.SKIPPED: frozenset({Reason.SUPPRESSED, Reason.NO_ADDRESS}),
}
"""After which endings another channel is tried. What may have arrived (``unknown``) is not said again, and a text that cannot be made
is no better elsewhere."""
_SAID = ("words", "subject", "text_source", "text_version")
_COPIED = ("kind", "purpose", "lane", "order", "parcel_id", "event_id", "customer", "language", "role", "recipient_name", "facts", *_SAID)
WHY: dict[str, str] = {
    State.BOUNCED: gettext_noop("%(before)s came back; told by %(after)s instead."),
    Reason.REFUSED: gettext_noop("%(before)s was refused; told by %(after)s instead."),
    Reason.UNREACHABLE: gettext_noop("%(before)s did not get through; told by %(after)s instead."),
    Reason.SUPPRESSED: gettext_noop("%(before)s no longer goes to this address; told by %(after)s instead."),
    Reason.NO_ADDRESS: gettext_noop("%(before)s had no usable address; told by %(after)s instead."),
}
"""What the order's story says, by what became of the message before."""


def may_fall(message: Message) -> bool:
    """Whether what became of ``message`` is a reason to try another channel; asks nobody.

    What may have arrived is not said again, however its last try ended, and what somebody sent by hand is left to them.
    """
    has_failed = message.reason in FALLS.get(message.state, ()) and not message.possible_duplicate
    return has_failed and not message.repeats_id and channels.are_many()


def together(messages: Iterable[Message]) -> transaction.Atomic | nullcontext[None]:
    """A transaction for keeping what became of ``messages`` and what follows from it, if anything may; else nothing at all."""
    return transaction.atomic(using=router.db_for_write(Message)) if any(map(may_fall, messages)) else nullcontext()


def after(messages: Iterable[Message], *, bounced: Sequence[Message] = ()) -> None:
    """Try the next channel for those of ``messages`` that failed for good, and for those that ``bounced``.

    Call it in the transaction that keeps what became of them. A mistake in here is logged and costs nobody that; what the database
    refuses is raised, for it may have undone the transaction.
    """
    failed = {message.pk for message in messages if may_fall(message)}
    back = {message.pk for message in bounced if not message.repeats_id and channels.are_many()}
    if not failed | back:
        return
    try:
        with transaction.atomic(using=router.db_for_write(Message)):
            _fall(failed | back, back)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("For %d messages that failed, no other channel could be tried.", len(failed | back))


def next_channel(message: Message) -> tuple[str, str] | None:
    """The channel that is tried after that of ``message``, and the address there; ``None`` if all were tried or none reaches anybody.

    Advertising goes only where somebody agreed to it, and nothing goes where the same fact was told already.
    """
    person = reaching.person_of(message)
    if person is None or (message.purpose == Purpose.MARKETING and _is_unwanted(message)):
        return None
    listed = reaching.wanted(person, message.purpose, message.customer)
    tried = {each.backend for each in _chain(message)}
    ways = ((channel, channels.address_of(channel, person.contact)) for channel in listed if channel not in tried)
    return next(((channel, address) for channel, address in ways if address and _may_be_told(message, channel, address)), None)


def in_words(message: Message) -> str:
    """Why ``message`` stands for another one, for the shopkeeper; empty if it does not."""
    before = message.instead_of
    if before is None:
        return ""
    told = {"before": _capital(channels.in_words(before.backend)), "after": channels.in_words(message.backend)}
    return _(WHY.get(before.reason) or WHY[State.BOUNCED]) % told


def _fall(pks: set[int], back: set[int]) -> None:
    """Under the messages' locks, by what the database says: another worker, or the same notice again, may have been here first."""
    rows = Message.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    failed = [row for row in rows if may_fall(row) or (row.pk in back and row.state == State.BOUNCED)]
    children = Message.objects.using(router.db_for_write(Message)).filter(instead_of__in=[row.pk for row in failed])
    has_one = set(children.values_list("instead_of", flat=True))
    new = [made for row in failed if row.pk not in has_one and (made := _instead(row))]
    decisions.make_ready(new)
    insert_many(new, unique="dedupe_key")
    decisions.announce(new)
    decisions.wake({row.lane for row in new})  # for what is planned for now, too


def _instead(message: Message) -> Message | None:
    now, order = clock.now(), message.order
    is_over = order is not None and (is_erased(order) or (order.cancelled_at and message.kind not in AFTER_CANCELLATION))
    is_gone = message.customer is not None and message.customer.erased_at is not None
    if is_over or is_gone or (message.expires_at and message.expires_at <= now) or not decisions.has_text(message):
        return None
    found = next_channel(message)
    if found is None:
        return None
    channel, address = found
    return Message(
        **{name: getattr(message, name) for name in _COPIED}, instead_of=message, backend=channel, recipient=address,
        # One for each channel, whoever comes first.
        dedupe_key=keys.make("instead", list(_chain(message))[-1].pk, channel), decided_at=now, due_at=now, expires_at=message.expires_at,
        state=State.SCHEDULED if order else State.QUEUED,
    )


def _chain(message: Message) -> Iterator[Message]:
    """``message``, and those before it that failed, back to the first."""
    here: Message | None = message
    while here is not None:
        yield here
        here = Message.objects.only("backend", "instead_of").filter(pk=here.instead_of_id).first() if here.instead_of_id else None


def _is_unwanted(message: Message) -> bool:
    """Whether the person shut the address to advertising: who complains on one channel is not chased on the next."""
    scopes = suppressions.suppressed_addresses([message.recipient], message.backend).get(message.recipient, set())
    return bool(scopes) and Suppression.Scope.ALL not in scopes


def _may_be_told(message: Message, channel: str, address: str) -> bool:
    if message.purpose == Purpose.MARKETING and not consents.has(address, Consent.Topic.MARKETING, channel):
        return False
    if message.event_id is None:
        return True
    same = Message.objects.filter(event=message.event_id, kind=message.kind, backend=channel, recipient_hash__in=address_hashes(address))
    return not same.exclude(state=State.SKIPPED).exists()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
