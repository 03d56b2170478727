"""What each policy would have told in the last 90 days: from the chances as they were known then, and from what came true.

Nothing is computed anew with the knowledge of today: only kept outlooks count. They are kept from a chance of three in ten on, in
twentieths, once a day; so a policy that speaks at less cannot be judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ecommerce_comms.shipping.models import Lateness, Outlook
from ecommerce_comms.shipping.policy import POLICIES, Policy
from ecommerce_comms.zones import here

DAYS = 90
MOST = 50_000
"""Promises that are looked at: the newest of them, where there are more."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One promise that was doubted: its chance day by day, and whether it broke."""

    due_on: date
    steps: tuple[tuple[date, float], ...]
    """Each chance holds from its day to the next."""
    was_late: bool

    def told_on(self, policy: Policy) -> date | None:
        """The first day on or before the date on which the policy speaks."""
        for number, (begins, chance) in enumerate(self.steps):
            ends = self.steps[number + 1][0] - _DAY if number + 1 < len(self.steps) else self.due_on
            for each in range((min(ends, self.due_on) - begins).days + 1):
                if policy.speaks(chance, (self.due_on - begins).days - each):
                    return begins + each * _DAY
        return None


@dataclass(frozen=True, kw_only=True)
class Point:
    """What one policy would have done."""

    name: str
    notices: int
    """Told before the date has passed."""
    needless: int
    """Of these: arrived in time all the same."""
    ahead: int
    """Late ones that were told at least a day before their date."""
    late: int
    """All that were late."""

    @property
    def ahead_share(self) -> float | None:
        """Share of the late ones, in percent."""
        return 100 * self.ahead / self.late if self.late else None

    @property
    def needless_share(self) -> float | None:
        """Share of the notices, in percent."""
        return 100 * self.needless / self.notices if self.notices else None


def frontier(now: datetime, own: Policy | None = None) -> list[Point]:
    """A point for each policy, and for the merchant's ``own`` thresholds; empty if nothing was kept yet."""
    today = here(now).date()
    trails, late = _trails(today), _late(today)
    if not trails and not late:
        return []
    policies = dict(POLICIES) | ({"own": own} if own else {})
    return [_point(name, policy, trails, late) for name, policy in policies.items()]


def _point(name: str, policy: Policy, trails: Sequence[Trail], late: int) -> Point:
    told = [(trail, day) for trail in trails if (day := trail.told_on(policy)) is not None]
    ahead = sum(trail.was_late and day < trail.due_on for trail, day in told)
    needless = sum(not trail.was_late for trail, _day in told)
    return Point(name=name, notices=len(told), needless=needless, ahead=ahead, late=max(late, sum(trail.was_late for trail in trails)))


def _trails(today: date) -> list[Trail]:
    """Promises that were due in these days, as far as they were ever in doubt."""
    due = {"promise__latest__gte": today - DAYS * _DAY, "promise__latest__lt": today, "promise__order__cancelled_at": None}
    chosen = Outlook.objects.filter(**due).order_by("-promise_id").values_list("promise_id", flat=True).distinct()[:MOST]
    least = min(chosen, default=0)
    rows = Outlook.objects.filter(promise_id__gte=least, **due).order_by("promise_id", "day")
    steps: dict[int, list[tuple[date, float]]] = defaultdict(list)
    facts: dict[int, tuple[date, bool]] = {}
    for promise, day, chance, latest, kept in rows.values_list("promise_id", "day", "chance", "promise__latest", "promise__kept"):
        steps[promise].append((day, chance))
        facts[promise] = (latest, kept is not True)
    return [Trail(due_on=facts[key][0], was_late=facts[key][1], steps=tuple(known)) for key, known in steps.items()]


def _late(today: date) -> int:
    """How many missed their date, doubted or not."""
    missed = Lateness.objects.filter(stage=Lateness.Stage.MISSED, order__cancelled_at=None)
    return missed.filter(promise__latest__gte=today - DAYS * _DAY, promise__latest__lt=today).count()
