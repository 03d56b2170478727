"""A distribution of arrival days: everything that can be said about when, from which windows and dates are read off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


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
