"""People whom the orders of others name: who is told of a parcel besides the customer.

The order stays with its customer as it is, its delivery address included; the person is taken out of those who are told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.orders.redaction import hashes_of, recipients_of, without_recipients
from ecommerce_comms.rows import update_each

Json = dict[str, Any]
_ROLE = ("role",)


def orders(hashes: Collection[str]) -> list[int]:
    """Keys of the orders that name an address with one of ``hashes`` among those who are told."""
    if not hashes:
        return []
    rows = Order.objects.filter(snapshot__has_key="recipients").only("snapshot")
    return [row.pk for row in rows.iterator() if _names(row.snapshot, hashes)]


def events(hashes: Collection[str]) -> list[int]:
    """Keys of the events that do, also about orders that nobody has opened yet."""
    if not hashes:
        return []
    rows = OrderEvent.objects.filter(snapshot__has_key="recipients").only("snapshot")
    return [row.pk for row in rows.iterator() if _names(row.snapshot, hashes)]


def forget(order_pks: Collection[int], event_pks: Collection[int], hashes: Collection[str]) -> None:
    """Take the person out of these orders and events, and out of what is told of the orders later."""
    orders, events = Order.objects.filter(pk__in=order_pks).only("snapshot"), OrderEvent.objects.filter(pk__in=event_pks).only("snapshot")
    found: list[Order | OrderEvent] = [*orders, *events]
    for row in found:
        row.snapshot = without_recipients(row.snapshot or {}, hashes)
    for kind in (Order, OrderEvent):
        update_each([row for row in found if isinstance(row, kind)], ["snapshot"])


def exported(order_pks: Collection[int], hashes: Collection[str]) -> Iterator[Json]:
    """What orders of others say of the person, each with the order's number."""
    for order in Order.objects.filter(pk__in=order_pks).order_by("pk"):
        for each in recipients_of(order.snapshot):
            if not hashes_of(each).isdisjoint(hashes):
                yield {"order": order.number, **each}


def without_others(snapshot: Json | None) -> Json | None:
    """A snapshot (JSON) in which those who are told besides the customer have a role and nothing else."""
    if not recipients_of(snapshot):
        return snapshot
    return {**(snapshot or {}), "recipients": [{name: each.get(name, "") for name in _ROLE} for each in recipients_of(snapshot)]}


def _names(snapshot: Json | None, hashes: Collection[str]) -> bool:
    return any(not hashes_of(each).isdisjoint(hashes) for each in recipients_of(snapshot))
