"""What a shop can show before the sale: every shipping option with its price and an honest arrival window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping import tokens, words
from ecommerce_comms.shipping.estimators.base import EstimateRequest, estimate
from ecommerce_comms.shipping.models import Service
from ecommerce_comms.shipping.offers import Offer
from ecommerce_comms.shipping.points import Point, as_point
from ecommerce_comms.shipping.tables import Tables, tables
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import is_zone, zone


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
    """Share of parcels expected by ``latest``, 0 to 1; ``None`` where nobody measured it."""
    order_by: datetime | None
    """Ordering until this moment keeps the window."""
    reason: str
    """Why these days, in a merchant's words."""
    source: str = ""
    """One of ``Promise.Source``; empty without a date."""
    description: str = ""
    kind: str = Service.Kind.DOOR
    """One of ``Service.Kind``."""
    points: tuple[Point, ...] = ()
    """The nearest pick-up points, where it is handed over at one and the destination is known well enough."""
    quoted_at: datetime
    """When this was asked."""
    token: str = field(default="", repr=False)
    """Signed words that carry what was quoted: store them with the order, and its first promise is what was shown. Empty without a date."""

    def seconds_left(self, now: datetime | None = None) -> int | None:
        """Whole seconds until ``order_by``, from ``now`` or else from the present on; ``None`` without one, 0 if it has passed."""
        if self.order_by is None:
            return None
        return max(0, int((self.order_by - (now or clock.now())).total_seconds()))


def quote(
    destination: AddressSnapshot | None = None, *, at: datetime | None = None, lines: Sequence[LineSnapshot] = (), time_zone: str = "",
    currency: str = "",
) -> list[Option]:
    """Every shipping option that reaches ``destination``, in the merchant's order.

    Without a destination, as on a product page, it is the country from which parcels leave. ``time_zone`` is the
    customer's; empty or unknown means that of the country, if it has only one, else the shop's.
    With a ``currency``, options with a price in another one are left out.
    """
    table, now = tables(), at or clock.now()
    if destination is None:
        destination = AddressSnapshot(country=table.warehouse.country if table.warehouse else "")
    request = EstimateRequest(
        ordered_at=now, destination=destination, time_zone=_zone(time_zone, destination.country), lines=tuple(lines)
    )
    return [_option(table, offer, request) for offer in table.reaching(destination, request.lines, currency.upper())]


def _zone(name: str, country: str) -> str:
    known = name if is_zone(name) else words.zone_of_country(country)
    return zone(known or conf.time_zone).key


def _option(table: Tables, offer: Offer, request: EstimateRequest) -> Option:
    service, rate = offer.service, offer.rate
    told = estimate(replace(request, service=service.code, freight=float(rate.price) or None))
    return Option(
        code=service.code, name=service.name, carrier=offer.carrier, price=rate.price, currency=rate.currency,
        earliest=told.earliest if told else None, latest=told.latest if told else None, confidence=told.confidence if told else None,
        order_by=told.order_by if told else None, reason=told.reason if told else "", source=told.source if told else "",
        description=service.description, kind=service.kind, points=_points(table, service, request.destination),
        quoted_at=request.ordered_at,
        token=tokens.make(service.code, request.destination.country.strip().upper(), told, request.ordered_at) if told else "",
    )


def _points(table: Tables, service: Service, destination: AddressSnapshot) -> tuple[Point, ...]:
    if service.kind != Service.Kind.POINT or not _is_known_well(destination):
        return ()
    return tuple(map(as_point, table.points.nearest(service, destination)))


def _is_known_well(destination: AddressSnapshot) -> bool:
    """Whether one can tell what is near."""
    return bool(destination.postcode or destination.city or destination.region or destination.latitude is not None)
