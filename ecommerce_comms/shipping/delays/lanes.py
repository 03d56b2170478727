"""What the chance of being late depends on, as one short text: where from, where to, by what, how heavy.

Parcels that are alike have equal lanes, so that what was computed for one holds for thousands. For that, what is fine is made
coarse: the first two signs of the postcode, every second degree, weights in powers of four, and no category once it has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from math import ceil, log2

from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import zone

_LIMITS = {
    "origin": 40, "country": 2, "region": 40, "postcode": 2, "point": 9, "service": 40, "carrier": 40, "weight": 6, "category": 30,
}
"""Signs that each part may have: 217 in all, with the bars between them."""


def lane_of(order: Order, parcel: Parcel | None) -> str:
    """The lane of the parcel, or of what of the order has not left."""
    snapshot = order.as_snapshot
    box = parcel.as_snapshot if parcel else None
    lines = (box.lines if box else ()) or snapshot.lines
    address, first = snapshot.address, lines[0] if lines else LineSnapshot()
    parts = {
        "origin": (box.origin if box else "") or first.origin, "country": address.country.upper(), "region": address.region,
        "postcode": address.postcode, "point": _point(address), "service": snapshot.shipping_option or (parcel.service if parcel else ""),
        "carrier": parcel.carrier if parcel else "", "weight": _weight(lines),
        "category": "" if parcel and parcel.shipped_at else first.category,
    }
    return "|".join(value.replace("|", " ").strip()[: _LIMITS[name]] for name, value in parts.items())


def place_of(address: AddressSnapshot) -> str:
    """Country and region for comparing, such as ``br/ba``."""
    return f"{address.country.strip().lower()[:2]}/{address.region.strip().lower()[:36]}"


@lru_cache(maxsize=20_000)
def read(lane: str) -> dict[str, str]:
    """The parts of a lane by their names. Not to be changed: all callers share it."""
    return dict(zip(_LIMITS, lane.split("|"), strict=False))


def situation_of(lane: str, zone_name: str, ordered_at: datetime, shipped_at: datetime | None, due_on: date | None) -> int | None:
    """A number for all that have equal chances: the same lane, date, and day of shipping or else of the order; ``None`` without a date."""
    if due_on is None:
        return None
    begun = f"left {_day(shipped_at, zone_name)}" if shipped_at else f"ordered {_day(ordered_at, zone_name)}"
    return int.from_bytes(blake2b(f"{lane}|{zone_name}|{begun}|{due_on.toordinal()}".encode(), digest_size=8).digest(), "big", signed=True)


def request_of(lane: str, zone_name: str, ordered_at: datetime, shipped_at: datetime | None, now: datetime) -> EstimateRequest:
    """What an estimator is asked at ``now`` about whatever is in this situation."""
    parts = read(lane)
    return EstimateRequest(
        ordered_at=ordered_at, shipped_at=shipped_at, now=now, time_zone=zone_name, service=parts.get("service", ""),
        carrier=parts.get("carrier", ""), origin=parts.get("origin", ""), destination=_destination(lane), lines=_lines(lane),
    )


@lru_cache(maxsize=20_000)
def _destination(lane: str) -> AddressSnapshot:
    parts = read(lane)
    latitude, _comma, longitude = parts.get("point", "").partition(",")
    return AddressSnapshot(
        country=parts.get("country", ""), region=parts.get("region", ""), postcode=parts.get("postcode", ""),
        latitude=float(latitude) if latitude else None, longitude=float(longitude) if longitude else None,
    )


@lru_cache(maxsize=20_000)
def _lines(lane: str) -> tuple[LineSnapshot, ...]:
    parts = read(lane)
    weight = parts.get("weight", "")
    return (LineSnapshot(
        origin=parts.get("origin", ""), category=parts.get("category", ""), weight_kg=Decimal(2) ** int(weight) if weight else None
    ),)


def _point(address: AddressSnapshot) -> str:
    if address.latitude is None or address.longitude is None:
        return ""
    return f"{2 * round(address.latitude / 2)},{2 * round(address.longitude / 2)}"


def _weight(lines: Sequence[LineSnapshot]) -> str:
    """The power of two, in kilograms, that the weight does not exceed, in steps of two; empty if it is not known."""
    total = sum((line.weight_kg for line in lines if line.weight_kg), start=Decimal())
    return str(2 * max(-3, ceil(log2(total) / 2))) if total > 0 else ""


def _day(moment: datetime, zone_name: str) -> int:
    return moment.astimezone(zone(zone_name)).toordinal()
