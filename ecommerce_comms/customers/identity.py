"""Which customer a snapshot speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ecommerce_comms import keys
from ecommerce_comms.customers import choices
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lookups import among
from ecommerce_comms.prepared import TEXTS, Read
from ecommerce_comms.rows import insert_many, update_each
from ecommerce_comms.snapshots import CustomerSnapshot

_LIMITS = {"email": 320, "phone": 40, "first_name": 150, "last_name": 150, "language": 35, "time_zone": 64}
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


def recognise(snapshot: CustomerSnapshot, at: datetime | None = None) -> Customer | None:
    """The customer of ``snapshot``, made if new, brought up to date if changed; ``None`` if it names nobody.

    ``at`` is when they chose the channels that it tells: when the order was placed.
    """
    return recognise_all([(snapshot, at)]).get(customer_key(snapshot))


def recognise_all(told: Iterable[tuple[CustomerSnapshot, datetime | None]]) -> dict[str, Customer]:
    """The customers of snapshots by their key, made if new, brought up to date if changed; the last snapshot has the last word.

    With each snapshot comes the moment at which the channels that it tells were chosen.
    """
    named = [(key, snapshot, at) for snapshot, at in told if (key := customer_key(snapshot))]
    known = {customer.key: customer for customer in _KNOWN.objects({key for key, _, _ in named})}
    fresh: dict[str, Customer] = {}
    for key, snapshot, _ in named:
        if key not in known:
            fresh.setdefault(key, Customer.build(key=key, reference=snapshot.reference[:190]))
    changed = [customer for key, snapshot, at in named if (customer := known.get(key)) and _bring_up_to_date(customer, snapshot, at)]
    update_each(set(changed), [*_LIMITS, "channels", "chosen", "call_times"])
    for key, snapshot, at in named:
        if customer := fresh.get(key):
            _bring_up_to_date(customer, snapshot, at)
    # Another worker may have been quicker, and not every database tells which rows are ours.
    if elsewhere := insert_many((fresh[key] for key in sorted(fresh)), unique="key"):
        known |= {customer.key: customer for customer in _KNOWN.objects({customer.key for customer in elsewhere})}
    return {**fresh, **known}


def _bring_up_to_date(customer: Customer, snapshot: CustomerSnapshot, at: datetime | None) -> bool:
    """Take over what ``snapshot`` says; whether it says anything new. Nothing is forgotten because it is not said again."""
    changed = False
    for name, limit in _LIMITS.items():
        value = getattr(snapshot, name).strip()[:limit]
        if value and getattr(customer, name) != value:
            setattr(customer, name, value)
            changed = True
    if snapshot.channels or snapshot.call_times:
        changed = choices.take_over(customer, snapshot, at) or changed
    return changed
