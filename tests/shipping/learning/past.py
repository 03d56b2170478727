"""Small shops with a past, made row by row without the events that would have told them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from ecommerce_comms import keys
from ecommerce_comms.orders.models import Order, Parcel
from tests.shipping.making import KOLKATA, local

NOW = local(KOLKATA, 2026, 3, 2, 3, 30)
"""A Monday, half an hour after the hour at which is learnt."""
_numbers = count(1)


def order(placed_at: datetime, **fields: Any) -> Order:
    """An order of one teapot; ``lines`` and ``shipping_option`` go into its snapshot, other fields are the order's own."""
    made = _order(placed_at, **fields)
    made.save()
    return made


def parcel(of: Order, shipped_at: datetime | None, delivered_at: datetime | None = None, reference: str = "1", **fields: Any) -> Parcel:
    """A parcel of the order ``of``."""
    made = _parcel(of, shipped_at, delivered_at, reference, **fields)
    made.save()
    return made


def sell(
    number: int, *, until: datetime = NOW, handling: Sequence[int] = (1,), transit: Sequence[int] = (2, 3, 3, 4), apart: float = 8,
    ago: float = 10, carrier: str = "Blue", **fields: Any,
) -> None:
    """``number`` orders, one each ``apart`` hours, the last ``ago`` days before ``until``.

    They left after ``handling`` days and arrived after ``transit`` days, in turn.
    """
    orders, boxes = [], []
    for each in range(number):
        placed_at = until - timedelta(days=ago, hours=apart * each)
        shipped_at = placed_at + timedelta(days=handling[each % len(handling)])
        delivered_at = shipped_at + timedelta(days=transit[each % len(transit)])
        orders.append(_order(placed_at, status="delivered", delivered_at=delivered_at, **fields))
        boxes.append((shipped_at, delivered_at))
    Order.objects.bulk_create(orders)
    Parcel.objects.bulk_create(
        _parcel(of, *moments, carrier=carrier, status="delivered") for of, moments in zip(orders, boxes, strict=True)
    )


def _order(placed_at: datetime, *, zone: str = KOLKATA, address: dict[str, Any] | None = None, paid: bool = True, **fields: Any) -> Order:
    reference = f"P{next(_numbers)}"
    line = {"reference": "1", "sku": "tea", "quantity": 1, "price": "7.00"}
    snapshot = {
        "reference": reference, "placed_at": placed_at.isoformat(), "lines": fields.pop("lines", [line]), "address": address or {},
        "shipping_option": fields.pop("shipping_option", "post"), "shipping_price": "2.50",
    }
    return Order(
        key=keys.make(reference), reference=reference, language="en", time_zone=zone, placed_at=placed_at, snapshot=snapshot,
        **({"paid_at": placed_at if paid else None} | fields),
    )


def _parcel(of: Order, shipped_at: datetime | None, delivered_at: datetime | None, reference: str = "1", **fields: Any) -> Parcel:
    return Parcel(
        order=of, key=keys.make(of.reference, reference), reference=reference, shipped_at=shipped_at, delivered_at=delivered_at,
        **({"carrier": "Blue"} | fields),
    )
