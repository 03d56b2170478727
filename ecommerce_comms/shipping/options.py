"""What a shop can show before the sale: every shipping option with its price and an honest arrival window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.estimators.base import EstimateRequest, estimate
from ecommerce_comms.shipping.models import Service
from ecommerce_comms.shipping.tables import tables
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import zone


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to have an order sent."""

    code: str
    name: str
    carrier: str
    price: Decimal
    currency: str
    earliest: date | None
    """Day at the destination, as is ``latest``; ``None`` if there is no honest estimate."""
    latest: date | None
    confidence: float | None
    order_by: datetime | None
    """Ordering until this moment keeps the window."""
    reason: str
    """Why these days, in a merchant's words."""


def quote(
    destination: AddressSnapshot | None = None, *, at: datetime | None = None, lines: Sequence[LineSnapshot] = (), time_zone: str = ""
) -> list[Option]:
    """Every shipping option that reaches ``destination``, in the merchant's order.

    Without a destination, as on a product page, it is the country from which parcels leave. ``time_zone`` is the
    customer's; empty or unknown means the shop's.
    """
    table = tables()
    if destination is None:
        destination = AddressSnapshot(country=table.warehouse.country if table.warehouse else "")
    request = EstimateRequest(
        ordered_at=at or clock.now(), destination=destination, time_zone=zone(time_zone or conf.time_zone).key, lines=tuple(lines)
    )
    return [_option(service, request) for service in table.reaching(destination)]


def _option(service: Service, request: EstimateRequest) -> Option:
    told = estimate(replace(request, service=service.code))
    return Option(
        code=service.code, name=service.name, carrier=service.carrier, price=service.price, currency=service.currency,
        earliest=told.earliest if told else None, latest=told.latest if told else None, confidence=told.confidence if told else None,
        order_by=told.order_by if told else None, reason=told.reason if told else "",
    )
