"""Learn one leg: rates on a clock of its own.

Each day the clock of a parcel advances by ``week[weekday] x ratios`` (a Sunday hardly counts, a fast seller's day counts more), and
the leg ends with the rate of its node at that point of the clock: an accelerated failure time model (Cox & Oakes 1984, chapter 5)
with piecewise constant hazards. Everything is estimated by seen / expected, in three rounds, for the parts depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ecommerce_comms.shipping.engine import shrinking
from ecommerce_comms.shipping.engine.encoding import Columns
from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.engine.spans import Spans
from ecommerce_comms.shipping.engine.state import Stage

ROUNDS = 3
CLOSED = 7
"""Where in ``week`` closed days are."""
ALONE = 0.5
"""With fewer parcels at risk than this, the node above stands in."""
TIMID = 0.7
"""Power of each round's step for the week: whole steps would swing."""
SPEED = 0.6
"""Seen / expected speaks of events, a ratio of the clock: r = (seen / expected) ** (1 / (SPEED x elasticity))."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a leg depends on, and how much it takes to be believed."""

    days: int
    """Length of the clock; the rate stays the same from there on."""
    chain: tuple[tuple[str, float], ...]
    """Nodes from the whole to the particular, each with pseudo-days at risk like its parent."""
    ratios: tuple[tuple[str, float], ...]
    """Features that make the clock run faster or slower, each with pseudo-events."""
    place: str
    """The feature on whose calendar and network it runs."""
    network: tuple[float, float] = (60.0, 5.0)
    """The whole network of late: pseudo-events, half-life in days."""
    recent: tuple[tuple[str, float, float], ...] = ()
    """Features whose last days count apart, beside the whole network: pseudo-events and half-life in days."""
    hourly: bool = False
    """Whether the hour at which it begins has a say."""


class Fit:
    """The parts of one leg while they are learnt."""

    def __init__(self, columns: Columns, spans: Spans, plan: Plan, closed: Any, before: Stage | None) -> None:
        np = need()
        self.np, self.columns, self.spans, self.plan = np, columns, spans, plan
        features = {name for name, _ in (*plan.chain, *plan.ratios)} | {name for name, *_ in plan.recent} | {plan.place}
        self.codes = {name: columns.codes[name][spans.rows] for name in features}
        weekday = np.where(closed, CLOSED, (np.arange(spans.length) + spans.first + 6) % 7)
        self.kind = weekday[self.codes[plan.place][spans.parcel], spans.day]
        self.weight = spans.weight[spans.parcel]
        self.half = np.ones(len(spans.parcel))
        self.half[spans.at] = 0.5
        self.hour = columns.hour[spans.rows]
        self.leaf = self.codes[plan.chain[-1][0]]
        self.row = (self.leaf * plan.days)[spans.parcel]
        self.exposed = self.weight * self.half
        self.fresh = fading(spans, 180.0)[spans.day]
        self.room, self.ends = np.empty((3, len(spans.parcel))), np.empty(len(spans.parcel))
        self.increments = np.empty(len(spans.parcel))
        self.places = np.empty((2, len(spans.parcel)), dtype=np.int64)
        self.above = [self._above(*pair) for pair in pairwise(name for name, _ in plan.chain)]
        self.week = np.array(before.week) if before else self._first_week()
        self.hours = np.array(before.hours) if before and before.hours else np.ones(24)
        self.ratio = {name: self._ratio_before(name, before) for name, _ in plan.ratios}
        self.tables: list[Any] = []
        self.told: list[Any] = []

    def run(self, rounds: int) -> Stage:
        """``rounds`` times: clock, tables, week, hours, ratios."""
        for _ in range(rounds):
            self._tick()
            self._learn_tables()
            self._learn_calendar()
            self._learn_ratios()
        return self._stage()

    def _first_week(self) -> Any:
        np = self.np
        week = (np.bincount(self.kind[self.spans.at], minlength=8) + 1) / (np.bincount(self.kind, minlength=8) + 1)
        return week * 7 / week[:7].sum()

    def _ratio_before(self, name: str, before: Stage | None) -> Any:
        known = before.ratios.get(name, {}) if before else {}
        return self.np.array([known.get(key, 1.0) for key in self.columns.names[name]])

    def _above(self, name: str, below: str) -> Any:
        """The node of feature ``name`` above each one of ``below``."""
        parent = self.np.zeros(len(self.columns.names[below]), dtype=self.np.int64)
        parent[self.codes[below]] = self.codes[name]
        return parent

    def _tick(self) -> None:
        """Where the clock of each parcel-day begins and ends, and how much of it lies on which days of the clock."""
        np, spans = self.np, self.spans
        self.speed = np.ones(len(spans.rows))
        for name, ratio in self.ratio.items():
            self.speed *= ratio[self.codes[name]]
        step = np.take(self.week, self.kind, out=self.room[0], mode="clip")
        step *= np.take(self.speed, spans.parcel, out=self.room[1], mode="clip")
        if self.plan.hourly:
            step[spans.begins] *= self.hours[self.hour]
        ends = np.cumsum(step, out=self.ends)
        ends -= np.take(ends[spans.begins] - step[spans.begins], spans.parcel, out=self.room[1], mode="clip")
        np.minimum(ends, self.plan.days, out=ends)
        self._lay(np.maximum(np.subtract(ends, step, out=step), 0.0, out=step))

    def _lay(self, starts: Any) -> None:
        """Which places in the tables each parcel-day lies on, and with how much of the clock: two, and few that reach a third."""
        np, at, end = self.np, self.spans.at, self.plan.days - 1
        begin, second = self.places
        begin[:] = starts
        np.minimum(begin, end, out=begin)
        np.add(begin, 1, out=second)
        within = np.minimum(self.ends, second, out=self.room[1])
        first = np.subtract(within, starts, out=starts)
        rest = np.subtract(self.ends, within, out=within)
        far = np.nonzero(rest > 1.0)[0]
        third, last = np.minimum(begin[far] + 2, end) + self.row[far], rest[far] - 1.0
        self.third = np.minimum(begin[at] + 2, end) + self.row[at], np.maximum(rest[at] - 1.0, 0.0)
        np.minimum(second, end, out=second)
        begin += self.row
        second += self.row
        self.parts = [(begin, first, ...), (second, np.minimum(rest, 1.0, out=rest), ...), (third, last, far)]

    def _learn_tables(self) -> None:
        """Rates of all nodes: counted for the last ones, added up to those above, shrunk on the way down."""
        np, days = self.np, self.plan.days
        size = len(self.columns.names[self.plan.chain[-1][0]])
        risk, seen = np.zeros(size * days), np.zeros(size * days)
        events = self._events()
        shares = [overlap for _, overlap in events]
        if self.tables:
            flat = self.tables[-1].reshape(-1)
            shares = [share * flat[place] for place, share in events]
        whole = sum(shares) + 1e-12
        for place, overlap, which in self.parts:
            exposed = self.exposed if which is ... else self.exposed[which]
            weight = np.multiply(overlap, exposed, out=self.room[2][: len(place)])
            risk += np.bincount(place, weight, size * days)
        for share, (place, _) in zip(shares, events, strict=True):
            seen += np.bincount(place, share / whole * self.weight[self.spans.at], size * days)
        self._shrink(seen.reshape(size, days), risk.reshape(size, days))

    def _events(self) -> list[tuple[Any, Any]]:
        """What ``parts`` says of the days on which the leg ended: the place in the tables, and how much of the clock lies there."""
        at = self.spans.at
        return [*((place[at], overlap[at]) for place, overlap, _ in self.parts[:2]), self.third]

    def _shrink(self, seen: Any, risk: Any) -> None:
        np = self.np
        levels = [(seen, risk)]
        for (name, _), parent in zip(self.plan.chain[-2::-1], self.above[::-1], strict=True):
            shape = len(self.columns.names[name]), self.plan.days
            place = (parent[:, None] * self.plan.days + np.arange(self.plan.days)).reshape(-1)
            seen, risk = (np.bincount(place, part.reshape(-1), shape[0] * shape[1]).reshape(shape) for part in levels[0])
            levels.insert(0, (seen, risk))
        top = (levels[0][0].sum(0) + 0.02) / (levels[0][1].sum(0) + 1.0)
        self.tables, self.told = [top[None, :]], [[self.plan.days]]
        for level, ((_, weight), (events, days)) in enumerate(zip(self.plan.chain, levels, strict=True)):
            parent_rates = self.tables[-1][self.above[level - 1]] if level else self.tables[0]
            self.tables.append(shrinking.rates(events, days, parent_rates, weight))
            self.told.append((self.plan.days - (days[:, ::-1] > ALONE).argmax(1)) * (days > ALONE).any(1))
        self.tail = float(levels[0][0].sum() / max(levels[0][1].sum(), 1e-9)) / 3

    def _increments(self) -> None:
        """Expected events on each parcel-day, uncapped."""
        np, flat = self.np, self.tables[-1].reshape(-1)
        (begin, first, _), (second, middle, _), (third, last, far) = self.parts
        total = np.multiply(first, np.take(flat, begin, out=self.room[2], mode="clip"), out=self.increments)
        rest = np.take(flat, second, out=self.room[2], mode="clip")
        rest *= middle
        total += rest
        total[far] += last * flat[third]

    def _expected(self, increments: Any) -> Any:
        """Chance of an event on each parcel-day, in a place that is written anew each time."""
        np = self.np
        expected = np.expm1(np.negative(increments, out=self.room[2]), out=self.room[2])
        return np.negative(expected, out=expected)

    def _learn_calendar(self) -> None:
        """Weekdays, closed days and the hour of the order: seen / expected with 20 pseudo-events."""
        np, spans = self.np, self.spans
        self._increments()
        expected = self._expected(self.increments)
        first, seen = spans.begins, np.bincount(self.kind[spans.at], self.fresh[spans.at], 8)
        on_first_day = expected[first]
        factor = shrinking.ratios(seen, np.bincount(self.kind, np.multiply(expected, self.fresh, out=expected), 8), 20.0)
        self.week = self.week * factor**TIMID
        self.week *= 7 / self.week[:7].sum()
        self.week[CLOSED] = min(self.week)
        if self.plan.hourly:
            expected_first = np.bincount(self.hour, on_first_day * factor[self.kind[first]], 24)
            on_first = spans.at[spans.age[spans.at] == 0]
            seen = np.bincount(self.hour[spans.parcel[on_first]], minlength=24)
            share = shrinking.falling(self.hours * shrinking.ratios(seen, expected_first, 20.0), expected_first + 1)
            self.hours = np.minimum(share, 1.0)

    def _learn_ratios(self) -> None:
        """One-way tables, each taking what the others left."""
        np, spans = self.np, self.spans
        expected = np.add.reduceat(np.multiply(self.increments, self.half, out=self.room[2]), spans.begins)
        power = SPEED * self._elasticity(expected)
        seen, expected = spans.event * spans.weight, expected * spans.weight
        for name, pseudo in self.plan.ratios:
            codes, old = self.codes[name], self.ratio[name]
            others = np.bincount(codes, expected * (old**-power)[codes], len(old))
            new = np.clip(shrinking.ratios(np.bincount(codes, seen, len(old)), others, pseudo) ** (1 / power), 0.3, 3.0)
            expected = expected * ((new / old) ** power)[codes]
            self.ratio[name] = new

    def _elasticity(self, expected: Any) -> float:
        """By how many per cent the expected events grow when the clock runs one per cent faster."""
        np, spans = self.np, self.spans
        end = self.ends[spans.at]
        rate = self.tables[-1][self.leaf[spans.parcel[spans.at]], np.minimum(end.astype(np.int64), self.plan.days - 1)]
        return max(1.0, float((rate * end).sum() / max(expected[spans.event].sum(), 1.0)))

    def _stage(self) -> Stage:
        real = self.spans.rows < self.columns.real
        names, nodes, counts = self.columns.names, [("", {"": _short(self.tables[0][0])})], {"": {"": int(real.sum())}}
        for (name, _), table, told in zip(self.plan.chain, self.tables[1:], self.told[1:], strict=True):
            seen = self.np.bincount(self.codes[name][real], minlength=len(names[name]))
            behind = self.np.nonzero(self.np.bincount(self.codes[name]))[0].tolist()
            rows = _short(table)
            nodes.append((name, {names[name][one]: rows[one][: told[one]] for one in behind if told[one]}))
            counts[name] = {names[name][one]: int(seen[one]) for one in behind}
        return Stage(
            nodes=nodes, ratios={name: _named(names[name], ratio) for name, ratio in self.ratio.items()}, week=_short(self.week),
            hours=_short(self.hours) if self.plan.hourly else [], recent=self._recent(), counts=counts,
            tail=float(f"{self.tail:.3g}"), lost=float(f"{self.spans.lost:.3g}"),
        )

    def _recent(self) -> dict[str, dict[str, float]]:
        """The nowcast: events seen / expected over the last days, of the whole network, then of each feature beside it."""
        spans = self.spans
        pseudo, half_life = self.plan.network
        nothing = self.np.zeros(len(spans.rows), dtype=self.np.int64)
        whole = float(self._lately(nothing, 1, self.increments, pseudo, half_life)[0])
        found = {"": {"": whole}}
        expected = self.increments * whole
        for name, pseudo, half_life in self.plan.recent:
            codes = self.codes[name]
            factor = self._lately(codes, len(self.columns.names[name]), expected, pseudo, half_life)
            expected = expected * factor[codes][spans.parcel]
            found[name] = _named(self.columns.names[name], factor)
        return found

    def _lately(self, codes: Any, size: int, expected: Any, pseudo: float, half_life: float) -> Any:
        np, spans = self.np, self.spans
        fresh = fading(spans, half_life)[spans.day]
        of_day = codes[spans.parcel]
        seen = np.bincount(of_day[spans.at], fresh[spans.at], size)
        return shrinking.ratios(seen, np.bincount(of_day, np.multiply(self._expected(expected), fresh, out=fresh), size), pseudo)


def fading(spans: Spans, half_life: float) -> Any:
    """Weight of each day: 1 for yesterday, half as much ``half_life`` days before."""
    np = need()
    return 0.5 ** ((spans.length - 1 - np.arange(spans.length)) / half_life)


def _short(values: Any) -> Any:
    """Four digits are plenty for a rate, and keep the state small."""
    return need().round(values, 4).tolist()


def _named(names: list[str], values: Any) -> dict[str, float]:
    """What says something: a factor next to 1 is left out."""
    return {name: value for name, value in zip(names, need().round(values, 3).tolist(), strict=True) if abs(value - 1) > 0.004}
