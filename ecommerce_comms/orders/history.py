"""An order with everything that is known of it, opened and locked for the processing of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import to_locale

from ecommerce_comms.conf import conf
from ecommerce_comms.customers.identity import customer_key, recognise_all
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.lookups import among
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.prepared import NUMBERS, TEXTS, Read
from ecommerce_comms.rows import insert_many
from ecommerce_comms.snapshots import OrderSnapshot
from ecommerce_comms.zones import zone


@dataclass
class History:
    """An order, its events in the order in which they happened, and its parcels by their reference."""

    order: Order
    events: list[OrderEvent] = field(default_factory=list)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    is_new: bool = False
    """The order was made just now: nothing else can be stored about it yet."""

    def parcel_of(self, event: OrderEvent) -> Parcel | None:
        """The parcel that ``event`` is about; for an event without one, the only parcel."""
        if event.parcel:
            return self.parcels.get(event.parcel.get("reference", "1"))
        return next(iter(self.parcels.values())) if len(self.parcels) == 1 else None


def open_histories(events: Sequence[OrderEvent]) -> dict[str, History]:
    """The histories of the orders of ``events``, by order key; unknown orders are made, known ones locked.

    Call it inside a transaction. ``events`` stand in the histories themselves, with the state that they have under the lock.
    """
    first = {event.order_key: event for event in sorted(events, key=_when, reverse=True)}
    known = {order.key: order for order in _LOCKED_ORDERS.objects(first)}
    # In one order for all workers, so that two of them never wait for each other.
    missing = _new_orders([first[key] for key in sorted(first) if key not in known])
    # Those of which another worker was the maker meanwhile, and all where the database does not tell which are ours.
    elsewhere = {order.key for order in insert_many(missing, unique="key")}
    if elsewhere:
        known |= {order.key: order for order in _LOCKED_ORDERS.objects(elsewhere)}
    ours = {order.key: order for order in missing if order.key not in elsewhere}
    return load({**known, **ours}, new={order.key for order in missing}, told=events)


def load(orders: dict[str, Order], new: Iterable[str] = (), told: Sequence[OrderEvent] = ()) -> dict[str, History]:
    """The histories of ``orders``, by order key; ``told`` are events of theirs that have been read already."""
    fresh = set(new)
    histories = {key: History(order=order, is_new=key in fresh) for key, order in orders.items()}
    by_pk = {history.order.id: history for history in histories.values()}
    for event in _events_of(orders, told):
        histories[event.order_key].events.append(event)
        # Made by us, or by another worker while we waited for its lock? Then an event of it is processed already.
        histories[event.order_key].is_new &= event.state != OrderEvent.State.PROCESSED
    older = [pk for pk, history in by_pk.items() if not history.is_new]
    for parcel in Parcel.objects.filter(order__in=older).order_by("pk") if older else ():
        by_pk[parcel.order_id].parcels[parcel.reference] = parcel
        parcel.order = by_pk[parcel.order_id].order
    return histories


def _events_of(orders: Collection[str], told: Sequence[OrderEvent]) -> list[OrderEvent]:
    """Every event of ``orders`` as they happened, those of ``told`` with their state of this moment."""
    by_key = {event.id: event for event in told}
    others = []
    # Those of ``told`` are read again only if somebody dealt with them meanwhile.
    for event in _OTHER_EVENTS.objects(orders, by_key) if by_key else _EVENTS.objects(orders):
        if event.id in by_key:
            by_key[event.id].state = event.state
        else:
            others.append(event)
    return sorted([*told, *others], key=_when)


def _events(orders: Collection[str]) -> QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(among("order_key", orders)).defer("snapshot")


_EVENTS = Read(OrderEvent, _events, TEXTS)
_OTHER_EVENTS = Read(
    OrderEvent, lambda orders, told: _events(orders).exclude(among("id", told), state=OrderEvent.State.NEW), TEXTS, NUMBERS
)
_LOCKED_ORDERS = Read(Order, lambda keys: Order.objects.filter(among("key", keys)).select_for_update().order_by("pk"), TEXTS)


def _when(event: OrderEvent) -> tuple[datetime, int]:
    return event.occurred_at, event.id


def by_order(events: Iterable[OrderEvent]) -> dict[str, list[OrderEvent]]:
    """``events`` grouped by order key, each group as they happened."""
    groups: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in sorted(events, key=_when):
        groups[event.order_key].append(event)
    return groups


def _new_orders(events: Sequence[OrderEvent]) -> list[Order]:
    """The orders of ``events``, which are the first that is known of each."""
    snapshots = [
        OrderSnapshot.from_json(event.snapshot) if event.snapshot else OrderSnapshot(reference=event.order_reference) for event in events
    ]
    customers = recognise_all((snapshot.customer, snapshot.placed_at) for snapshot in snapshots)
    return [
        _new_order(event, snapshot, customers.get(customer_key(snapshot.customer)))
        for event, snapshot in zip(events, snapshots, strict=True)
    ]


def _new_order(event: OrderEvent, snapshot: OrderSnapshot, customer: Customer | None) -> Order:
    """The order of ``event``, with its language, time zone, site and currency frozen."""
    known_language = customer.language if customer else ""
    language = snapshot.customer.language or known_language or event.language or conf.language
    order = Order.build(
        key=event.order_key, reference=event.order_reference, number=(snapshot.number or event.order_reference)[:190], customer=customer,
        site=snapshot.site[:100], language=to_locale(language).replace("_", "-")[:35],
        time_zone=zone(snapshot.customer.time_zone or (customer.time_zone if customer else "")).key[:64],
        currency=snapshot.currency[:3].upper(), placed_at=snapshot.placed_at,
    )
    if event.snapshot:  # what its first event would write in a second statement
        order.snapshot, order.snapshot_at, order.disputed = event.snapshot, event.occurred_at, snapshot.disputed
        order.as_snapshot = snapshot
    if event.kind == "order_placed" and order.placed_at is None:
        order.placed_at = event.occurred_at
    return order
