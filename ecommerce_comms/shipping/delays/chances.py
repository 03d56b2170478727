"""Chances for many at once: what is alike is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecommerce_comms.shipping.delays import lanes
from ecommerce_comms.shipping.estimators.base import estimate_many, get_estimator
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Watch


def distributions(watches: Sequence[Watch], now: datetime) -> list[Distribution | None]:
    """When each will arrive, given that it has not by ``now``; ``None`` where nobody knows chances, or where none are asked for."""
    if not get_estimator().tells_chances:
        return [None] * len(watches)
    alike: dict[int, Watch] = {watch.situation: watch for watch in watches if watch.situation is not None}
    requests = [lanes.request_of(each.lane, each.zone, each.ordered_at, each.shipped_at, now) for each in alike.values()]
    told = {key: answer.distribution if answer else None for key, answer in zip(alike, estimate_many(requests), strict=True)}
    return [told.get(watch.situation) if watch.situation is not None else None for watch in watches]
