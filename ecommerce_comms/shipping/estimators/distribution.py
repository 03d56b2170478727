"""A distribution of arrival days: everything that can be said about when, from which windows and dates are read off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Distribution:
    """The chance of arriving on each of a row of days at the destination."""

    first: date
    """The day of ``chances[0]``."""
    chances: tuple[float, ...]
    """Chance of arriving on that day and on each one after it, 0 to 1; what is missing to 1 arrives later than the last."""

    def chance_by(self, day: date) -> float:
        """Chance of arriving on ``day`` or before, 0 to 1."""
        return sum(self.chances[: max(0, (day - self.first).days + 1)])

    def chance_after(self, day: date) -> float:
        """Chance of arriving later than ``day``, 0 to 1."""
        return max(0.0, 1.0 - self.chance_by(day))

    def quantile(self, share: float) -> date | None:
        """The first day by which a share of at least ``share`` (0 to 1) has arrived; ``None`` beyond the last day."""
        total = 0.0
        for number, chance in enumerate(self.chances):
            total += chance
            if total >= share - 1e-9:
                return self.first + timedelta(days=number)
        return None

    def quantile_after(self, day: date, share: float) -> date | None:
        """The first day by which ``share`` (0 to 1) have arrived of those that come after ``day``; ``None`` if nothing is known then.

        Where so many may never come that no day is late enough, it is the day for those that come at all.
        """
        by, ever = self.chance_by(day), sum(self.chances)
        known = self.quantile(by + share * (1 - by))
        return known or (self.quantile(by + share * (ever - by)) if ever - by > _NOTHING else None)

    def shortest(self, share: float) -> tuple[date, date] | None:
        """The shortest run of days that holds at least ``share`` (the earliest of equals); ``None`` if none does."""
        best: tuple[int, int] | None = None
        start, total = 0, 0.0
        for end, chance in enumerate(self.chances):
            total += chance
            while total - self.chances[start] >= share - 1e-9 and start < end:
                total -= self.chances[start]
                start += 1
            if total >= share - 1e-9 and (best is None or end - start < best[1] - best[0]):
                best = (start, end)
        if best is None:
            return None
        return self.first + timedelta(days=best[0]), self.first + timedelta(days=best[1])

    def arriving(self) -> Distribution:
        """The same, knowing that it arrives on one of the days: the chances add up to 1."""
        ever = sum(self.chances)
        return self if ever < _NOTHING or ever > 1 - _NOTHING else Distribution(self.first, tuple(chance / ever for chance in self.chances))

    def since(self, day: date) -> Distribution | None:
        """The same, knowing that nothing arrives before ``day``; ``None`` if it would all have arrived by then."""
        gone = (day - self.first).days
        if gone <= 0:
            return self
        left = 1.0 - sum(self.chances[:gone])
        if left < 1e-6:
            return None
        return Distribution(day, tuple(chance / left for chance in self.chances[gone:]))

    def moved(self, next_open: Callable[[date], date]) -> Distribution:
        """The same with each day's chance on ``next_open(day)``: what would come on a closed day comes on the next open one."""
        moved: list[float] = []
        place, first = -1, self.first.toordinal()
        for number, chance in enumerate(self.chances):
            if number <= place:
                moved[place] += chance
                continue
            place = next_open(date.fromordinal(first + number)).toordinal() - first
            moved += [*[0.0] * (place - number), chance]
        start = next((number for number, chance in enumerate(moved) if chance), 0)
        return Distribution(self.first + timedelta(days=start), tuple(moved[start:]))

    def mixed(self, other: Distribution, weight: float) -> Distribution:
        """Partly ``other``, by ``weight`` (0 to 1), and else the same."""
        first = min(self.first, other.first)
        days = max((each.first - first).days + len(each.chances) for each in (self, other))
        chances = [0.0] * days
        for each, share in ((self, 1 - weight), (other, weight)):
            for number, chance in enumerate(each.chances, (each.first - first).days):
                chances[number] += share * chance
        return Distribution(first, tuple(chances))

    def later_of(self, other: Distribution) -> Distribution:
        """When both have arrived, if neither says anything about the other."""
        first = max(self.first, other.first)
        last = max(each.first + timedelta(days=len(each.chances)) for each in (self, other))
        days = max(0, (last - first).days)
        both = [mine * theirs for mine, theirs in zip(self._by(first, days), other._by(first, days), strict=True)]
        return Distribution(first, tuple(now - before for before, now in zip([0.0, *both], both, strict=False)))

    def _by(self, first: date, days: int) -> list[float]:
        """The chance of having arrived by each of ``days`` days from ``first``, which is not before the own first day."""
        by = list(accumulate(self.chances))[(first - self.first).days :][:days]
        rest = by[-1] if by else sum(self.chances)
        return by + [rest] * (days - len(by))
