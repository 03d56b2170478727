"""When one channel has failed for good, the next one in the customer's order is tried, once.

The new message says word for word what the failed one said or would have said. It is made in the transaction that keeps the
failure, and its key comes from the failed message: whoever learns of the same failure twice makes nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import consents, preferences
from ecommerce_comms.customers.identity import customer_key
from ecommerce_comms.messaging import channels, newborn
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.rows import insert_many

State, Reason, Purpose = Message.State, Message.Reason, Message.Purpose
HOPELESS: dict[str, frozenset[str]] = {
    State.FAILED: frozenset({Reason.REFUSED, Reason.UNREACHABLE}),
    State.BOUNCED: frozenset({Reason.NONE}),
    State.SKIPPED: frozenset({Reason.SUPPRESSED, Reason.NO_ADDRESS}),
}
"""States and reasons for which another channel may help. What may have arrived is not said once more, and a text that cannot be made
cannot be made elsewhere either."""
_SAME = (
    "kind", "purpose", "role", "language", "recipient_name", "facts", "words", "subject", "text_source", "text_version", "expires_at",
)


def is_hopeless(message: Message) -> bool:
    """Whether ``message`` will never arrive on its channel."""
    return message.reason in HOPELESS.get(message.state, ())


def catch(failed: Iterable[Message]) -> list[Message]:
    """Put a message on the next channel for each of ``failed`` that is kept as hopeless now; returns what was put.

    Call it in the transaction that keeps the failures.
    """
    pks = [message.pk for message in failed if is_hopeless(message)]
    if not pks:
        return []
    rows = Message.objects.filter(pk__in=pks).select_related("order", "customer", "event", "parcel").order_by("pk")
    new = [message for row in rows if is_hopeless(row) and (message := _next(row))]
    for message in new:
        newborn.complete(message)
    insert_many(new, unique="dedupe_key")
    newborn.wake({message.lane for message in new})
    return new


def _next(failed: Message) -> Message | None:
    """The message that takes the place of ``failed``; ``None`` if no channel is left, or if it is no news any more."""
    now = clock.now()
    if failed.expires_at and failed.expires_at < now:
        return None
    channel, address = next(iter(_ways(failed)), ("", ""))
    if not channel:
        return None
    return Message.build(
        **{name: getattr(failed, name) for name in _SAME}, order=failed.order, customer=failed.customer, event=failed.event,
        parcel=failed.parcel, backend=channel, recipient=address, instead_of=failed, dedupe_key=keys.make("instead", failed.uid.hex),
        state=State.QUEUED, due_at=now, decided_at=now,
    )


def next_channel(failed: Message) -> str:
    """The channel on which ``failed`` would be said next; empty if there is none."""
    return next((channel for channel, _ in _ways(failed)), "")


def _ways(failed: Message) -> Iterable[tuple[str, str]]:
    """Channels and addresses that are left for what ``failed`` says, in the order preferred."""
    tried = {failed.backend, *_before(failed)}
    contact, listed = _person(failed)
    for channel in listed:
        if channel in tried or channel not in conf.BACKENDS:
            continue
        address = channels.address_of(channel, contact)
        if address and (failed.purpose != Purpose.MARKETING or consents.has(address, Purpose.MARKETING, channel)):
            yield channel, address


def _before(failed: Message) -> list[str]:
    """The channels on which the same was tried before."""
    found: list[str] = []
    message = failed
    while message.instead_of_id and len(found) < len(conf.BACKENDS):
        message = Message.objects.defer("facts", "words").get(pk=message.instead_of_id)
        found.append(message.backend)
    return found


def _person(failed: Message) -> tuple[Contact, Sequence[str]]:
    """How the person can be reached, and on which channels they want to hear of this."""
    topic = "offers" if failed.purpose == Purpose.MARKETING else "orders"
    snapshot = failed.order.as_snapshot if failed.order else None
    country = snapshot.address.country if snapshot else ""
    if failed.role:
        for one in snapshot.recipients if snapshot else ():
            if failed.recipient in (one.email.strip(), channels.usable_phone(one.phone, country)):
                listed = preferences.chosen({"orders": one.channels} if one.channels else {}, topic)
                return Contact(email=one.email, phone=one.phone, country=country), listed
        return Contact(), ()
    told = snapshot.customer if snapshot else None
    known = failed.customer
    listed = preferences.chosen({**(told.channels if told else {}), **(known.channels if known else {})}, topic)
    email = (told.email if told else "") or (known.email if known else "")
    phone = (told.phone if told else "") or (known.phone if known else "")
    key = (customer_key(told) if told else "") or (known.key if known else "")
    return Contact(email=email, phone=phone, customer=key, country=country), listed
