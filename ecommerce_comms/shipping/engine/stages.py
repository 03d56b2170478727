"""Learn one leg: hazard(age, day) = base[node, age] x week[day] x ratios x network[day]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecommerce_comms.shipping.engine import hazards, network
from ecommerce_comms.shipping.engine.encoding import Columns
from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.engine.spans import Spans
from ecommerce_comms.shipping.engine.state import Stage

CAP = 0.97
"""No day is surer than this."""
LATE_AGES = 4
"""The hour of the order has a say on its own day, the next two, and all later ones together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a leg depends on."""

    chain: tuple[tuple[str, float], ...]
    """Nodes from the whole to the particular, each with its pseudo-parcels at risk (weight of its parent)."""
    ratios: tuple[tuple[str, float], ...]
    """Features that make it faster or slower at all ages, each with its pseudo-events."""
    recent: tuple[str, float, float] | None
    """A feature whose last weeks count apart: its name, pseudo-events, half-life in days."""
    place: str
    """The feature whose calendar and network it runs on."""
    hourly: bool = False


def learn_stage(columns: Columns, spans: Spans, plan: Plan, closed: Any) -> Stage:
    """The leg's tables. ``closed[place, day]`` tells closed days; two rounds, for the parts depend on each other."""
    return _Fit(columns, spans, plan, closed).run()


class _Fit:
    def __init__(self, columns: Columns, spans: Spans, plan: Plan, closed: Any) -> None:
        np = need()
        self.np, self.columns, self.spans, self.plan, self.closed = np, columns, spans, plan, closed
        self.codes = {name: columns.codes[name][spans.rows] for name in columns.codes}
        self.weights = spans.weight[spans.parcel]
        self.week = np.ones(8)
        self.hours = np.ones((24, LATE_AGES))
        self.ratio = {name: np.ones(len(columns.names[name])) for name, _ in plan.ratios}
        self.kind = (np.arange(spans.length) + spans.first + 6) % 7
        place = self.codes[plan.place]
        self.cell = place[spans.parcel] * spans.length + spans.day
        kinds = np.where(closed[:, : spans.length], 7, self.kind[None, :])
        self.day_kind = kinds.reshape(-1)[self.cell]
        self.base = hazards.root(self._by_age(self.weights), self._by_age(self.weights[spans.at], spans.at))[spans.age]

    def run(self) -> Stage:
        for _ in range(2):
            self._calendar()
            self._hours()
            tables = self._tables()
            self._ratios()
        self._calendar()
        return self._stage(tables)

    def _by_age(self, weights: Any, at: Any = slice(None)) -> Any:
        return self.np.bincount(self.spans.age[at], weights, self.spans.ages)

    def _usual(self) -> Any:
        """Hazard of each parcel-day without the base."""
        factor = self.week[self.day_kind] * self._product()[self.spans.parcel]
        if self.plan.hourly:
            factor = factor * self.hours[self._hour_of_days(), self._late()]
        return factor

    def _product(self) -> Any:
        product = self.np.ones(self.spans.size)
        for name, ratio in self.ratio.items():
            product *= ratio[self.codes[name]]
        return product

    def _hour_of_days(self) -> Any:
        return self.columns.hour[self.spans.rows][self.spans.parcel]

    def _late(self) -> Any:
        return self.np.minimum(self.spans.age, LATE_AGES - 1)

    def _calendar(self) -> None:
        """Weekdays and closed days: seen / expected, with 20 pseudo-events."""
        expected = self.np.bincount(self.day_kind, self.base * self._usual() * self.weights, 8)
        seen = self.np.bincount(self.day_kind[self.spans.at], self.weights[self.spans.at], 8)
        self.week = self.week * (seen + 20) / (expected + 20)

    def _hours(self) -> None:
        if not self.plan.hourly:
            return
        cell = self._hour_of_days() * LATE_AGES + self._late()
        expected = self.np.bincount(cell, self.base * self._usual() * self.weights, 24 * LATE_AGES)
        seen = self.np.bincount(cell[self.spans.at], self.weights[self.spans.at], 24 * LATE_AGES)
        factor = ((seen + 20) / (expected + 20)).reshape(24, LATE_AGES)
        self.hours = hazards.falling(self.hours * factor)

    def _tables(self) -> list[Any]:
        """Base hazards of every node, the particular ones shrunk to their parents."""
        at_risk = self._usual() * self.weights
        tables = [hazards.root(self._by_age(at_risk), self._by_age(self.weights[self.spans.at], self.spans.at))[None, :]]
        parent = self.np.zeros(self.spans.size, dtype=self.np.int64)
        for name, weight in self.plan.chain:
            codes = self.codes[name]
            above = self.np.zeros(len(self.columns.names[name]), dtype=self.np.int64)
            above[codes] = parent
            cell = codes[self.spans.parcel] * self.spans.ages + self.spans.age
            shape = (len(above), self.spans.ages)
            risk = self.np.bincount(cell, at_risk, shape[0] * shape[1]).reshape(shape)
            seen = self.np.bincount(cell[self.spans.at], self.weights[self.spans.at], shape[0] * shape[1]).reshape(shape)
            tables.append(hazards.shrunk(seen, risk, tables[-1][above], weight))
            parent = codes
        self.base = tables[-1].reshape(-1)[parent[self.spans.parcel] * self.spans.ages + self.spans.age]
        return tables

    def _ratios(self) -> None:
        """One-way tables: seen / expected, two passes, for each takes what the others left."""
        np, event = self.np, self.spans.event * self.spans.weight
        usual = np.bincount(self.spans.parcel, self.base * self._usual() * self.weights, self.spans.size) / self._product()
        for _ in range(2):
            for name, pseudo in self.plan.ratios:
                codes, old = self.codes[name], self.ratio[name]
                others = usual * self._product() / old[codes]
                size = len(old)
                self.ratio[name] = (np.bincount(codes, event, size) + pseudo) / (np.bincount(codes, others, size) + pseudo)

    def _stage(self, tables: list[Any]) -> Stage:
        names = self.columns.names
        expected = self.base * self._usual()
        chain = [name for name, _ in self.plan.chain]
        nodes: list[tuple[str, dict[str, list[float]]]] = [("", {"": _short(tables[0][0])})]
        counts: dict[str, dict[str, int]] = {"": {"": self.spans.size}}
        for name, table in zip(chain, tables[1:], strict=True):
            seen = self.np.bincount(self.codes[name], minlength=len(names[name]))
            nodes.append((name, {names[name][one]: _short(table[one]) for one in self.np.nonzero(seen)[0]}))
            counts[name] = {names[name][one]: int(seen[one]) for one in self.np.nonzero(seen)[0]}
        ratios = {name: _named(names[name], ratio) for name, ratio in self.ratio.items()}
        runs = network.now(self.spans, expected, self.codes[self.plan.place], len(names[self.plan.place]))
        if self.plan.recent:
            name, pseudo, half_life = self.plan.recent
            recent = network.recent(self.spans, expected, self.codes[name], len(names[name]), pseudo, half_life)
            ratios[f"recent {name}"] = _named(names[name], recent)
        return Stage(
            nodes=nodes, ratios=ratios, week=_short(self.week), hours=[_short(row) for row in self.hours] if self.plan.hourly else [],
            network={"": round(float(runs[0]), 4), **_named(names[self.plan.place], runs[1])}, counts=counts, lost=round(self.spans.lost, 5),
        )


def _short(values: Any) -> list[float]:
    """Three figures are plenty for a hazard, and keep the state small."""
    return [float(f"{value:.3g}") for value in values.tolist()]


def _named(names: list[str], values: Any) -> dict[str, float]:
    return {name: float(f"{value:.3g}") for name, value in zip(names, values.tolist(), strict=True) if abs(value - 1) > 0.005}
