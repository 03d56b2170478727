"""An order with everything that is known of it, opened and locked for the processing of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import to_locale

from ecommerce_comms.conf import conf
from ecommerce_comms.customers.identity import recognise
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
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

    Call it inside a transaction.
    """
    wanted = {event.order_key: event for event in sorted(events, key=lambda event: event.occurred_at, reverse=True)}
    known = set(Order.objects.filter(key__in=wanted).values_list("key", flat=True))
    missing = [_new_order(event) for key, event in wanted.items() if key not in known]
    if missing:
        Order.objects.bulk_create(missing, ignore_conflicts=True)
    orders = Order.objects.select_for_update().filter(key__in=wanted).order_by("pk")
    return load({order.key: order for order in orders}, new={order.key for order in missing})


def load(orders: dict[str, Order], new: Iterable[str] = ()) -> dict[str, History]:
    """The histories of ``orders``, by order key."""
    fresh = set(new)
    histories = {key: History(order=order, is_new=key in fresh) for key, order in orders.items()}
    by_pk = {history.order.pk: history for history in histories.values()}
    for event in OrderEvent.objects.filter(order_key__in=orders).defer("snapshot").order_by("occurred_at", "pk"):
        histories[event.order_key].events.append(event)
        # Made by us, or by another worker while we waited for its lock? Then an event of it is processed already.
        histories[event.order_key].is_new &= event.state != OrderEvent.State.PROCESSED
    for parcel in Parcel.objects.filter(order__in=[pk for pk, history in by_pk.items() if not history.is_new]).order_by("pk"):
        by_pk[parcel.order_id].parcels[parcel.reference] = parcel
        parcel.order = by_pk[parcel.order_id].order
    return histories


def by_order(events: Iterable[OrderEvent]) -> dict[str, list[OrderEvent]]:
    """``events`` grouped by order key, each group as they happened."""
    groups: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.occurred_at, event.pk)):
        groups[event.order_key].append(event)
    return groups


def _new_order(event: OrderEvent) -> Order:
    """The order of ``event``, with its language, time zone, site and currency frozen."""
    snapshot = OrderSnapshot.from_json(event.snapshot) if event.snapshot else OrderSnapshot(reference=event.order_reference)
    customer = recognise(snapshot.customer)
    known_language = customer.language if customer else ""
    language = snapshot.customer.language or known_language or event.language or conf.language
    return Order(
        key=event.order_key, reference=event.order_reference, number=(snapshot.number or event.order_reference)[:190], customer=customer,
        site=snapshot.site[:100], language=to_locale(language).replace("_", "-")[:35],
        time_zone=zone(snapshot.customer.time_zone or (customer.time_zone if customer else "")).key[:64],
        currency=snapshot.currency[:3].upper(), placed_at=snapshot.placed_at,
    )
