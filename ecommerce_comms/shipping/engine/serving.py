"""When will it come: read off what was learnt, in pure Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from ecommerce_comms.shipping.engine import features
from ecommerce_comms.shipping.engine.settings import EngineSettings
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

CAP = 0.97
CLOSED = 7
ENOUGH = 0.0005
"""Ship days and ages less likely than this in all are left out."""
_USUAL = EngineSettings()


def arrival(state: State, shipment: Shipment, now: datetime, settings: EngineSettings | None = None) -> Distribution | None:
    """The chances of each day of arrival, given all that is known at ``now`` (aware): not shipped yet, or under way for so long.

    Days count in the zone of ``shipment.ordered_at``. ``None`` if too little is known to say anything.
    """
    if state.handling is None or state.transit is None:
        return None
    asked = _Question(state, shipment, now, settings or _USUAL)
    return asked.under_way() if asked.shipped is not None else asked.unshipped()


class _Question:
    """One shipment at one moment."""

    def __init__(self, state: State, shipment: Shipment, now: datetime, settings: EngineSettings) -> None:
        self.state, self.shipment, self.settings = state, shipment, settings
        self.keys = features.of(shipment)
        self.ordered = shipment.ordered_at.date().toordinal()
        self.today = max(self.ordered, now.astimezone(shipment.ordered_at.tzinfo).date().toordinal())
        shipped = shipment.shipped_at
        self.shipped = shipped.date().toordinal() if shipped is not None and shipped <= now else None

    def under_way(self) -> Distribution:
        """It left on a known day and has not arrived before today."""
        assert self.shipped is not None
        leg = self._transit()
        start = self.shipped
        return _given(start, leg(start), max(self.today, start))

    def unshipped(self) -> Distribution:
        """It leaves on one of the coming days, and travels from then on."""
        leaves = _given(self.ordered, self._handling(), self.today)
        leg = self._transit()
        first = leaves.first.toordinal()
        total = [0.0] * (len(leaves.chances) + 200)
        longest = 0
        for wait, chance in enumerate(leaves.chances):
            if chance < 1e-6:
                continue
            travel = leg(first + wait)
            longest = max(longest, wait + len(travel))
            for age, share in enumerate(travel, wait):
                total[age] += chance * share
        return Distribution(leaves.first, tuple(total[:longest]))

    def _handling(self) -> list[float]:
        stage = self.state.handling
        assert stage is not None
        steady = product(stage, self.keys)
        hours = stage.hours[self.shipment.ordered_at.hour] if stage.hours else [1.0]
        base = node(stage, self.keys)
        factors = self._days(stage, "leaves", self.shipment.origin_country, self.shipment.origin_region, self.ordered, len(base))
        last = len(hours) - 1
        return _ends([hazard * steady * hours[min(age, last)] * factors[age] for age, hazard in enumerate(base)])

    def _transit(self) -> Callable[[int], list[float]]:
        stage = self.state.transit
        assert stage is not None
        steady = product(stage, self.keys)
        base = [hazard * steady for hazard in node(stage, self.keys)]
        place = ("arrives", self.shipment.destination_country, self.shipment.destination_region)

        def leg(start: int) -> list[float]:
            factors = self._days(stage, *place, start, len(base))
            return _ends([hazard * factor for hazard, factor in zip(base, factors, strict=True)])

        return leg

    def _days(self, stage: Stage, feature: str, country: str, region: str, first: int, length: int) -> list[float]:
        """Factor of each day from ``first``: weekday or closed, and the network; kept, for everybody asks about the same days."""
        key = (feature, country, region, first, id(self.settings))
        factors = self.state.cache.get(key)
        if factors is None:
            runs = stage.network.get(self.keys[feature], stage.network.get("", 1.0))
            closed = self.settings.is_closed
            factors = [
                stage.week[CLOSED if closed(country, region, date.fromordinal(day)) else (day + 6) % 7] * runs
                for day in range(first, first + length)
            ]
            if len(self.state.cache) > 10_000:
                self.state.cache.clear()
            self.state.cache[key] = factors
        slowdown = self.settings.slowdown
        if slowdown is None:
            return factors  # type: ignore[no-any-return]
        return [factor / max(1.0, slowdown(self.shipment, date.fromordinal(day))) for day, factor in enumerate(factors, first)]


def node(stage: Stage, keys: dict[str, str]) -> list[float]:
    """Hazards of the most particular node that knows the shipment."""
    for name, table in reversed(stage.nodes):
        found = table.get(keys.get(name, ""))
        if found is not None:
            return found
    return []


def product(stage: Stage, keys: dict[str, str]) -> float:
    """All that makes it faster or slower at every age."""
    total = 1.0
    for name, table in stage.ratios.items():
        total *= table.get(keys[name.removeprefix("recent ")], 1.0)
    return total


def _ends(hazards: list[float]) -> list[float]:
    """Chance of ending at each age, from the chance of ending there given that it lasted until then."""
    left, chances = 1.0, []
    for hazard in hazards:
        ends = left * (hazard if hazard < CAP else CAP)
        chances.append(ends)
        left -= ends
    return chances


def _given(start: int, chances: list[float], today: int) -> Distribution:
    """The same, knowing that it has not ended before ``today``."""
    passed = today - start
    rest = chances[passed:]
    left = 1.0 - sum(chances[:passed])
    first = date.fromordinal(start) + timedelta(days=passed)
    return Distribution(first, tuple(chance / left for chance in rest) if left > 1e-9 else ())
