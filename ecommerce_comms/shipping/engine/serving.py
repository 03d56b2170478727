"""When will it come: read off what was learnt, in pure Python."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from itertools import accumulate, pairwise
from math import exp
from operator import neg
from typing import NamedTuple

from ecommerce_comms.shipping.engine import features
from ecommerce_comms.shipping.engine.leaving import grouped
from ecommerce_comms.shipping.engine.settings import EngineSettings
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

CLOSED = 7
FINE = 2
"""Steps of a survival table in a day of the clock; between them it is read off a straight line."""
FORESEEN = 150
"""Days ahead that are looked at."""
WAITED = 62
"""Days ahead on which it may leave."""
DAMPED, DAMPING = 2.0, 0.5
"""Beyond so many expected events the network's state counts only with this power: late parcels are late for reasons of their own."""
NEGLIGIBLE = 1e-5
"""So small a chance of leaving on a day is added to the next day's."""
LONGEST = 400
"""Days after which a parcel does not age any more."""
WEEKEND = 3
"""From a Friday to a Monday there are so many days: as long a time before it is ready is part of what was learnt."""
NOTHING_LEFT = 27.631
"""So many expected events leave 1 in 10 ** 12: there a survival table ends."""
_MONTH, _KEPT = 32, 1000
_USUAL = EngineSettings()


def arrival(state: State, shipment: Shipment, now: datetime, settings: EngineSettings | None = None) -> Distribution | None:
    """The chances of each day of arrival, given all that is known at ``now`` (aware): not shipped yet, or under way for so long.

    Days count in the zone of ``shipment.ordered_at``, and none lies before ``now``. What the chances lack to 1 comes later than the
    last day, or never: some get lost, and the longer a parcel is silent the less it is trusted. ``None`` if too little is known.
    """
    if state.handling is None or state.transit is None:
        return None
    asked = Question(state, shipment, now, settings or _USUAL)
    return asked.unshipped() if asked.shipped is None else asked.under_way(asked.shipped)


class Leg(NamedTuple):
    """What one leg of one shipment looks like."""

    clock: list[float]
    """The clock at the beginning of the first day and of those after it, before features speed it up."""
    speed: float
    table: list[float]
    """Share still open at each half day of the clock."""
    lines: tuple[list[float], list[float]]
    """The same as straight lines from each half day to the next: where it would be at 0, and its slope a half day."""
    lost: float


class Question:
    """One shipment at one moment."""

    def __init__(self, state: State, shipment: Shipment, now: datetime, settings: EngineSettings) -> None:
        self.state, self.shipment, self.settings = state, shipment, settings
        self.keys = features.of(shipment)
        shipped = shipment.shipped_at if shipment.shipped_at is not None and shipment.shipped_at <= now else None
        self.ready = 0 if shipment.ready_on is None or shipped is not None else shipment.ready_on.toordinal()
        placed = shipment.ordered_at.toordinal()
        # A longer wait before it is ready makes nothing late: it is as good as ordered at the beginning of the last days of it.
        ordered = max(placed, self.ready - WEEKEND)
        self.hour = shipment.ordered_at.hour if ordered == placed else 0
        self.today = max(ordered, now.astimezone(shipment.ordered_at.tzinfo).toordinal())
        self.ordered = max(ordered, self.today - LONGEST)
        self.shipped = None if shipped is None else max(self.ordered, shipped.toordinal())

    def situation(self) -> tuple[object, ...]:
        """Equal for shipments of which the same is known and expected."""
        handling, transit = self.state.handling, self.state.transit
        assert handling is not None and transit is not None
        last = (found(transit, self.keys), pace_of(transit, self.keys), speed_of(transit, self.keys), self.keys["arrives"], self.today)
        peak = self.slowed()
        if self.shipped is not None:
            return (self.shipped, peak, *last)
        hour = self.hour if handling.hours else 0
        first = (found(handling, self.keys), pace_of(handling, self.keys), speed_of(handling, self.keys), self.keys["leaves"])
        return (self.ordered, hour, max(self.ready, self.today), peak, *first, *last)

    def under_way(self, start: int) -> Distribution:
        """It left on day ``start`` and has not arrived before today."""
        leg = self.travel(start)
        today = max(self.today, start)
        passed = today - start
        still = [left(leg.table, now * leg.speed) for now in leg.clock[passed : passed + FORESEEN + 1]]
        whole = still[0] or 1e-300
        return _told(today, [one / whole for one in still], trusted(still[0], leg.lost))

    def unshipped(self) -> Distribution:
        """It leaves on one of the coming days, and travels from then on."""
        waits, trust = self.waits()
        leg = self.travel(self.today)
        at, (base, slope) = [now * leg.speed * FINE for now in leg.clock], leg.lines
        reach = over(leg.table)
        still = [0.0] * (FORESEEN + 1)
        waiting, chance = 1.0, 0.0
        for wait, leaves in enumerate(waits):
            still[wait] += waiting
            chance += leaves
            if chance < NEGLIGIBLE:
                continue
            waiting -= chance
            start = at[wait]
            end = min(FORESEEN, bisect_left(at, start + reach) - 1)
            for day, now in enumerate(at[wait + 1 : end + 1], wait + 1):
                place = now - start
                whole = int(place)
                still[day] += chance * (base[whole] + slope[whole] * place)
            chance = 0.0
        for day in range(len(waits), FORESEEN + 1):
            still[day] += waiting
        return _told(self.today, still, trust * (1.0 - leg.lost))

    def travel(self, start: int) -> Leg:
        """From the carrier to the customer, from day ``start``."""
        stage = self.state.transit
        assert stage is not None
        return self._leg(stage, "arrives", self.shipment.destination_country, self.shipment.destination_region, start,
                         max(self.today - start, 0) + FORESEEN)

    def waits(self) -> tuple[list[float], float]:
        """Chances of leaving today, tomorrow and so on, given that it has not left; and how far it is still trusted to leave."""
        stage = self.state.handling
        assert stage is not None
        passed = self.today - self.ordered
        leg = self._leg(stage, "leaves", self.shipment.origin_country, self.shipment.origin_region, self.ordered, passed + WAITED)
        rest = stage.hours[self.hour] if stage.hours else 1.0
        lag = (1.0 - rest) * leg.clock[1]
        # Until it is ready it cannot leave, and that it has not says nothing.
        known = 0 if self.today <= self.ready else passed
        still = [left(leg.table, (now - lag) * leg.speed) for now in leg.clock[max(1, known) : known + WAITED + 1]]
        if known == 0:
            still.insert(0, 1.0)
        whole = still[0] or 1e-300
        leaves = [(one - two) / whole for one, two in pairwise(still)]
        held = self.ready - self.ordered
        if known == 0 and held > 0:
            leaves[: held + 1] = [0.0] * held + [sum(leaves[: held + 1])]
        return grouped(leaves[passed - known :], self.today), trusted(still[0], stage.lost)

    def _leg(self, stage: Stage, feature: str, country: str, region: str, start: int, days: int) -> Leg:
        return Leg(
            self._clock(stage, feature, country, region, start, days), speed_of(stage, self.keys), *self._survival(stage), stage.lost,
        )

    def _clock(self, stage: Stage, feature: str, country: str, region: str, first: int, length: int) -> list[float]:
        """The clock at the beginning of day ``first`` and of ``length`` after it; kept, for all ask about the same days."""
        key = (feature, country, region, first, length, self.settings.is_closed, self.slowed())
        clock = self.state.cache.get(key)
        if clock is None:
            mine, slowdown = self._steps(stage, feature, country, region, first, length), self.settings.slowdown
            if slowdown is not None:
                mine = [step / max(1.0, slowdown(self.shipment, date.fromordinal(day))) for day, step in enumerate(mine, first)]
            clock = list(accumulate(mine, initial=0.0))
            keep(self.state, key, clock)
        return clock

    def _steps(self, stage: Stage, feature: str, country: str, region: str, first: int, length: int) -> list[float]:
        """By how much the clock advances on day ``first`` and on each of ``length`` days, without peaks."""
        begin = first - first % _MONTH
        key = (feature, country, region, begin, self.settings.is_closed)
        steps = self.state.cache.get(key)
        if steps is None:
            closed = self.settings.is_closed
            days = range(begin, begin + _MONTH + LONGEST + FORESEEN)
            steps = [stage.week[CLOSED if closed(country, region, date.fromordinal(day)) else (day + 6) % 7] for day in days]
            keep(self.state, key, steps)
        return steps[first - begin : first - begin + length]

    def slowed(self) -> object:
        """Equal for shipments that peaks slow down alike."""
        settings = self.settings
        if settings.slowdown is None:
            return None
        return settings.slowdown, self.shipment if settings.alike is None else settings.alike(self.shipment)

    def _survival(self, stage: Stage) -> tuple[list[float], tuple[list[float], list[float]]]:
        """Share still open at each half day of the clock of the node that knows the shipment, at today's pace of the network."""
        pace = pace_of(stage, self.keys)
        name, key = found(stage, self.keys)
        at = (id(stage), name, key, pace)
        known = self.state.cache.get(at)
        if known is None:
            table = survival(rates_of(stage, self.keys), stage.tail, pace)
            known = table, lines(table)
            keep(self.state, at, known)
        return known


def keep(state: State, key: object, value: object) -> None:
    """Remember what repeats, in bounded memory."""
    if len(state.cache) >= _KEPT:
        state.cache.clear()
    state.cache[key] = value


def found(stage: Stage, keys: dict[str, str]) -> tuple[str, str]:
    """The most particular node that knows the shipment."""
    for name, table in reversed(stage.nodes):
        key = keys.get(name, "")
        if key in table:
            return name, key
    return "", ""


def rates_of(stage: Stage, keys: dict[str, str], last: str | None = None) -> list[float]:
    """Rates of the most particular node, or of the one of feature ``last``; where it ends, those of the node above go on."""
    rates: list[float] = []
    for name, table in stage.nodes:
        mine = table.get(keys[name] if name else "", ())
        rates = [*mine, *rates[len(mine) :]]
        if name == last:
            break
    return rates


def speed_of(stage: Stage, keys: dict[str, str]) -> float:
    """How many times faster than usual the clock of a shipment runs."""
    total = 1.0
    for name, table in stage.ratios.items():
        total *= table.get(keys[name], 1.0)
    return total


def pace_of(stage: Stage, keys: dict[str, str]) -> float:
    """How many times as much as expected happens these days where the shipment is."""
    total = 1.0
    for name, table in stage.recent.items():
        total *= table.get(keys[name] if name else "", 1.0)
    return total


def survival(rates: list[float], tail: float, pace: float) -> list[float]:
    """Share still open at each half day of the clock: exp(-expected events), the network's pace damped for what is late anyway."""
    slow = pace**DAMPING
    days = [*rates, *([max(tail, 0.01)] * len(rates))]
    totals = list(accumulate([day / FINE for day in days for _ in range(FINE)]))
    early = bisect_left(totals, DAMPED)
    expected = [total * pace for total in totals[:early]]
    expected += [DAMPED * pace + (total - DAMPED) * slow for total in totals[early:]]
    end = bisect_right(expected, NOTHING_LEFT) // FINE * FINE + FINE
    return [1.0, *[exp(-one) for one in expected[:end]]]


def lines(table: list[float]) -> tuple[list[float], list[float]]:
    """A table as straight lines from each step to the next."""
    slopes = [two - one for one, two in pairwise(table)]
    return [one - slope * step for step, (one, slope) in enumerate(zip(table, slopes, strict=False))], slopes


def over(table: list[float]) -> int:
    """Where in a table next to nothing is left: 1 in 2,000."""
    return min(bisect_left(table, -0.0005, key=neg), len(table) - 2)


def left(table: list[float], clock: float) -> float:
    """Share still open at a point of the clock."""
    place = clock * FINE
    whole = int(place)
    if whole >= len(table) - 1:
        return table[-1]
    return table[whole] + (table[whole + 1] - table[whole]) * (place - whole)


def trusted(still: float, lost: float) -> float:
    """Chance that a parcel still open ever moves on, with a share p of lost ones: (1 - p) S / ((1 - p) S + p)."""
    return (1.0 - lost) * still / ((1.0 - lost) * still + lost)


def _told(today: int, still: Sequence[float], trust: float) -> Distribution:
    """From the share still open at the beginning of each day."""
    chances = [(one - two) * trust if one > two else 0.0 for one, two in pairwise(still)]
    while len(chances) > 1 and chances[-1] < 1e-7:
        chances.pop()
    return Distribution(date.fromordinal(today), tuple(chances))
