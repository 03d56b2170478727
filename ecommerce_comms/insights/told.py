"""Delay notices held against what happened: which were needless, which came too late, and which never came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from ecommerce_comms.insights.chosen import Chosen
from ecommerce_comms.insights.models import Tally


@dataclass(frozen=True, kw_only=True)
class Told:
    """Deliveries and the delay notices about them. They are held against the *first* promise: it is what a notice takes back."""

    deliveries: int = 0
    late: int = 0
    """Not there by the first promise."""
    ahead: int = 0
    """Late ones that were told at least a day before the promised day."""
    same_day: int = 0
    """Late ones that were told on the promised day."""
    after: int = 0
    """Late ones that were told only when the day had passed."""
    told: int = 0
    """Deliveries of which a delay was told."""
    notices: int = 0
    """All notices; some deliveries have several."""
    needless: int = 0
    """Told late, yet there by the first promise."""
    renewed: int = 0
    """Deliveries with a new, later date whose outcome is known."""
    held: int = 0
    """Those of them that arrived by it."""

    @property
    def untold(self) -> int:
        """Late ones of which no notice was sent at all."""
        return self.late - self.ahead - self.same_day - self.after

    @property
    def unannounced(self) -> int:
        """Late ones without a notice before the day was over."""
        return self.untold + self.after

    @property
    def on_time(self) -> int:
        """There by the first promise."""
        return self.deliveries - self.late

    @property
    def needless_per_100(self) -> float:
        """Needless notices for each hundred deliveries that were on time."""
        return 100 * self.needless / self.on_time if self.on_time else 0.0


def by_stage(chosen: Chosen) -> dict[str, Told]:
    """What is chosen, by what had been found out when a delay was told. The empty stage: no delay was told, or by the shop itself."""
    rows = chosen.tallies(Tally.Kind.WAY).values_list("stage").annotate(*(Sum(name) for name in _COUNTS)).order_by("stage")
    return {stage: Told(**dict(zip(_NAMES, numbers, strict=True))) for stage, *numbers in rows}


def whole(parts: Iterable[Told]) -> Told:
    """Parts added up."""
    parts = list(parts)
    return Told(**{name: sum(getattr(part, name) for part in parts) for name in _NAMES})


_COUNTS = ("number", "late", "ahead", "same_day", "after", "told", "notices", "needless", "renewed", "held")
_NAMES = ("deliveries", *_COUNTS[1:])
