"""Whom a message is for, and how they can be reached: the customer, and the others whom an order names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ecommerce_comms.customers import choices, phones
from ecommerce_comms.customers.identity import customer_key, normalise_email
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.snapshots import CustomerSnapshot, OrderSnapshot, RecipientSnapshot

Purpose, Role = Message.Purpose, Message.Role
TOPICS: dict[str, str] = {
    Purpose.TRANSACTIONAL: choices.ORDERS, Purpose.SERVICE: choices.ORDERS, Purpose.TRACKING: choices.ORDERS,
    Purpose.MARKETING: choices.OFFERS,
}
"""For which topic a customer chose the channel of a message, by its purpose."""
MOST_OTHERS = 10
"""So many besides the customer are told of an order, at most."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is told."""

    role: str = Role.CUSTOMER
    name: str = ""
    language: str = ""
    """IETF tag; empty: that of the order."""
    time_zone: str = ""
    """IANA name; empty: that of the order."""
    contact: Contact
    channels: tuple[str, ...] = ()
    """Of somebody else than the customer, whose channels depend on the topic."""

    def is_at(self, address: str) -> bool:
        """Whether ``address`` is one of theirs."""
        plain = normalise_email(address)
        return bool(plain) and plain in _addresses(self.contact)


def wanted(person: Person, purpose: str, customer: Customer | None) -> tuple[str, ...]:
    """The channels on which ``person`` hears of what has ``purpose``, the preferred one first; none if the customer wants none."""
    return person.channels if person.role else choices.chosen(customer, TOPICS[purpose])


def the_customer(snapshot: OrderSnapshot, customer: Customer | None) -> Person:
    """Who ordered: reached as the order says, and by the telephone that is known of them where it has none."""
    told = snapshot.customer
    contact = Contact(email=told.email[:320].strip())
    if channels.are_many():
        phone = told.phone.strip() or (customer.phone if customer else "")
        contact = Contact(email=contact.email, phone=phone[:40], customer=_key(told, customer), country=snapshot.address.country)
    return Person(name=f"{told.first_name} {told.last_name}".strip()[:300], contact=contact)


def the_others(snapshot: OrderSnapshot) -> list[Person]:
    """Who else is told of the parcels; whoever has no address but that of the customer, or of another one, is told already."""
    if not snapshot.recipients:
        return []
    own = snapshot.customer
    taken = _addresses(Contact(email=own.email, phone=own.phone, country=snapshot.address.country))
    return list(_others(snapshot.recipients[:MOST_OTHERS], taken, snapshot.address.country))


def person_of(message: Message) -> Person | None:
    """For whom ``message`` is, by what its order says now; ``None`` if the order names them no more."""
    if message.order is None:
        return _without_order(message)
    snapshot = message.order.as_snapshot
    if not message.role:
        return the_customer(snapshot, message.customer)
    return find(message, the_others(snapshot))


def find(message: Message, people: Iterable[Person]) -> Person | None:
    """Who of ``people`` gets ``message``: by the address, or else by name and role, for an address may have been corrected."""
    same_role = [person for person in people if person.role == message.role]
    by_address = (person for person in same_role if not person.role or person.is_at(message.recipient))
    by_name = (person for person in same_role if person.name and person.name == message.recipient_name)
    return next(by_address, None) or next(by_name, None)


def _without_order(message: Message) -> Person | None:
    customer = message.customer
    if customer is None:
        return None
    return Person(name=message.recipient_name, contact=Contact(email=customer.email, phone=customer.phone, customer=customer.key))


def _others(recipients: Iterable[RecipientSnapshot], taken: set[str], country: str) -> Iterator[Person]:
    for recipient in recipients:
        given = Contact(email=recipient.email[:320].strip(), phone=recipient.phone[:40].strip(), country=country)
        contact = Contact(
            email="" if normalise_email(given.email) in taken else given.email,
            phone="" if _number(given) in taken else given.phone, country=country,
        )
        if (given.email or given.phone) and not (contact.email or contact.phone):
            continue
        taken |= _addresses(contact)
        listed = tuple(dict.fromkeys(channel for channel in recipient.channels if channel in channels.known()))
        yield Person(
            role=recipient.role if recipient.role in _OTHERS else Role.RECEIVER, name=recipient.name.strip()[:300], contact=contact,
            language=recipient.language, time_zone=recipient.time_zone, channels=listed or choices.usual(choices.ORDERS),
        )


_OTHERS = frozenset(Role.values) - {Role.CUSTOMER}


def _addresses(contact: Contact) -> set[str]:
    return {normalise_email(contact.email), _number(contact), contact.customer} - {""}


def _number(contact: Contact) -> str:
    return phones.e164(contact.phone, contact.country) or contact.phone


def _key(told: CustomerSnapshot, customer: Customer | None) -> str:
    return customer.key if customer else customer_key(told)
