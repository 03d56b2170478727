"""Which customer a snapshot speaks of."""

from __future__ import annotations

from ecommerce_comms import keys
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.snapshots import CustomerSnapshot

_LIMITS = {"email": 320, "phone": 40, "first_name": 150, "last_name": 150, "language": 35, "time_zone": 64}


def normalise_email(address: str) -> str:
    """``address`` for comparing: trimmed, lower case, the domain in its ASCII form."""
    local, at, domain = address.strip().rpartition("@")
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


def recognise(snapshot: CustomerSnapshot) -> Customer | None:
    """The customer of ``snapshot``, made if new, brought up to date if changed; ``None`` if it names nobody."""
    key = customer_key(snapshot)
    if not key:
        return None
    news = {name: getattr(snapshot, name).strip()[:limit] for name, limit in _LIMITS.items() if getattr(snapshot, name).strip()}
    customer, created = Customer.objects.get_or_create(key=key, defaults={**news, "reference": snapshot.reference[:190]})
    changed = [name for name, value in news.items() if not created and getattr(customer, name) != value]
    if changed:
        for name in changed:
            setattr(customer, name, news[name])
        customer.save(update_fields=changed)
    return customer
