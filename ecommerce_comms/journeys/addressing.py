"""Who hears of an order, and where: the customer, and those whom the order names besides, each on their own channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from ecommerce_comms.conf import conf
from ecommerce_comms.customers import preferences
from ecommerce_comms.customers.identity import customer_key, normalise_email
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.channels import Contact
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import Order
from ecommerce_comms.snapshots import CustomerSnapshot, OrderSnapshot, RecipientSnapshot

Purpose, Role = Message.Purpose, Message.Role
TOPICS: dict[str, str] = {Purpose.MARKETING: "offers"}
"""The topic by whose channels a message of a purpose goes; ``orders`` for every other one."""
OTHERS = (Role.RECEIVER, Role.DESK)


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """One person who hears of an order."""

    role: str = Role.CUSTOMER
    name: str = ""
    contact: Contact
    channels: tuple[str, ...]
    """In the order preferred."""
    language: str

    @property
    def who(self) -> str:
        """By what the person is told from others, however they are reached."""
        return normalise_email(self.contact.email) or self.contact.phone or "-"

    def way(self) -> tuple[str, str]:
        """Channel and address: the first channel by which the person can be reached; without any, the first one and no address."""
        ways = ((channel, channels.address_of(channel, self.contact)) for channel in self.channels if channel in conf.BACKENDS)
        first = next(iter(self.channels), "email")
        return next((way for way in ways if way[1]), (first, "" if first != "email" else self.contact.email))

    def address_on(self, channel: str) -> str:
        """The address on ``channel``; empty if there is none."""
        return channels.address_of(channel, self.contact) if channel in conf.BACKENDS else ""


def prefetch(histories: Iterable[History]) -> None:
    """Read the customers of orders known before, who may have chosen anew since: one query, none where nothing can be chosen."""
    if len(channels.known()) > 1:
        prefetch_related_objects([history.order for history in histories if not history.is_new], "customer")


def customer_of(history: History, purpose: str) -> Addressee:
    """Who ordered."""
    snapshot = history.order.as_snapshot
    customer = snapshot.customer
    return Addressee(
        name=f"{customer.first_name} {customer.last_name}".strip()[:300], contact=_contact(customer, snapshot.address.country),
        channels=preferences.chosen(_channels(history.order, snapshot), TOPICS.get(purpose, "orders")),
        language=texts.best_language(history.order.language, conf.language),
    )


def others_of(history: History) -> list[Addressee]:
    """Whom the order names besides, each once, and not the customer once more."""
    snapshot = history.order.as_snapshot
    if not snapshot.recipients:
        return []
    found = {each.who: each for each in (_other(one, history.order) for one in snapshot.recipients) if each.role in OTHERS}
    for known in (normalise_email(snapshot.customer.email), snapshot.customer.phone):
        found.pop(known, None)
    found.pop("-", None)
    return list(found.values())


def _other(one: RecipientSnapshot, order: Order) -> Addressee:
    return Addressee(
        role=one.role, name=one.name[:300],
        contact=Contact(email=one.email[:320].strip(), phone=one.phone[:40].strip(), country=order.as_snapshot.address.country),
        channels=preferences.chosen({"orders": one.channels} if one.channels else {}, "orders"),
        language=texts.best_language(one.language, order.language, conf.language),
    )


def _contact(customer: CustomerSnapshot, country: str) -> Contact:
    email, phone = customer.email[:320].strip(), customer.phone[:40].strip()
    return Contact(email=email, phone=phone, customer=customer_key(customer), country=country)


def _channels(order: Order, snapshot: OrderSnapshot) -> dict[str, Any]:
    """What was chosen: at this order's checkout, or by the customer since."""
    told = dict(snapshot.customer.channels)
    known = order.customer if Order.customer.is_cached(order) else None
    if known is None or not known.channels:
        return told
    is_newer = known.channels_at is None or order.placed_at is None or known.channels_at >= order.placed_at
    return {**told, **known.channels} if is_newer else {**known.channels, **told}
