"""Pick-up points: which of them are near."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from ecommerce_comms.shipping.models import PickupPoint, Service
from ecommerce_comms.shipping.reach import Where, where
from ecommerce_comms.shipping.reach import place as normal
from ecommerce_comms.snapshots import AddressSnapshot

SHOWN = 3
"""So many points are named with an option."""
MOST_PLACES = 5_000
EARTH_KM = 6371.0
NEAR_KM = 30.0
_FAR = 99_999.0
_SHOWN = "_shown"
_FEWER_SIGNS = 2

Distance = tuple[float, int, bool, bool]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A pick-up point, as customers see it."""

    code: str
    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    opening_days: str = ""
    """Digits of the weekdays, 1 is Monday."""


def as_point(row: PickupPoint) -> Point:
    """``row`` as customers see it; made once for each row that is kept in memory."""
    known: Point | None = row.__dict__.get(_SHOWN)
    if known is None:
        known = Point(
            code=row.code, name=row.name, street=row.street, postcode=row.postcode, city=row.city, region=row.region, country=row.country,
            latitude=row.latitude, longitude=row.longitude, opening_days=row.opening_days,
        )
        row.__dict__[_SHOWN] = known
    return known


class Points:
    """The points in use, by country."""

    def __init__(self, rows: Iterable[PickupPoint] = ()) -> None:
        self._by_country: dict[str, list[tuple[PickupPoint, Where]]] = defaultdict(list)
        for row in rows:
            at = normal(row.country, row.region, row.postcode)
            self._by_country[at.country].append((row, at))
        self._near: dict[tuple[int, AddressSnapshot], list[PickupPoint]] = {}

    def any_for(self, service: Service) -> bool:
        """Whether ``service`` has any point at all."""
        return any(_is_of(row, service) for rows in self._by_country.values() for row, _at in rows)

    def nearest(self, service: Service, destination: AddressSnapshot) -> list[PickupPoint]:
        """At most ``SHOWN`` points of ``service`` in the country of ``destination``, the nearest first.

        Near is measured along the globe where both coordinates are known, else by how many first signs of the postcode are the same.
        """
        spot = AddressSnapshot(
            country=destination.country, region=destination.region, postcode=destination.postcode, city=destination.city,
            latitude=destination.latitude, longitude=destination.longitude,
        )
        key = (service.pk, spot)
        found = self._near.get(key)
        if found is None:
            found = self._find(service, spot)
            if len(self._near) >= MOST_PLACES:
                self._near.clear()
            self._near[key] = found
        return found

    def _find(self, service: Service, spot: AddressSnapshot) -> list[PickupPoint]:
        there = where(spot)
        mine = [
            (row, at) for row, at in self._by_country.get(there.country, ())
            if _is_of(row, service)
        ]
        ranked = sorted((_distance(row, at, spot, there), row.pk, row) for row, at in mine)[:SHOWN]
        return [row for far, _key, row in ranked if _is_near(far, ranked[0][0])]


def _is_of(row: PickupPoint, service: Service) -> bool:
    return row.service_id in (None, service.pk) and row.carrier_id in (None, service.carrier_id)


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The great-circle distance between two points in degrees (haversine formula)."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(radians, each)) for each in (here, there))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def _is_near(far: Distance, nearest: Distance) -> bool:
    """Whether a point is worth naming beside the nearest one."""
    if nearest[0] < _FAR:
        return far[0] <= max(NEAR_KM, 3 * nearest[0])
    return far[1] <= min(nearest[1] + _FEWER_SIGNS, -1) if nearest[1] else True


def _distance(row: PickupPoint, at: Where, spot: AddressSnapshot, there: Where) -> Distance:
    """Smaller is nearer: kilometres if they can be measured, then signs of the postcode, then city and region."""
    known = None not in (row.latitude, row.longitude, spot.latitude, spot.longitude)
    far = kilometres((row.latitude or 0, row.longitude or 0), (spot.latitude or 0, spot.longitude or 0)) if known else _FAR
    same_city = bool(spot.city) and row.city.strip().casefold() == spot.city.strip().casefold()
    return far, -_common(at.postcode, there.postcode), not same_city, at.region != there.region


def _common(one: str, other: str) -> int:
    return next((index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))
