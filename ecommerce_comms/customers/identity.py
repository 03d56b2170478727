"""Which customer a snapshot speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from ecommerce_comms import keys
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lookups import among
from ecommerce_comms.prepared import TEXTS, Read
from ecommerce_comms.rows import insert_many, update_each
from ecommerce_comms.snapshots import CustomerSnapshot, OrderSnapshot

_LIMITS = {"email": 320, "phone": 40, "first_name": 150, "last_name": 150, "language": 35, "time_zone": 64,
           "call_times": 100}
_KNOWN = Read(Customer, lambda keys: Customer.objects.filter(among("key", keys)), TEXTS)


def normalise_email(address: str) -> str:
    """``address`` for comparing: trimmed, lower case, the domain in its ASCII form."""
    local, at, domain = address.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            pass
    return f"{local}{at}{domain}".lower()


def customer_key(snapshot: CustomerSnapshot) -> str:
    """The unique key of the customer; empty if the snapshot names nobody."""
    if snapshot.reference:
        return keys.make("account", snapshot.reference)
    if snapshot.email:
        return keys.make("guest", normalise_email(snapshot.email))
    return keys.make("phone", snapshot.phone) if snapshot.phone else ""


def recognise(order: OrderSnapshot) -> Customer | None:
    """The customer of ``order``, made if new, brought up to date if changed; ``None`` if it names nobody."""
    return recognise_all([order]).get(customer_key(order.customer))


def recognise_all(orders: Iterable[OrderSnapshot]) -> dict[str, Customer]:
    """The customers of ``orders`` by their key, made if new, brought up to date if changed; the last snapshot has the last word."""
    named = [(key, order) for order in orders if (key := customer_key(order.customer))]
    known = {customer.key: customer for customer in _KNOWN.objects({key for key, _ in named})}
    fresh: dict[str, Customer] = {}
    for key, order in named:
        if key not in known:
            fresh.setdefault(key, Customer.build(key=key, reference=order.customer.reference[:190]))
    changed = [customer for key, order in named if (customer := known.get(key)) and _bring_up_to_date(customer, order)]
    update_each(set(changed), [*_LIMITS, "channels", "channels_at"])
    for key, order in named:
        if customer := fresh.get(key):
            _bring_up_to_date(customer, order)
    # Another worker may have been quicker, and not every database tells which rows are ours.
    if elsewhere := insert_many((fresh[key] for key in sorted(fresh)), unique="key"):
        known |= {customer.key: customer for customer in _KNOWN.objects({customer.key for customer in elsewhere})}
    return {**fresh, **known}


def _bring_up_to_date(customer: Customer, order: OrderSnapshot) -> bool:
    """Take over what ``order`` says of who ordered; whether it says anything new. Nothing is forgotten because it is not said again."""
    changed = bool(order.customer.channels) and _take_channels(customer, order)
    for name, limit in _LIMITS.items():
        value = getattr(order.customer, name).strip()[:limit]
        if value and getattr(customer, name) != value:
            setattr(customer, name, value)
            changed = True
    return changed


def _take_channels(customer: Customer, order: OrderSnapshot) -> bool:
    """Take over the channels chosen at the checkout of ``order``, unless a later choice is known."""
    told = {topic: list(listed) for topic, listed in order.customer.channels.items()}
    is_older = customer.channels_at is not None and (order.placed_at is None or order.placed_at < customer.channels_at)
    if is_older or told.items() <= customer.channels.items():
        return False
    customer.channels, customer.channels_at = {**customer.channels, **told}, order.placed_at or customer.channels_at
    return True
