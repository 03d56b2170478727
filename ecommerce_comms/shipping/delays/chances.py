"""Chances for many at once: what is alike is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecommerce_comms.shipping.delays import lanes
from ecommerce_comms.shipping.estimators.base import outlooks, tells_chances
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Watch


def distributions(watches: Sequence[Watch], now: datetime) -> list[Distribution | None]:
    """When each will arrive, given that it has not by ``now``; ``None`` where nobody knows chances, or where none are asked for."""
    if not tells_chances():
        return [None] * len(watches)
    alike = {alike_as(watch): watch for watch in watches if watch.situation is not None}
    requests = [lanes.request_of(each.lane, each.zone, each.ordered_at, each.shipped_at, now) for each in alike.values()]
    told = dict(zip(alike, outlooks(requests), strict=True))
    return [told.get(alike_as(watch)) for watch in watches]


def alike_as(watch: Watch) -> tuple[str, str, object]:
    """What the chances of a watch depend on, at one moment: once it has left, no longer on the order's day."""
    begun = watch.shipped_at or watch.ordered_at
    return watch.lane, watch.zone, (watch.shipped_at is None, begun.date())
