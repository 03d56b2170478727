"""Shipments as columns: moments as days, names as codes. Made once for many shipments, used for each learning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from ecommerce_comms.shipping.engine import features
from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.estimators.shipments import Shipment

NEVER = 1 << 30
"""The day of what has not happened."""
EPOCH = 719_163
"""``date(1970, 1, 1).toordinal()``."""
_FIELDS = (
    "ordered_at", "shipped_at", "delivered_at", "cancelled_at", "origin", "origin_country", "origin_region", "origin_point",
    "origin_postcode", "destination_country", "destination_region", "destination_postcode", "destination_point", "carrier", "service",
    "items", "weight_kg", "value", "freight", "category",
)
_read = attrgetter(*_FIELDS)


class Columns:
    """Many shipments: an array a feature, ``codes[name]`` numbering ``names[name]``."""

    def __init__(self, shipments: Sequence[Shipment], made_up: int = 0) -> None:
        """The last ``made_up`` of ``shipments`` stand for figures: they are learnt from, and not counted."""
        rows = [_read(one) for one in shipments]
        self.shipments = shipments
        self.size = len(rows)
        self.real = self.size - made_up
        field = dict(zip(_FIELDS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_FIELDS, ())
        self.codes: dict[str, Any] = {}
        self.names: dict[str, list[str]] = {}
        self.places: dict[str, tuple[str, str]] = {}
        """Country and region of each place, as they were written."""
        self.days: dict[str, Any] = {}
        self.moments: dict[str, Any] = {}
        self._moments(field)
        self._places(field)
        self._quantities(field)

    def _moments(self, field: dict[str, Any]) -> None:
        np = need()
        for name in ("ordered", "shipped", "delivered", "cancelled"):
            moments = field[f"{name}_at"]
            self.days[name] = np.array([NEVER if one is None else one.toordinal() for one in moments], dtype=np.int64)
            self.moments[name] = np.array([_stamp(one) for one in moments], dtype=np.float64)
        self.hour = np.array([one.hour for one in field["ordered_at"]], dtype=np.int64)
        self.offset = np.array([_offset(one) for one in field["ordered_at"]], dtype=np.float64)

    def _places(self, field: dict[str, Any]) -> None:
        self._code("origin", field["origin"], str)
        self._code("way", _pairs(field, "carrier", "service"), "|".join)
        self._code("category", field["category"], str)
        for name, end in (("leaves", "origin"), ("arrives", "destination")):
            pairs = _pairs(field, f"{end}_country", f"{end}_region")
            self._code(name, pairs, lambda pair: features.place(*pair))
            self.places.update({features.place(*pair): pair for pair in set(pairs)})
        for name, end in (("start zone", "origin"), ("zone", "destination")):
            self._code(name, _pairs(field, f"{end}_country", f"{end}_postcode"), lambda pair: features.zone(*pair))
        self._join("lane", "leaves", "arrives")

    def _quantities(self, field: dict[str, Any]) -> None:
        np = need()
        items = _numbers(field["items"])
        self._steps("items", items)
        self._steps("freight", _numbers(field["freight"]) / np.maximum(1, items))
        self._steps("kg", _numbers(field["weight_kg"]))
        self._steps("value", _numbers(field["value"]))
        self._steps("km", _kilometres(field["origin_point"], field["destination_point"]))
        self._join("way>km", "way", "km")
        self._join("way>km>arrives", "way>km", "arrives")
        self._join("way>km>lane", "way>km", "lane")

    def _steps(self, name: str, values: Any) -> None:
        np = need()
        cuts = features.CUTS[name]
        self.codes[name] = np.where(np.isnan(values), len(cuts) + 1, np.digitize(np.nan_to_num(values), cuts))
        self.names[name] = [str(number) for number in range(len(cuts) + 2)]

    def _code(self, name: str, values: Iterable[Any], key: Callable[[Any], str]) -> None:
        np = need()
        seen: dict[Any, int] = {}
        raw = np.array([seen.setdefault(one, len(seen)) for one in values], dtype=np.int64)
        merged: dict[str, int] = {}
        codes = np.array([merged.setdefault(key(one), len(merged)) for one in seen], dtype=np.int64)
        self.codes[name] = codes[raw] if seen else raw
        self.names[name] = list(merged)

    def _join(self, name: str, first: str, second: str) -> None:
        np = need()
        wide = max(1, len(self.names[second]))
        unique, codes = np.unique(self.codes[first] * wide + self.codes[second], return_inverse=True)
        self.codes[name] = codes.reshape(-1)
        self.names[name] = [f"{self.names[first][one // wide]}>{self.names[second][one % wide]}" for one in unique.tolist()]


def _pairs(field: dict[str, Any], first: str, second: str) -> list[tuple[str, str]]:
    return list(zip(field[first], field[second], strict=True))


def _numbers(values: Iterable[float | None]) -> Any:
    np = need()
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)


def _stamp(moment: datetime | None) -> float:
    """Seconds since 1970 in UTC; infinite for never."""
    return float("inf") if moment is None else moment.timestamp()


def _offset(moment: datetime) -> float:
    offset = moment.utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _kilometres(starts: Sequence[Any], ends: Sequence[Any]) -> Any:
    """``features.kilometres`` for many."""
    np = need()
    nowhere = (np.nan, np.nan)
    first = np.radians(np.array([one or nowhere for one in starts], dtype=np.float64).reshape(-1, 2))
    last = np.radians(np.array([one or nowhere for one in ends], dtype=np.float64).reshape(-1, 2))
    rise, turn = np.sin((last - first) / 2).T ** 2
    half = rise + np.cos(first[:, 0]) * np.cos(last[:, 0]) * turn
    return 2 * features.EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
