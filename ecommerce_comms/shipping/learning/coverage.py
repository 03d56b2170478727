"""How good the promises were: those with a confidence, each scored on the day on which it was due."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple

from django.db.models import Avg, Count, F, Q

from ecommerce_comms.shipping.models import Promise

DAYS = 90
FEWEST = 30
"""Fewer promises tell nothing about a share."""
Z = 3.0
"""Standard errors within which a share may lie by chance: one in 370 lies outside (normal approximation of the binomial)."""
MARGIN = 0.02
"""So much less than was to be expected is nobody's trouble, however many promises say so."""


class Coverage(NamedTuple):
    """Promises that were due, kept, and how many of them, as a share of 0 to 1, were to be kept."""

    due: int
    kept: int
    expected: float | None

    @property
    def share(self) -> float | None:
        """Of those due, the share that was kept."""
        return self.kept / self.due if self.due else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which the share lies if the confidences are right; ``None`` where there are too few promises to tell."""
        if self.due < FEWEST or self.expected is None:
            return None
        error = Z * sqrt(self.expected * (1 - self.expected) / self.due)
        return max(0.0, self.expected - error), min(1.0, self.expected + error)

    @property
    def is_broken(self) -> bool:
        """Whether clearly fewer were kept than was promised."""
        if self.bounds is None or self.share is None or self.expected is None:
            return False
        return self.share < min(self.bounds[0], self.expected - MARGIN)


def measure(until: datetime) -> Coverage:
    """How the first promises of orders did that were due within the 90 days before ``until``.

    One that was not kept on its day counts as missed, whether its order has arrived since or not: waiting for arrivals would favour
    the quick ones. Orders that were cancelled before their day do not count.
    """
    due = (
        Promise.objects.filter(parcel=None, revision=0, confidence__isnull=False)
        .filter(overdue_at__gt=until - timedelta(days=DAYS), overdue_at__lte=until)
        .exclude(order__cancelled_at__lt=F("overdue_at"))
    )
    found = due.aggregate(
        due=Count("pk"), kept=Count("pk", filter=Q(order__delivered_at__lt=F("overdue_at"))), expected=Avg("confidence")
    )
    return Coverage(found["due"], found["kept"], found["expected"])
