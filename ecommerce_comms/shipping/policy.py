"""When the chance of being late is high enough to tell the customer: a decision apart from the estimate."""

from __future__ import annotations

from dataclasses import dataclass

HELD = 0.8
"""The share of late parcels that come by the new date: it has to be kept, a third date is worse than a late one.

A notice is read by those whose parcel is late, so they are the ones for whom its date has to hold: the plain quantile counts the
parcels that come in time after all as kept, and holds for too few of the others (``Distribution.quantile_after``)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Speaks when a parcel is probably late: far from the date only when that is very likely, close to it sooner."""

    at: float
    """The chance of being late, 0 to 1, from which it speaks at any time; above 1 it never does before the date has passed."""
    soon: float
    """The chance from which it speaks once the date is near."""
    soon_days: int = 1
    """The date is near when it is at most this many days away; 0 is the promised day itself."""

    def speaks(self, chance_late: float, days_left: int) -> bool:
        """Whether to tell now. ``days_left`` is the promised day less today: below 0 it has passed, and everybody is told."""
        return days_left < 0 or chance_late >= (self.soon if days_left <= self.soon_days else self.at)


POLICIES: dict[str, Policy] = {
    "default": Policy(at=0.8, soon=0.45, soon_days=1),
    "early": Policy(at=0.65, soon=0.4, soon_days=2),
    "careful": Policy(at=0.9, soon=0.7, soon_days=1),
    "when_passed": Policy(at=2.0, soon=2.0),
}
"""What a merchant chooses from. The default was chosen on a Brazilian marketplace's orders of July to December 2017 and held on those of
2018: more than nine late orders in ten are told of a day ahead, and three of four early notices are right. The last day on which it can be
told ahead is the day before the date, where half a chance is enough; earlier only what is almost sure is worth a word."""
