"""What a customer chose after a message was queued holds for that message too: it is moved to the channel that they want now.

It stays the same row, so that it is said once whatever they choose, and is moved only while it surely has not left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecommerce_comms.customers import choices, consents
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.messaging import channels, reaching
from ecommerce_comms.messaging.models import Message

State, Reason = Message.State, Message.Reason


def settle(message: Message) -> tuple[str, str] | None:
    """Let a claimed ``message`` leave where the customer wants it now; the state and reason if they want it nowhere.

    Costs nothing for whoever was never asked, and for whoever gets it where they want it most.
    """
    topic = reaching.TOPICS[message.purpose]
    if message.role or message.customer is None or topic not in message.customer.channels:
        return None
    wanted = choices.chosen(message.customer, topic)
    if not wanted:
        return State.SKIPPED, Reason.NO_CONSENT
    if message.instead_of_id is not None:  # the channels before it were tried
        return None if message.backend in wanted else (State.SKIPPED, Reason.NO_CONSENT)
    is_settled = wanted[0] == message.backend or message.repeats_id is not None
    may_have_left = message.possible_duplicate or message.provider_until is not None
    return None if is_settled or may_have_left else _move(message, wanted)


def _move(message: Message, wanted: Sequence[str]) -> tuple[str, str] | None:
    way = next(_ways(message, wanted), None)
    if way is None:
        return None if message.backend in wanted else (State.SKIPPED, Reason.NO_ADDRESS)
    if way[0] == message.backend:
        return None
    message.backend, message.recipient = way
    message.recipient_hash = address_hash(message.recipient)
    changed = {"backend": message.backend, "recipient": message.recipient, "recipient_hash": message.recipient_hash}
    # Under the claim alone: what another worker has taken over meanwhile stays as that one has it.
    Message.objects.filter(pk=message.pk, lease_token=message.lease_token).update(**changed)
    return None


def _ways(message: Message, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Where the message can go, in the customer's order; advertising only where they agreed to it."""
    person = reaching.person_of(message)
    for channel in wanted if person else ():
        address = channels.address_of(channel, person.contact) if person else ""
        is_offer = message.purpose == Message.Purpose.MARKETING
        if address and (not is_offer or consents.has(address, Consent.Topic.MARKETING, channel)):
            yield channel, address
