"""What an estimator is asked about an order, or about one of its parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ecommerce_comms import clock
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.snapshots import LineSnapshot, OrderSnapshot, ParcelSnapshot


def request_for(
    order: Order, ordered_at: datetime, *, shipped_at: datetime | None = None, service: str = "", snapshot: OrderSnapshot | None = None
) -> EstimateRequest:
    """What an estimator needs to know of ``order``; ``service`` stands in where the customer's choice is not known."""
    snapshot = snapshot or order.as_snapshot
    return EstimateRequest(
        ordered_at=ordered_at, shipped_at=shipped_at, service=snapshot.shipping_option or service,
        destination=snapshot.address, time_zone=order.time_zone, lines=snapshot.lines, freight=_number(snapshot.shipping_price),
    )


def request_for_parcel(
    order: Order, parcel: Parcel | None, *, now: datetime | None = None, shipped_at: datetime | None = None,
    scanned_at: datetime | None = None,
) -> EstimateRequest:
    """What an estimator needs to know of one parcel, or of what of ``order`` has not left, given what is known at ``now``.

    Without ``now`` the parcel has left just now; ``shipped_at`` is when, if not as the parcel has it. It makes no query.
    """
    box = parcel.as_snapshot if parcel else ParcelSnapshot()
    asked = request_for(
        order, order.placed_at or order.as_snapshot.placed_at or shipped_at or now or clock.now(),
        shipped_at=shipped_at or (parcel.shipped_at if parcel else None), service=parcel.service if parcel else "",
    )
    return replace(
        asked, now=now, scanned_at=scanned_at, lines=box.lines or asked.lines, carrier=parcel.carrier if parcel else "",
        origin=box.origin or (_only_origin(box.lines or asked.lines) if parcel else ""),
    )


def _only_origin(lines: Sequence[LineSnapshot]) -> str:
    """Where a parcel of these lines leaves: it is one parcel, whatever its lines say."""
    return next((line.origin for line in lines if line.origin), "")


def _number(price: Decimal | None) -> float | None:
    """Free shipping says as little about the way as a price that is not known."""
    return float(price) or None if price is not None and price.is_finite() else None
