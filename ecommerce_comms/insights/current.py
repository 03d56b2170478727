"""What is promised and not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from ecommerce_comms.insights.models import Score
from ecommerce_comms.shipping.models import Lateness, Promise


@dataclass(frozen=True, kw_only=True)
class Current:
    """Promises that are open at ``at``; none of them is among the scored ones."""

    at: datetime
    open: int
    today: int
    """Their day ends within 24 hours."""
    overdue: int
    """Their day has passed; they are about to be told."""
    missing: int
    """Deliveries that missed a date and have not arrived; some have a new date, which is open."""
    found: Sequence[tuple[str, int]]
    """Delays that stand, by what is wrong; each stage once, with its number."""

    @property
    def tomorrow(self) -> datetime:
        """24 hours later: a promise whose day ends until then is due today, wherever it goes."""
        return self.at + timedelta(days=1)


def current(at: datetime) -> Current:
    """How it looks at ``at``."""
    open_ones = Promise.objects.filter(is_open=True)
    stages = dict(Lateness.objects.filter(ended_at=None).values_list("stage").annotate(Count("pk")).order_by())
    return Current(
        at=at, open=open_ones.count(), today=open_ones.filter(overdue_at__gt=at, overdue_at__lte=at + timedelta(days=1)).count(),
        overdue=open_ones.filter(overdue_at__lte=at).count(),
        missing=Score.objects.filter(arrived_on=None, order__cancelled_at=None).count(),
        found=[(stage, stages.get(stage, 0)) for stage in Lateness.Stage.values],
    )
