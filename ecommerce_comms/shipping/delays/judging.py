"""What is wrong with a parcel now, as pure questions about what is known of it; nothing is read or written here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ecommerce_comms.shipping.delays import clocks
from ecommerce_comms.shipping.delays.rules import Rules
from ecommerce_comms.shipping.delays.stages import Stage, read
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Promise, Tracking, Watch
from ecommerce_comms.shipping.models.tracking import TrackingStatus
from ecommerce_comms.zones import zone

UNSEEN = frozenset({TrackingStatus.PRE_TRANSIT, TrackingStatus.UNKNOWN})
MOVING = frozenset({
    TrackingStatus.PICKED_UP, TrackingStatus.IN_TRANSIT, TrackingStatus.CUSTOMS, TrackingStatus.DELAYED, TrackingStatus.ARRIVING,
})
"""States in which a parcel that is not seen for days has stalled. What is held, tried or waits for somebody is told by its own status."""
LAST_MILE = frozenset({TrackingStatus.OUT_FOR_DELIVERY, TrackingStatus.READY_FOR_PICKUP, TrackingStatus.DELIVERED})
FARTHEST = timedelta(days=365)
"""A carrier's date beyond is no evidence."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at many parcels: what is the same for all."""

    now: datetime
    rules: Rules
    scanning: Collection[str] = frozenset()
    """Carriers, in lower case, that do send scans."""
    outages: dict[tuple[str, str], int] = field(default_factory=dict)
    """Keys of the outages that last, by carrier and place."""

    def outage(self, watch: Watch) -> int | None:
        """The outage in which this parcel is, if it is in one."""
        return self.outages.get((watch.carrier, watch.place)) or self.outages.get((watch.carrier, ""))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One parcel, and all that is known of it now."""

    watch: Watch
    promise: Promise | None
    """``watch.promise``."""
    tracking: Tracking | None
    distribution: Distribution | None
    """When it will arrive, given that it has not; ``None`` where nobody knows chances."""
    look: Look

    @property
    def today(self) -> date:
        """At the destination."""
        return self.look.now.astimezone(zone(self.watch.zone)).date()

    @property
    def days_left(self) -> int:
        """From today to the promised day; below 0 it has passed."""
        return (self.watch.due_on - self.today).days if self.watch.due_on else 0

    @property
    def chance(self) -> float | None:
        """Of arriving after the promised day, 0 to 1."""
        if self.watch.due_on is None:
            return None
        if self.days_left < 0:
            return 1.0
        return self.distribution.chance_after(self.watch.due_on) if self.distribution else None

    @property
    def is_last_mile(self) -> bool:
        """Whether the customer can nearly touch it: then nothing is told any more."""
        return self.watch.is_last_mile or (self.tracking is not None and self.tracking.status in LAST_MILE)

    @property
    def carriers_window(self) -> tuple[date, date] | None:
        """What the carrier says that is newer than the promise; ``None`` if it says nothing, or nothing that makes sense."""
        tracking, promise = self.tracking, self.promise
        if tracking is None or tracking.estimate_latest is None or tracking.estimated_at is None:
            return None
        if promise is not None and tracking.estimated_at <= promise.made_at:
            return None
        if not self.today <= tracking.estimate_latest <= self.today + FARTHEST:
            return None
        return min(tracking.estimate_earliest or tracking.estimate_latest, tracking.estimate_latest), tracking.estimate_latest

    @property
    def carrier_is_later(self) -> bool:
        """Whether the carrier expects it after the promised day."""
        window = self.carriers_window
        return bool(window and self.watch.due_on and window[1] > self.watch.due_on)


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a parcel, and when to look again if nothing happens."""

    stages: frozenset[Stage]
    look_at: datetime | None
    chance: float | None


def judge(case: Case) -> Verdict:
    """Every stage that a parcel is in. Each is left at once, but for ``will_miss``, which ends when the chance has fallen well below."""
    stages = frozenset(stage for stage, question in QUESTIONS.items() if question(case))
    ahead = [moment for moment in _moments(case) if moment > case.look.now]
    return Verdict(stages, min(ahead, default=None), case.chance)


def _is_not_shipped(case: Case) -> bool:
    return case.watch.shipped_at is None and not _was_seen(case) and _is_over(case, _ship_by(case))


def _has_no_scan(case: Case) -> bool:
    return not _was_seen(case) and case.watch.carrier in case.look.scanning and _is_over(case, _scan_by(case))


def _is_stalled(case: Case) -> bool:
    return case.tracking is not None and case.tracking.status in MOVING and _is_over(case, _move_by(case))


def _will_miss(case: Case) -> bool:
    if case.watch.due_on is None or case.days_left < 0 or case.is_last_mile:
        return False
    if case.carrier_is_later:
        return True
    chance = case.chance
    if chance is None:
        return False
    if Stage.WILL_MISS in read(case.watch.stages):
        return chance >= case.look.rules.clear
    return case.look.rules.policy.speaks(chance, case.days_left)


def _has_missed(case: Case) -> bool:
    return case.watch.due_on is not None and case.days_left < 0


QUESTIONS: dict[Stage, Callable[[Case], bool]] = {
    Stage.NOT_SHIPPED: _is_not_shipped, Stage.NO_SCAN: _has_no_scan, Stage.STALLED: _is_stalled, Stage.WILL_MISS: _will_miss,
    Stage.MISSED: _has_missed,
}


def _was_seen(case: Case) -> bool:
    return case.tracking is not None and case.tracking.status not in UNSEEN


def _is_over(case: Case, moment: datetime | None) -> bool:
    return moment is not None and moment <= case.look.now


def _moments(case: Case) -> Iterator[datetime]:
    """When each stage would be reached."""
    candidates = (_ship_by(case), _scan_by(case), _move_by(case), case.promise.overdue_at if case.promise else None)
    return (moment for moment in candidates if moment is not None)


def _ship_by(case: Case) -> datetime | None:
    if case.watch.shipped_at is not None:
        return None
    return clocks.ship_by(case.watch.lane, case.watch.since, case.look.rules.days[Stage.NOT_SHIPPED])


def _scan_by(case: Case) -> datetime | None:
    """Counted from the shop's word that it was shipped, or from the label."""
    label = case.tracking.status_at if case.tracking is not None and case.tracking.status in UNSEEN else None
    begun = case.watch.shipped_at or label
    if begun is None or _was_seen(case):
        return None
    return clocks.scan_by(case.watch.lane, case.watch.zone, begun, case.look.rules.days[Stage.NO_SCAN])


def _move_by(case: Case) -> datetime | None:
    if case.tracking is None or case.tracking.status not in MOVING:
        return None
    return clocks.move_by(case.watch.lane, case.watch.zone, case.tracking.scanned_at, case.look.rules.days[Stage.STALLED])
