"""Adds up how well a policy did: who was told in time, who was told needlessly, and whether the new dates held."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from ecommerce_comms.backtest.notices import Story


@dataclass
class Verdicts:
    """One policy against one kind of promise."""

    orders: int = 0
    late: int = 0
    told_late: int = 0
    """Late orders that were told of by the promised day."""
    told_day_ahead: int = 0
    """Those of them that were told of at least a day before it."""
    needless: int = 0
    """Orders that came in time and were told of all the same."""
    notices: int = 0
    dated: int = 0
    """Late orders whose first new date has passed by the end of the file."""
    held: int = 0
    """Those of them that came by it."""
    leads: Counter[int] = field(default_factory=Counter)
    """Days from the first notice to the promised day, of late orders; below 0 after it."""

    def add(self, story: Story, delivered_on: date | None, end: date) -> None:
        """One parcel whose promised day has passed at ``end``, the end of the file; ``None`` if it had not come by then."""
        late = delivered_on is None or delivered_on > story.promised
        lead = (story.promised - story.days[0]).days if story.days else None
        self.orders += 1
        self.late += late
        self.notices += len(story.days)
        if late:
            self._late(story, lead, delivered_on, end)
        elif lead is not None:
            self.needless += 1

    def _late(self, story: Story, lead: int | None, delivered_on: date | None, end: date) -> None:
        if lead is not None:
            self.leads[lead] += 1
            self.told_late += lead >= 0
            self.told_day_ahead += lead >= 1
        if story.first_new is not None and story.first_new <= end:
            self.dated += 1
            self.held += delivered_on is not None and delivered_on <= story.first_new

    def measured(self) -> dict[str, float | None]:
        """Every figure by its name; ``None`` where there is nothing to measure."""
        return {
            "precision": share(self.told_late, self.told_late + self.needless),
            "recall": share(self.told_late, self.late),
            "recall_day_ahead": share(self.told_day_ahead, self.late),
            "median_lead_days": median(self.leads.elements()) if self.leads else None,
            "needless_per_100_on_time": share(100 * self.needless, self.orders - self.late),
            "new_date_held": share(self.held, self.dated),
            "notices_per_order": share(self.notices, self.orders),
        }


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole``; ``None`` of nothing."""
    return round(part / whole, 4) if whole else None


_BINS = 20


@dataclass
class Reliability:
    """How often what had some chance of being late was late, by bins of that chance."""

    chances: list[float] = field(default_factory=lambda: [0.0] * _BINS)
    """Sum of the chances in each bin."""
    late: list[int] = field(default_factory=lambda: [0] * _BINS)
    mornings: list[int] = field(default_factory=lambda: [0] * _BINS)

    def add(self, chance: float, late: bool) -> None:
        """One morning of one parcel."""
        place = min(_BINS - 1, int(chance * _BINS))
        self.chances[place] += chance
        self.late[place] += late
        self.mornings[place] += 1

    def bins(self) -> list[tuple[float, int, int]]:
        """The mean chance, how many were late, and of how many, for each bin with something in it."""
        return [(chance / of, late, of) for chance, late, of in zip(self.chances, self.late, self.mornings, strict=True) if of]
