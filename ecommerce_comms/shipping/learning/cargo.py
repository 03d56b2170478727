"""What a parcel holds, and the names of places and carriers, brought to one form.

It is the same for a parcel of last year, from which is learnt, and for a basket of today, which is asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, NamedTuple

from ecommerce_comms.shipping.calendars import region_code
from ecommerce_comms.snapshots import LineSnapshot


class Line(NamedTuple):
    """What counts of a line of an order."""

    quantity: Any
    weight_kg: Any
    price: Any
    category: str


class Cargo(NamedTuple):
    """What counts of a parcel; ``None`` and empty where it is not known of every line."""

    items: int
    weight_kg: float | None
    value: float | None
    category: str
    """Of most of its items."""


def of_snapshots(lines: Iterable[LineSnapshot]) -> Cargo:
    """What the lines of a basket or of an order come to."""
    return cargo([Line(line.quantity, line.weight_kg, line.price, line.category) for line in lines])


def of_json(lines: Iterable[dict[str, Any]]) -> Cargo:
    """The same of lines as they are kept in the database."""
    return cargo([Line(line.get("quantity", 1), line.get("weight_kg"), line.get("price"), line.get("category", "")) for line in lines])


def cargo(lines: Sequence[Line]) -> Cargo:
    """What ``lines`` come to."""
    if len(lines) == 1:
        [line] = lines
        return Cargo(_count(line.quantity), number(line.weight_kg), number(line.price), line.category)
    counts = [_count(line.quantity) for line in lines]
    categories: Counter[str] = Counter()
    for line, count in zip(lines, counts, strict=True):
        categories[line.category] += count
    return Cargo(
        sum(counts) or 1, _sum(line.weight_kg for line in lines), _sum(line.price for line in lines),
        max(categories, key=categories.__getitem__, default=""),
    )


def number(value: Any) -> float | None:
    """A finite number, or ``None``."""
    if value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def name(text: Any) -> str:
    """A region, carrier or option as it is compared: customers and shops write them in many ways."""
    return str(text or "").strip().casefold()


def region(land: Any, text: Any) -> str:
    """The short code of a region, whether it is written as code or name, where that is known; lower case."""
    return name(region_code(country(land), str(text or "")))


def country(text: Any) -> str:
    """Two letters, upper case."""
    return str(text or "").strip().upper()


def postcode(text: Any) -> str:
    """Without blanks, upper case."""
    return "".join(str(text or "").split()).upper()


def point(latitude: Any, longitude: Any) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; ``None`` unless both are known and lie on the earth."""
    north, east = number(latitude), number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return north, east


def _count(quantity: Any) -> int:
    try:
        return max(1, int(quantity))
    except (TypeError, ValueError, OverflowError):
        return 1


def _sum(values: Iterable[Any]) -> float | None:
    total = 0.0
    for value in values:
        known = number(value)
        if known is None:
            return None
        total += known
    return total
