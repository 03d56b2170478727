"""Length against lateness: what each method's promises would have been at any one level of confidence."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from ecommerce_comms.backtest.losses import Cumulated

STEPS = 2000
"""Levels of confidence that are told apart: 1/2000, 2/2000 … 1999/2000."""


class Frontier:
    """The mean length of a promise and the share that comes later than it, for every level at once.

    A promise at a level is that quantile, so it is longer by each day whose chance is still below the level, and missed if
    the chance was above it already on the day before the delivery. Both are counted by level, and no order is kept.
    """

    def __init__(self) -> None:
        self.orders = 0
        self._days_before = 0
        self._below = [0] * (STEPS + 1)
        self._missed_until = [0] * (STEPS + 1)

    def add(self, told: Cumulated, came: int) -> None:
        """One order: what was told and the day that came, days counted from the order."""
        self.orders += 1
        self._days_before += told.first
        for chance in told.by:
            self._below[_step(chance)] += 1
        self._missed_until[_step(told.chance_by(came - 1))] += 1

    def lengths(self) -> list[float]:
        """The mean days from order to promise at each level."""
        counted = list(accumulate(self._below))[: STEPS - 1]
        return [(self._days_before + days) / self.orders for days in counted]

    def late(self) -> list[float]:
        """The share of orders that come after their promise, at each level."""
        kept = list(accumulate(self._missed_until))[: STEPS - 1]
        return [1 - orders / self.orders for orders in kept]

    def late_at(self, length: float) -> float:
        """The late share at the level where promises are ``length`` days long on average."""
        lengths, late = self.lengths(), self.late()
        place = bisect_left(lengths, length)
        if place in (0, len(lengths)):
            return late[min(place, len(late) - 1)]
        part = (length - lengths[place - 1]) / (lengths[place] - lengths[place - 1])
        return late[place - 1] + part * (late[place] - late[place - 1])

    def coverage(self, level: float) -> float:
        """The share of orders that come by their promise at ``level``."""
        return 1 - self.late()[round(level * STEPS) - 1]


def _step(chance: float) -> int:
    """The last of the levels, in steps, that ``chance`` reaches."""
    return min(STEPS, int((chance + 1e-9) * STEPS))
