"""What the engine looks at in a shipment: places, lanes, distance, weight. Pure Python, one key a feature."""

from __future__ import annotations

from bisect import bisect_right
from math import asin, cos, isnan, radians, sin, sqrt

from ecommerce_comms.shipping.estimators.shipments import Shipment

EARTH_KM = 6371.0
CUTS: dict[str, tuple[float, ...]] = {
    "km": (15, 40, 80, 150, 300, 450, 700, 1000, 1500, 2000, 2800),
    "kg": (0.3, 0.7, 1.5, 3.0, 6.0, 12.0, 25.0),
    "value": (30, 60, 100, 150, 250, 500, 1000),
    "freight": (8, 11, 13, 15, 17, 20, 25, 35, 50),
    "items": (2, 3, 4),
}
"""Where the steps of a quantity end: kilometres, kilograms, currency units (freight: an item's), pieces."""


def place(country: str, region: str) -> str:
    """A region of a country as one key, in lower case: ``br/sp``."""
    return f"{country}/{region}".lower()


def zone(country: str, postcode: str, length: int = 3) -> str:
    """The first ``length`` characters of a postcode as a key; empty if it is shorter."""
    plain = "".join(postcode.split()).lower()
    return f"{country.lower()}/{plain[:length]}" if len(plain) >= length else ""


def kilometres(start: tuple[float, float] | None, end: tuple[float, float] | None) -> float | None:
    """Great-circle distance (haversine formula) of two points in degrees; ``None`` if one is unknown."""
    if start is None or end is None:
        return None
    lat1, lng1, lat2, lng2 = map(radians, (*start, *end))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def step(name: str, value: float | None) -> str:
    """The step of ``CUTS`` that a quantity falls on; one more than there are for what is unknown."""
    cuts = CUTS[name]
    return str(len(cuts) + 1 if value is None or isnan(value) else bisect_right(cuts, value))


def of(shipment: Shipment) -> dict[str, str]:
    """Every feature of a shipment and its key; the same keys as ``encoding.Columns`` gives."""
    leaves = place(shipment.origin_country, shipment.origin_region)
    arrives = place(shipment.destination_country, shipment.destination_region)
    way = f"{shipment.carrier}|{shipment.service}"
    km = step("km", kilometres(shipment.origin_point, shipment.destination_point))
    lane = f"{leaves}>{arrives}"
    freight = None if shipment.freight is None else shipment.freight / max(1, shipment.items)
    return {
        "origin": shipment.origin, "leaves": leaves, "arrives": arrives, "way": way, "category": shipment.category, "lane": lane,
        "zone": zone(shipment.destination_country, shipment.destination_postcode),
        "start zone": zone(shipment.origin_country, shipment.origin_postcode),
        "km": km,
        "way>km": f"{way}>{km}", "way>km>arrives": f"{way}>{km}>{arrives}", "way>km>lane": f"{way}>{km}>{lane}",
        "kg": step("kg", shipment.weight_kg), "value": step("value", shipment.value),
        "freight": step("freight", freight), "items": step("items", shipment.items),
    }
