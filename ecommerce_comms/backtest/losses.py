"""How far what was said is from what came: the usual losses of a forecast, in days.

A distribution is read as whole days. What it holds beyond its last day counts as the day after that one.
CRPS: Gneiting & Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", 2007, summed over days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from ecommerce_comms.shipping.estimators.distribution import Distribution


def pinball(share: float, told: float, came: float) -> float:
    """The loss of ``told`` as the ``share`` quantile (0 to 1) of ``came``, in the unit of both."""
    return share * (came - told) if came >= told else (1 - share) * (told - came)


@dataclass(frozen=True, slots=True)
class Cumulated:
    """A distribution as the chance of having arrived by each day, days counted from the order."""

    first: int
    """The day of ``by[0]``."""
    by: tuple[float, ...]

    def chance_by(self, day: int) -> float:
        """Chance of arriving on ``day`` or before."""
        place = day - self.first
        if place < 0:
            return 0.0
        return self.by[place] if place < len(self.by) else 1.0

    def quantile(self, share: float) -> int:
        """The first day by which ``share`` has arrived."""
        return self.first + next((place for place, chance in enumerate(self.by) if chance >= share - 1e-9), len(self.by))

    def crps(self, came: int) -> float:
        """The sum over all days of the squared distance between the chance of having arrived and what is so."""
        missing = came - self.first
        place = max(0, missing)
        early, late = self.by[:place], self.by[place:]
        surprise = max(0, -missing) + max(0, missing - len(self.by))
        return sum(chance * chance for chance in early) + sum((1 - chance) ** 2 for chance in late) + surprise


def cumulated(distribution: Distribution, ordered_on: date) -> Cumulated:
    """``distribution`` from the day of the order on."""
    return Cumulated((distribution.first - ordered_on).days, tuple(accumulate(distribution.chances)))


def window(distribution: Distribution, share: float) -> tuple[date, date]:
    """The shortest run of days that holds ``share``; if none does, all days and the one after the last."""
    return distribution.shortest(share) or (distribution.first, distribution.first + timedelta(days=len(distribution.chances)))
