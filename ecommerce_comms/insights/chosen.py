"""Which deliveries are looked at: the months, the promise that counts, and by whom and where they went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from django.db.models import QuerySet

from ecommerce_comms.insights.models import Tally

FIRST, LAST = JUDGED = ("first", "last")
WAYS = ("carrier", "service", "country")
"""Fields of a delivery by which it can be chosen."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Deliveries whose promised day lies in whole months and is over."""

    since: date | None = None
    until: date | None = None
    """Any days of the first and of the last month; ``None`` is without end. A promise belongs to the last day of its window."""
    judged: str = FIRST
    """Which promise counts: the ``first`` that was told, or the ``last``."""
    ways: Mapping[str, str] = field(default_factory=dict)
    """Names of ``WAYS`` to the value that is wanted."""

    def __post_init__(self) -> None:
        if self.judged not in JUDGED:
            raise ValueError(f"Promises are judged by the first or the last that was told, not by {self.judged!r}.")
        if unknown := set(self.ways) - set(WAYS):
            raise ValueError(f"Deliveries cannot be chosen by {', '.join(sorted(unknown))}; choose from {', '.join(WAYS)}.")
        if self.since and self.until and self.until.replace(day=1) < self.since.replace(day=1):
            raise ValueError(f"The last month, {self.until:%Y-%m}, is before the first, {self.since:%Y-%m}.")

    def tallies(self, kind: str) -> QuerySet[Tally]:
        """What was added up of them."""
        rows = Tally.objects.filter(judged=self.judged, kind=kind, **self.ways).order_by()
        if self.since:
            rows = rows.filter(month__gte=self.since.replace(day=1))
        return rows.filter(month__lte=self.until) if self.until else rows

    def query(self, today: date, **more: str) -> dict[str, str]:
        """The same choice, and ``more``, as the parameters of an address of the admin's list of deliveries; ``today`` is not over yet."""
        due = f"{self.judged}_due"
        until = min(next_month(self.until), today) if self.until else today
        found = {f"{name}__exact": value for name, value in self.ways.items()} | {f"{due}__lt": until.isoformat()}
        if self.since:
            found[f"{due}__gte"] = self.since.replace(day=1).isoformat()
        return {**found, f"{self.judged}_kept__isnull": "0", **more}


def first_open(now: datetime) -> date:
    """The first day that does not count yet at ``now``: a day counts once it is over. One day for all zones, that of UTC."""
    return now.astimezone(timezone.utc).date()


def next_month(day: date) -> date:
    """The first day of the month that follows."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
