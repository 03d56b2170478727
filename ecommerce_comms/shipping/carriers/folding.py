"""What a carrier says of a parcel now, told by its scans alone.

Scans are folded anew each time in the order in which they *happened*, so that scans that come late, twice or in any order lead
to the same end. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecommerce_comms.shipping.models.tracking import Scan
from ecommerce_comms.shipping.models.tracking import TrackingStatus as S

RANKS: dict[str, int] = {status: rank for rank, status in enumerate((
    S.UNKNOWN, S.PRE_TRANSIT, S.PICKED_UP, S.IN_TRANSIT, S.CUSTOMS, S.DELAYED, S.ON_HOLD, S.ARRIVING, S.OUT_FOR_DELIVERY, S.ATTEMPTED,
    S.ACTION_REQUIRED, S.READY_FOR_PICKUP, S.DELIVERED, S.DAMAGED, S.FAILED, S.RETURNING, S.RETURNED, S.LOST, S.CANCELLED, S.EXPIRED,
))}
"""Of scans with the same time the later one of these came later."""
CORRECTIONS = frozenset({S.ATTEMPTED, S.FAILED, S.RETURNING, S.RETURNED, S.LOST, S.DAMAGED})
"""What may come after a delivery: it was none, or did not stay one."""
AFTER: dict[str, frozenset[str]] = {
    S.DELIVERED: CORRECTIONS | {S.DELIVERED},
    S.RETURNING: frozenset({S.RETURNING, S.RETURNED, S.DELIVERED, S.LOST, S.DAMAGED}),
    S.RETURNED: frozenset({S.RETURNED, S.DELIVERED}),
}
"""What may follow some statuses; anything may follow the others. The rest is a step back, and counts as a movement only."""
BACK = frozenset({S.RETURNING, S.RETURNED})
MILESTONES: dict[str, str] = {
    S.PICKED_UP: "shipped", S.IN_TRANSIT: "shipped", S.ARRIVING: "shipped", S.OUT_FOR_DELIVERY: "out_for_delivery",
    S.READY_FOR_PICKUP: "ready_for_pickup", S.DELIVERED: "delivered", S.ATTEMPTED: "attempted", S.FAILED: "failed",
    S.RETURNING: "returning", S.RETURNED: "returning", S.LOST: "lost", S.DAMAGED: "damaged",
}
"""The statuses from which something follows; those that share a milestone are one piece of news."""


@dataclass(frozen=True)
class Step:
    """The scan that began a milestone."""

    scan: Scan
    milestone: str
    is_first: bool
    """No earlier scan brought the same news, or a correction lies between."""
    is_correction: bool
    """The carrier had said that the parcel was delivered."""


@dataclass
class Folded:
    """The end of the story so far."""

    status: str = S.UNKNOWN
    status_at: datetime | None = None
    scanned_at: datetime | None = None
    place: str = ""
    newest: Scan | None = None
    """The scan that told the status last."""
    delivered_at: datetime | None = None
    expected: Scan | None = None
    """The newest word on when it arrives."""
    steps: list[Step] = field(default_factory=list)
    passed_over: set[int] = field(default_factory=set)
    """Keys of scans that were steps back."""


def fold(scans: Iterable[Scan]) -> Folded:
    """The story that ``scans`` of one parcel tell, in whatever order they are given."""
    told = sorted(scans, key=_when)
    story = Folded(expected=max((scan for scan in told if scan.estimate_latest), key=_said, default=None))
    seen: set[str] = set()
    milestone = ""
    for scan in told:
        if not (scan.raw_status or scan.text or scan.status != S.UNKNOWN):
            continue  # says only what is expected
        story.scanned_at = scan.occurred_at
        story.place = scan.place or story.place
        if scan.status == S.UNKNOWN:
            continue
        if not _may_follow(story.status, scan):
            story.passed_over.add(scan.pk)
            continue
        status = S.RETURNED if scan.status == S.DELIVERED and story.status in BACK and scan.source != "merchant" else scan.status
        is_correction = story.status == S.DELIVERED and status in CORRECTIONS
        if is_correction:
            seen, story.delivered_at = set(), None
        if status == S.DELIVERED:
            story.delivered_at = story.delivered_at or scan.occurred_at
        story.status, story.status_at, story.newest = status, scan.occurred_at, scan
        if (reached := MILESTONES.get(status, "")) and reached != milestone:
            story.steps.append(Step(scan, reached, reached not in seen, is_correction))
            seen.add(reached)
        milestone = reached
    return story


def last_news(story: Folded) -> Step | None:
    """The step of which a customer may be told: the one at which the parcel still is."""
    if story.newest is None or not story.steps:
        return None
    step: Step = story.steps[-1]
    return step if MILESTONES.get(story.status) == step.milestone else None


def _may_follow(status: str, scan: Scan) -> bool:
    if scan.source == "merchant":
        return True  # who stands before the parcel knows best
    if scan.status == S.PRE_TRANSIT:
        return RANKS[status] <= RANKS[S.PRE_TRANSIT]
    return scan.status in AFTER[status] if status in AFTER else True


def _when(scan: Scan) -> tuple[datetime, int, str]:
    return scan.occurred_at, RANKS.get(scan.status, 0), scan.key


def _said(scan: Scan) -> tuple[datetime, datetime, int]:
    return scan.occurred_at, scan.received_at, scan.pk or 0


def of_number(scans: Sequence[Scan], number: str) -> list[Scan]:
    """Those of ``scans`` that count while the parcel bears ``number``: others were told of a number that was put right since."""
    return [scan for scan in scans if scan.tracking_number == number or scan.source == "merchant"]
