"""What one customer would have been told about one promise under one policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.policy import HELD, Policy


@dataclass(slots=True)
class Story:
    """The notices of one parcel, as they come."""

    promised: date
    told: date | None = None
    """The newest date that a notice gave; ``None`` if it gave none."""
    days: list[date] = field(default_factory=list)
    """The days of the notices."""
    first_new: date | None = None
    """The date that the first notice gave."""

    def waits(self, today: date) -> bool:
        """Whether there is nothing to decide today: after a notice the next one comes only when the date in it has passed."""
        return bool(self.days) and (self.told is None or today <= self.told)

    def consider(self, policy: Policy, today: date, arrival: Distribution | None) -> None:
        """Tell, if ``policy`` speaks and the new date is a day or more later than what was told before.

        ``arrival`` is when the parcel comes, given that it has not come yet; ``None`` if nobody knows.
        """
        if self.waits(today):
            return
        standing = self.told or self.promised
        days_left = (standing - today).days
        if not policy.speaks(arrival.chance_after(standing) if arrival else 0.0, days_left):
            return
        new = arrival.quantile_after(standing, HELD) if arrival else None
        if not _moves(standing, new, days_left):
            return
        self.first_new = self.first_new if self.days else new
        self.days.append(today)
        self.told = new


def _moves(standing: date, new: date | None, days_left: int) -> bool:
    """Whether there is news: a later date, or that the date has passed and nobody knows another."""
    return days_left < 0 if new is None else new > standing
