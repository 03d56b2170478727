"""What the rows of a history say, as the facts that a shop would have told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from ecommerce_comms import keys
from ecommerce_comms.histories.cells import CANCELLED
from ecommerce_comms.orders import events
from ecommerce_comms.replay.history import PastOrder
from ecommerce_comms.snapshots import AddressSnapshot, CustomerSnapshot, LineSnapshot, OrderSnapshot, ParcelSnapshot

SOURCE = "replay"
KINDS = ("order_placed", "order_paid", "order_shipped", "order_delivered", "order_cancelled")
"""In the order in which facts of the same moment are told."""

_PARCEL = ParcelSnapshot(reference="1")
_OF_A_PARCEL = frozenset({"order_shipped", "order_delivered"})
_REASONS = {"unavailable": {"reason": "unavailable"}}
_CANCELLED_AFTER = timedelta(days=1)
_LOCAL_PART = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, kw_only=True)
class World:
    """What a history leaves open: where its customers live and how they are written to."""

    language: str = "en"
    country: str = "BR"
    time_zone: str = "America/Sao_Paulo"
    email_domain: str = "customers.example"


class Step(NamedTuple):
    """One fact before it is told; steps sort into the order in which they are told."""

    occurred_at: datetime
    rank: int
    order_id: str
    order: PastOrder

    @property
    def kind(self) -> str:
        """What happened."""
        return KINDS[self.rank]

    @property
    def event_key(self) -> str:
        """The key under which it is taken once."""
        return keys.make(SOURCE, self.kind, self.order_id)


def steps(orders: Iterable[PastOrder]) -> list[Step]:
    """All that happened to ``orders``, in true time order."""
    return sorted(
        Step(at, rank, order.order_id, order) for order in orders for rank, at in enumerate(_times(order)) if at is not None
    )


def fact(step: Step, world: World) -> events.Fact:
    """``step`` as a shop tells it."""
    return events.Fact(
        kind=step.kind,
        snapshot=_snapshot(step.order, world),
        parcel=_PARCEL if step.kind in _OF_A_PARCEL else None,
        occurred_at=step.occurred_at,
        event_key=step.event_key,
        data=dict(_REASONS.get(step.order.status, {})) if step.kind == "order_cancelled" else {},
        source=SOURCE,
    )


def _times(order: PastOrder) -> tuple[datetime | None, ...]:
    """When each of ``KINDS`` happened to ``order``. A history has no time for a cancellation: it is the day after the last one known."""
    known = (order.ordered_at, order.paid_at, order.shipped_at, order.delivered_at)
    cancelled = max(at for at in known if at) + _CANCELLED_AFTER if order.status in CANCELLED else None
    return (*known, cancelled)


def _snapshot(order: PastOrder, world: World) -> OrderSnapshot:
    title = order.category.replace("_", " ").capitalize() or "Order"
    return OrderSnapshot(
        reference=order.order_id,
        number=order.order_id,
        placed_at=order.ordered_at,
        customer=_customer(order, world),
        address=AddressSnapshot(
            name=f"{order.first_name} {order.last_name}".strip(),
            postcode=order.destination_postcode,
            city=order.destination_city,
            region=order.destination_region,
            country=world.country,
        ),
        lines=(LineSnapshot(reference="1", title=title, quantity=order.items, price=order.value),),
        currency=order.currency,
        total=_total(order),
        shipping_price=order.freight,
        promised_latest=order.promised_by,
    )


def _customer(order: PastOrder, world: World) -> CustomerSnapshot:
    return CustomerSnapshot(
        reference=order.customer_id,
        email=order.email or f"{_local_part(order.customer_id)}@{world.email_domain}",
        phone=order.phone,
        first_name=order.first_name,
        last_name=order.last_name,
        language=order.language or world.language,
        time_zone=world.time_zone,
    )


def _local_part(reference: str) -> str:
    """``reference`` where an address may hold it, else a digest of it."""
    return reference if _LOCAL_PART.match(reference) else blake2b(reference.encode(), digest_size=16).hexdigest()


def _total(order: PastOrder) -> Decimal | None:
    known = [amount for amount in (order.value, order.freight) if amount is not None]
    return sum(known, Decimal(0)) if known else None
