"""Reads a history of orders as parcels: what an engine learns from, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from sys import intern
from typing import Any
from zoneinfo import ZoneInfo

from ecommerce_comms.backtest.countries import of_currency
from ecommerce_comms.exceptions import BadRow, HistoryError
from ecommerce_comms.histories import cells, files
from ecommerce_comms.histories.cells import CANCELLED
from ecommerce_comms.histories.files import BadLine, Named
from ecommerce_comms.shipping.estimators.shipments import Shipment

NEEDED = ("order_id", "ordered_at", "delivered_at")
"""The columns without which nothing can be measured."""
_DEGREES = {"lat": 90.0, "lng": 180.0}
_MOMENTS = ("ordered_at", "shipped_at", "delivered_at", "cancelled_at")
_TEXTS = (
    "origin", "seller_id", "origin_country", "origin_region", "origin_postcode", "destination_country", "destination_region",
    "destination_postcode", "carrier", "service", "category", "status",
)
_NUMBERS = ("weight_kg", "origin_lat", "origin_lng", "destination_lat", "destination_lng")


def _text(cell: str) -> str:
    return intern(cells.text(cell))


READERS: dict[str, Callable[[str], Any]] = {
    "order_id": cells.reference,
    **dict.fromkeys(_MOMENTS, cells.wall_time_or_none),
    "ordered_at": cells.wall_time,
    "promised_by": cells.day_or_none,
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_NUMBERS, cells.number_or_none),
    "items": cells.count,
    "value": cells.money_or_none,
    "freight": cells.money_or_none,
    "currency": cells.currency,
}
"""Every column that is read, if it is there."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the file leaves open about its destinations."""

    zone: ZoneInfo | None = None
    """Where days are counted; ``None`` takes each time as it is written."""
    country: str = ""
    """ISO 3166 code of all destinations; empty asks each row."""


@dataclass
class Past:
    """What was read from a file."""

    parcels: list[Shipment] = field(default_factory=list)
    """Their whole lives, in the order in which they were ordered."""
    cancelled: set[int] = field(default_factory=set)
    """``id`` of each one that was called off and never arrived: nobody waited for it to the end."""
    bad: list[BadLine] = field(default_factory=list)

    @cached_property
    def end(self) -> date:
        """The day of the last thing that the file knows of."""
        return max(moment.date() for parcel in self.parcels for moment in facts(parcel))


def facts(parcel: Shipment) -> list[datetime]:
    """The moments of ``parcel`` that are known."""
    return [moment for name in _MOMENTS if (moment := getattr(parcel, name)) is not None]


def read(path: Path, place: Place) -> Past:
    """The history in the file at ``path``, plain or gzipped. Raises ``HistoryError`` if there is none in it."""
    past, seen = Past(), set[str]()
    found: list[tuple[datetime, str, Shipment]] = []

    def take(row: Named) -> None:
        parcel = _parcel(row, place)
        if row["order_id"] in seen:
            raise BadRow(f"order_id {cells.shown(row['order_id'])} stands in the file twice")
        seen.add(row["order_id"])
        found.append((parcel.ordered_at, row["order_id"], parcel))
        if row.get("status", "").lower() in CANCELLED and parcel.delivered_at is None:
            past.cancelled.add(id(parcel))

    past.bad = files.read(path, NEEDED, READERS, take)
    if not found:
        raise HistoryError(f"{path} has no order that can be read.{_first(past.bad)}")
    found.sort(key=lambda each: each[:2])
    past.parcels = [parcel for _, _, parcel in found]
    return past if any(parcel.shipped_at for parcel in past.parcels) else _one_leg(past)


def _one_leg(past: Past) -> Past:
    """A file that never says when a parcel left tells of one leg: it counts as leaving when it is ordered."""
    legs = [replace(parcel, shipped_at=parcel.ordered_at) for parcel in past.parcels]
    called_off = {id(leg) for parcel, leg in zip(past.parcels, legs, strict=True) if id(parcel) in past.cancelled}
    return Past(parcels=legs, cancelled=called_off, bad=past.bad)


def _first(bad: list[BadLine]) -> str:
    return f" Line {bad[0].line}: {bad[0].reason}." if bad else " It has a header and nothing else."


def _parcel(row: Named, place: Place) -> Shipment:
    ordered_at, delivered_at = _local(row["ordered_at"], place.zone), _local_or_none(row["delivered_at"], place.zone)
    if delivered_at is not None and delivered_at.date() < ordered_at.date():
        raise BadRow("delivered_at is a day before ordered_at")
    destination = place.country or row.get("destination_country") or row.get("origin_country") or of_currency(row.get("currency", ""))
    return Shipment(
        ordered_at=ordered_at,
        shipped_at=_local_or_none(row.get("shipped_at"), place.zone),
        delivered_at=delivered_at,
        cancelled_at=_local_or_none(row.get("cancelled_at"), place.zone),
        origin=row.get("origin") or row.get("seller_id", ""),
        origin_country=(row.get("origin_country") or destination).upper(),
        origin_region=row.get("origin_region", ""),
        origin_postcode=row.get("origin_postcode", ""),
        origin_point=_point(row, "origin"),
        destination_country=destination.upper(),
        destination_region=row.get("destination_region", ""),
        destination_postcode=row.get("destination_postcode", ""),
        destination_point=_point(row, "destination"),
        carrier=row.get("carrier", ""),
        service=row.get("service", ""),
        items=row.get("items", 1),
        weight_kg=_above_zero(row.get("weight_kg")),
        value=_amount(row.get("value")),
        freight=_amount(row.get("freight")),
        category=row.get("category", ""),
        promised_by=row.get("promised_by"),
    )


def _local_or_none(moment: datetime | None, zone: ZoneInfo | None) -> datetime | None:
    return None if moment is None else _local(moment, zone)


def _local(moment: datetime, zone: ZoneInfo | None) -> datetime:
    """``moment`` at the destination, with a fixed offset: two times of one zone would be compared by their wall clocks."""
    if zone is not None:
        moment = moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    offset = moment.utcoffset()
    return moment.replace(tzinfo=timezone.utc if not offset else _fixed(offset), fold=0)


def _fixed(offset: timedelta) -> timezone:
    return _ZONES.setdefault(offset, timezone(offset))


_ZONES: dict[timedelta, timezone] = {}
"""One object for each offset, and not one for each moment."""


def _point(row: Named, end: str) -> tuple[float, float] | None:
    """Latitude and longitude; a place that is not on Earth is unknown."""
    latitude, longitude = row.get(f"{end}_lat"), row.get(f"{end}_lng")
    if latitude is None or longitude is None or abs(latitude) > _DEGREES["lat"] or abs(longitude) > _DEGREES["lng"]:
        return None
    return latitude, longitude


def _above_zero(number: float | None) -> float | None:
    return number if number is not None and number > 0 else None


def _amount(money: Decimal | None) -> float | None:
    return None if money is None else float(money)
