"""Many parcels at once: equal situations are looked at once, the others side by side in numpy where it is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from ecommerce_comms.shipping.engine import numeric
from ecommerce_comms.shipping.engine.serving import (
    FINE,
    FORESEEN,
    NEGLIGIBLE,
    WAITED,
    Question,
    arrival,
    over,
    trusted,
)
from ecommerce_comms.shipping.engine.settings import EngineSettings
from ecommerce_comms.shipping.engine.state import State
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

np: Any = numeric.numpy
CHUNK = 2000
_USUAL = EngineSettings()


def arrivals(
    state: State, shipments: Iterable[Shipment], now: datetime, settings: EngineSettings | None = None,
) -> Iterator[Distribution | None]:
    """``arrival`` of each shipment, in their order, a few thousand at a time; at most 1e-6 apart from it."""
    settings = settings or _USUAL
    if not numeric.installed() or state.handling is None or state.transit is None:
        yield from (arrival(state, shipment, now, settings) for shipment in shipments)
        return
    rest = iter(shipments)
    while chunk := list(islice(rest, CHUNK)):
        yield from _chunk(state, chunk, now, settings)


def _chunk(state: State, shipments: list[Shipment], now: datetime, settings: EngineSettings) -> list[Distribution]:
    asked = [Question(state, shipment, now, settings) for shipment in shipments]
    situations: dict[tuple[Any, ...], int] = {}
    place = [situations.setdefault(one.situation(), len(situations)) for one in asked]
    first = dict(zip(reversed(place), reversed(asked), strict=True))
    several = [first[number] for number in range(len(situations))]
    found: list[Distribution | None] = [None] * len(several)
    for judge, moving in ((_under_way, True), (_unshipped, False)):
        which = [number for number, one in enumerate(several) if (one.shipped is not None) is moving]
        if which:
            for number, told in zip(which, judge([several[number] for number in which]), strict=True):
                found[number] = told
    return [found[number] for number in place]  # type: ignore[misc]


def _under_way(asked: list[Question]) -> list[Distribution]:
    legs = [one.travel(one.shipped or 0) for one in asked]
    today = [max(one.today, one.shipped or 0) for one in asked]
    passed = [now - (one.shipped or 0) for now, one in zip(today, asked, strict=True)]
    clock = np.array([leg.clock[begin : begin + FORESEEN + 1] for leg, begin in zip(legs, passed, strict=True)])
    open_ = _left(_tables([leg.table for leg in legs]), clock * np.array([[leg.speed] for leg in legs]))
    trust = [trusted(one, leg.lost) for one, leg in zip(open_[:, 0].tolist(), legs, strict=True)]
    return _told(today, open_ / np.maximum(open_[:, :1], 1e-300), np.array(trust))


def _unshipped(asked: list[Question]) -> list[Distribution]:
    waits, trust = zip(*(one.waits() for one in asked), strict=True)
    leaves = np.zeros((len(asked), WAITED))
    for row, chances in enumerate(waits):
        leaves[row, : len(chances)] = chances
    today = [one.today for one in asked]
    legs = [one.travel(one.today) for one in asked]
    clock = np.array([leg.clock[: FORESEEN + 1] for leg in legs]) * np.array([[leg.speed] for leg in legs])
    tables = _tables([leg.table for leg in legs])
    ends = np.array([over(leg.table) for leg in legs])
    still = np.zeros((len(asked), FORESEEN + 1))
    waiting, chance = np.ones(len(asked)), np.zeros(len(asked))
    for wait in range(WAITED):
        still[:, wait] += waiting
        chance += leaves[:, wait]
        rows = np.nonzero(chance >= NEGLIGIBLE)[0]
        if not len(rows):
            continue
        travel = clock[rows, wait + 1 :] - clock[rows, wait : wait + 1]
        goes_on = _left(tables[0], travel, tables[1][rows]) * (travel * FINE < ends[rows, None])
        still[rows, wait + 1 :] += chance[rows, None] * goes_on
        waiting[rows] -= chance[rows]
        chance[rows] = 0.0
    still[:, WAITED:] += waiting[:, None]
    return _told(today, still, np.array(trust) * (1.0 - legs[0].lost))


def _tables(tables: list[list[float]]) -> tuple[Any, Any]:
    """The different survival tables, one below the other, and which row is whose."""
    rows: dict[int, int] = {}
    whose = np.array([rows.setdefault(id(table), len(rows)) for table in tables])
    different = {id(table): table for table in tables}
    wide = max(len(table) for table in tables) + 1
    out = np.empty((len(rows), wide))
    for name, row in rows.items():
        table = different[name]
        out[row, : len(table)], out[row, len(table) :] = table, table[-1]
    return out, whose


def _left(tables: Any, clock: Any, whose: Any = None) -> Any:
    """``serving.left`` for rows of clocks."""
    if whose is None:
        tables, whose = tables
    place = np.minimum(clock * FINE, tables.shape[1] - 1.001)
    whole = place.astype(np.int64)
    flat, at = tables.reshape(-1), whole + (whose * tables.shape[1])[:, None]
    first = flat[at]
    return first + (flat[at + 1] - first) * (place - whole)


def _told(today: list[int], still: Any, trust: Any) -> list[Distribution]:
    chances = np.maximum(0.0, still[:, :-1] - still[:, 1:]) * trust[:, None]
    some = chances >= 1e-7
    ends = np.where(some.any(axis=1), chances.shape[1] - some[:, ::-1].argmax(axis=1), 1)
    return [
        Distribution(date.fromordinal(day), tuple(row[:end]))
        for day, row, end in zip(today, chances.tolist(), ends.tolist(), strict=True)
    ]
