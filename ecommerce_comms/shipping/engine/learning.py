"""Learn from parcels: two legs, handling (order to carrier) and transit (carrier to customer)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ecommerce_comms.shipping.engine.encoding import EPOCH, NEVER, Columns
from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.engine.settings import EngineSettings
from ecommerce_comms.shipping.engine.spans import cut, known
from ecommerce_comms.shipping.engine.stages import Plan, learn_stage
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.shipments import Shipment

FEWEST = 30
"""Events of a leg, below which the shop's own figures are needed."""

HANDLING = Plan(
    chain=(("origin", 3.0),), ratios=(("category", 20.0), ("items", 20.0), ("kg", 20.0), ("value", 20.0)),
    recent=("origin", 8.0, 15.0), place="leaves", hourly=True,
)
TRANSIT = Plan(
    chain=(("way", 10.0), ("way>arrives", 10.0), ("way>lane", 8.0), ("way>zoned", 8.0)),
    ratios=(("kg", 20.0), ("km", 20.0), ("zone3", 20.0), ("origin", 20.0), ("freight", 20.0)),
    recent=None, place="arrives",
)


def learn(
    shipments: Sequence[Shipment] | Columns, until: datetime, *, before: State | None = None, settings: EngineSettings | None = None,
) -> State:
    """What the shop's parcels taught until ``until`` (aware); whatever happened later is not looked at.

    ``shipments`` may be ``Columns`` made once for many learnings. Raises ``NumpyMissing`` without numpy.
    """
    need()
    settings = settings or EngineSettings()
    columns = shipments if isinstance(shipments, Columns) else Columns(shipments)
    facts = _Facts(columns, until)
    tuning = settings.tuning
    handling = facts.stage("ordered", "shipped", HANDLING, tuning.handling_ages, settings)
    transit = facts.stage("shipped", "delivered", TRANSIT, tuning.transit_ages, settings)
    return State(until=until, parcels=int(facts.placed.sum()), handling=handling, transit=transit)


class _Facts:
    """The columns as they stood at a moment."""

    def __init__(self, columns: Columns, until: datetime) -> None:
        np = need()
        self.columns = columns
        moment = until.timestamp()
        self.until = ((moment + columns.offset) // 86400).astype(np.int64) + EPOCH
        self.days = {name: known(columns.days[name], columns.moments[name], self.until, moment) for name in columns.days}
        early = np.minimum(self.days["shipped"], self.days["delivered"])
        told = self.days["shipped"] < NEVER
        self.days["shipped"] = np.where(told, early, NEVER)
        self.placed = self.days["ordered"] < NEVER
        unknown = ~told & (self.days["delivered"] < NEVER)
        self.days["ordered"] = np.where(unknown, NEVER, self.days["ordered"])

    def stage(self, start: str, end: str, plan: Plan, ages: int, settings: EngineSettings) -> Stage | None:
        np = need()
        begins = np.where(self.placed, self.days[start], NEVER)
        weight = 0.5 ** ((self.until - self.columns.days["ordered"]) / settings.tuning.half_life)
        spans = cut(begins, self.days[end], self.days["cancelled"], self.until, weight, ages)
        if spans is None or spans.event.sum() < FEWEST:
            return None
        closed = _closed(self.columns.names[plan.place], spans.first, spans.length, settings)
        return learn_stage(self.columns, spans, plan, closed)


def _closed(places: list[str], first: int, length: int, settings: EngineSettings) -> Any:
    """Which places were closed on which days."""
    np = need()
    closed = np.zeros((len(places), length), dtype=bool)
    for row, place in enumerate(places):
        country, _, region = place.upper().partition("/")
        for day in range(length):
            closed[row, day] = settings.is_closed(country, region, date.fromordinal(first + day))
    return closed
