"""Who is meant by an e-mail address, a phone number or an account, and which rows are about that person.

A person is one account at the shop, or whoever has one e-mail address now, compared as ``normalise_email`` writes it: upper
and lower case and the two spellings of a domain are one, while ``а`` in Cyrillic or a ``+tag`` make another address. All
orders of an account belong to it, whichever address it had when it placed them. A phone number is shared by households, so
it names a person only if nobody else has it; and an order that merely mentions it is not theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.customers.identity import customer_key, normalise_email
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.exceptions import AmbiguousPerson, UnknownPerson
from ecommerce_comms.masking import masked
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.privacy import mentions
from ecommerce_comms.snapshots import CustomerSnapshot

M = TypeVar("M", bound=Model)
CHUNK = 1000
"""How many rows one statement takes."""


@dataclass
class Person:
    """A person, by all the customers that they are, and where to find what is kept of them."""

    customers: Sequence[Customer]
    addresses: frozenset[str]
    """Normalised e-mail addresses and phone numbers that are theirs alone."""
    strays: Sequence[int] = field(default_factory=tuple)
    """Keys of events about orders that nobody has opened yet."""

    @cached_property
    def hashes(self) -> list[str]:
        """Of the addresses, under today's key and older ones."""
        return [each for address in sorted(self.addresses) for each in address_hashes(address) if each]

    @property
    def pks(self) -> list[int]:
        """Of the customers."""
        return [customer.pk for customer in self.customers]

    @property
    def orders(self) -> QuerySet[Order]:
        """Their orders, in the order in which workers lock them."""
        return Order.objects.filter(customer__in=self.pks).order_by("pk")

    @cached_property
    def messages(self) -> list[int]:
        """Keys of the messages that were meant for them, whoever ordered, and of those that told others of their own orders.

        Those of an order that went to somebody else, as its customer, are not.
        """
        nobodys = Message.objects.filter(customer=None)
        found = (
            Message.objects.filter(customer__in=self.pks), nobodys.filter(order__customer__in=self.pks),
            nobodys.filter(Q(order=None) | ~Q(role=""), recipient_hash__in=self.hashes),
        )
        return sorted({pk for rows in found for pk in rows.values_list("pk", flat=True)})

    @cached_property
    def events(self) -> list[int]:
        """Keys of the events of their orders."""
        keys = list(self.orders.values_list("key", flat=True))
        found = (pk for rows in chunks(OrderEvent.objects.all(), "order_key", keys) for pk in rows.values_list("pk", flat=True))
        return sorted({*self.strays, *found})

    @cached_property
    def calls(self) -> list[int]:
        """Keys of the call-backs that were meant for them, or asked for at a number that is theirs alone."""
        nobodys = CallbackRequest.objects.filter(customer=None)
        found = (
            CallbackRequest.objects.filter(customer__in=self.pks), nobodys.filter(order__customer__in=self.pks),
            nobodys.filter(order=None, number_hash__in=self.hashes),
        )
        return sorted({pk for rows in found for pk in rows.values_list("pk", flat=True)})

    @cached_property
    def mentions(self) -> list[int]:
        """Keys of the orders, of whomever, that name them among those who are told."""
        return mentions.orders(self.hashes)

    @cached_property
    def mentioning_events(self) -> list[int]:
        """Keys of the events that do."""
        return mentions.events(self.hashes)

    @property
    def consents(self) -> QuerySet[Consent]:
        """What they agreed to, or not, under addresses that are theirs alone."""
        mine = Q(customer__in=self.pks) | Q(customer=None, address_hash__in=self.hashes)
        return Consent.objects.filter(mine).order_by("at", "pk")

    @property
    def suppressions(self) -> QuerySet[Suppression]:
        """Their addresses that nothing is sent to."""
        return Suppression.objects.filter(address_hash__in=self.hashes).order_by("pk")


def chunks(rows: QuerySet[M], name: str, values: Sequence[Any]) -> Iterator[QuerySet[M]]:
    """``rows`` whose field ``name`` is one of ``values``, in pieces that every database takes in one statement."""
    for first in range(0, len(values), CHUNK):
        yield rows.filter(**{f"{name}__in": values[first : first + CHUNK]})


def find(identifier: str) -> Person:
    """The person whom ``identifier`` names: an e-mail address, a phone number, or the shop's key of an account.

    Raises ``UnknownPerson`` if nothing is kept of them, and ``AmbiguousPerson`` if several people may be meant.
    """
    asked = identifier.strip()
    found = _named(asked) or _by_phone(asked)
    customers = sorted({each.pk: each for one in found for each in (one, *_by_email(one.email))}.values(), key=lambda each: each.pk)
    addresses = {_plain(address) for each in customers for address in (each.email, each.phone)} | _former(customers)
    alone = frozenset(each for each in addresses or {_plain(asked)} if each and not _is_shared(each, customers))
    person = Person(customers, alone, _strays(customers, alone))
    if not (customers or _is_known(person)):
        raise UnknownPerson(_hint(asked))
    return person


def _is_known(person: Person) -> bool:
    told = person.strays or person.messages or person.consents.exists() or person.suppressions.exists()
    return bool(told or person.mentions or person.mentioning_events or person.calls)


def is_theirs(person: Person, snapshot: dict[str, Any] | None) -> bool:
    """Whether an order's snapshot (JSON) names this person, or nobody."""
    customer = (snapshot or {}).get("customer") or {}
    reference, email = customer.get("reference", ""), customer.get("email", "")
    references = {each.reference for each in person.customers} - {""}
    if not reference and not email:
        return True
    return reference in references or (bool(email) and normalise_email(email) in person.addresses)


def _named(asked: str) -> list[Customer]:
    """Customers with the account or e-mail address ``asked``; ``account:7`` says that 7 is an account."""
    reference = asked.removeprefix("account:")
    keys = [asked, customer_key(CustomerSnapshot(reference=reference))] if reference else []
    accounts = Customer.objects.filter(key__in=keys, erased_at=None)
    exact = [each for each in accounts if each.key == asked or each.reference == reference]
    return exact + (_by_email(asked) if "@" in asked else [])


def _by_email(address: str) -> list[Customer]:
    """Customers whose address it is now. What the database finds alike is compared once more, letter by letter."""
    if "@" not in address:
        return []
    plain = normalise_email(address)
    wanted = Q(key=customer_key(CustomerSnapshot(email=plain)))
    for form in {address.strip(), plain, _readable(plain)}:
        wanted |= Q(email__iexact=form)
    return [each for each in Customer.objects.filter(wanted, erased_at=None) if normalise_email(each.email) == plain]


def _by_phone(asked: str) -> list[Customer]:
    number = _number(asked)
    found = _with_phone(number) if number else []
    people = {normalise_email(each.email) or each.key: each for each in found}
    if len(people) > 1:
        raise AmbiguousPerson(f"{masked(asked)} belongs to {', '.join(map(_name, people.values()))}. Name the address or the account.")
    return found


def _with_phone(number: str) -> list[Customer]:
    """Phones are kept as they were written, so the database can only narrow the search down."""
    rows = Customer.objects.filter(phone__contains=number[-1], erased_at=None)
    return [each for each in rows.iterator() if _number(each.phone) == number]


def _is_shared(address: str, customers: Iterable[Customer]) -> bool:
    """Whether ``address`` is a phone number that somebody else has as well."""
    mine = {each.pk for each in customers}
    return "@" not in address and any(each.pk not in mine for each in _with_phone(address))


def _former(customers: Sequence[Customer]) -> set[str]:
    """Addresses to which messages for ``customers`` went, and for nobody else."""
    pks = [each.pk for each in customers]
    sent = Message.objects.filter(customer__in=pks).exclude(recipient="").order_by().values_list("recipient_hash", "recipient").distinct()
    by_hash = {hashed: normalise_email(address) for hashed, address in sent if hashed}
    for rows in chunks(Message.objects.exclude(customer=None).exclude(customer__in=pks), "recipient_hash", list(by_hash)):
        for hashed in set(rows.values_list("recipient_hash", flat=True)):
            by_hash.pop(hashed)
    return {address for address in by_hash.values() if all(each.pk in pks for each in _by_email(address))}


def _strays(customers: Sequence[Customer], addresses: frozenset[str]) -> list[int]:
    """Keys of events that name this person, about orders that are still unknown: they wait, or were given up."""
    nobody = Person(customers, addresses)
    waiting = OrderEvent.objects.filter(order=None, snapshot__isnull=False).exclude(state=OrderEvent.State.PROCESSED)
    named = {event.pk: event.order_key for event in waiting.only("snapshot", "order_key").iterator()
             if (event.snapshot or {}).get("customer") and is_theirs(nobody, event.snapshot)}
    known = {key for rows in chunks(Order.objects.all(), "key", sorted(set(named.values()))) for key in rows.values_list("key", flat=True)}
    return [pk for pk, key in named.items() if key not in known]


def _hint(asked: str) -> str:
    """Accounts that once had the address: it may be somebody else's by now, so whoever asks has to name the account."""
    if "@" not in asked:
        return ""
    sent = Message.objects.filter(recipient_hash__in=address_hashes(asked)).exclude(customer=None)
    once = Customer.objects.filter(pk__in=sent.values("customer"), erased_at=None)[:5]
    return f"It was once an address of {', '.join(map(_name, once))}; name that account if it is the same person." if once else ""


def _name(customer: Customer) -> str:
    return f"account {customer.reference}" if customer.reference else masked(customer.email) or customer.key


def _number(text: str) -> str:
    """The digits of a phone number, with its plus; empty for what is none."""
    return re.sub(r"[^\d+]", "", text) if re.fullmatch(r"[\d\s+()./-]*(?:\d[\s()./-]*){6}", text.strip()) else ""


def _plain(address: str) -> str:
    return normalise_email(address) if "@" in address else _number(address)


def _readable(address: str) -> str:
    """With the domain as people write it."""
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address
