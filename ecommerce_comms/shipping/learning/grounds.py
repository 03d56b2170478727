"""Why a date is what it is, in one sentence for a merchant."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

from ecommerce_comms.shipping.engine import Ground
from ecommerce_comms.shipping.estimators.base import EstimateRequest

MOST = 3
"""So many reasons are told: the strongest ones."""
NOTABLE = log(1.08)
"""Less than this, as the logarithm of a factor, is not worth a word."""
SAYS = {
    "origin": ("{origin} ships faster than average", "{origin} ships slower than average"),
    "lane": ("the lane to {there} is fast", "the lane to {there} is slow"),
    "destination": ("{there} is reached faster than average", "{there} is reached slower than average"),
    "carrier": ("{carrier} is faster than average", "{carrier} is slower than average"),
    "service": ("this shipping option is faster than average", "this shipping option is slower than average"),
    "weight": ("parcels of this weight are quick", "parcels of this weight take longer"),
    "category": ("things of this kind leave sooner", "things of this kind leave later"),
    "hour": ("orders of this hour leave sooner", "orders of this hour leave later"),
    "weekday": ("orders of this weekday arrive sooner", "orders of this weekday arrive later"),
    "network": ("the carrier runs at {factor:.1f}× its usual speed this week",) * 2,
}
"""What is said of each kind of ground: where it makes parcels faster, and where it makes them slower."""


def in_words(grounds: Iterable[Ground], request: EstimateRequest, parcels: int) -> str:
    """The strongest of ``grounds``, and how many deliveries the narrowest of them is known from; ``parcels`` where there are none."""
    notable = [ground for ground in grounds if abs(_strength(ground)) >= NOTABLE and ground.kind in SAYS]
    strongest = sorted(notable, key=lambda ground: -abs(_strength(ground)))[:MOST]
    told = [SAYS[ground.kind][ground.factor < 1].format(**_names(ground, request)) for ground in strongest]
    number = min((ground.parcels for ground in strongest if ground.parcels), default=parcels)
    sentence = "; ".join([*dict.fromkeys(told), f"from {number:,} {'delivery' if number == 1 else 'deliveries'}"])
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _strength(ground: Ground) -> float:
    return log(ground.factor) if ground.factor > 0 else 0.0


def _names(ground: Ground, request: EstimateRequest) -> dict[str, object]:
    place = request.destination
    return {
        "origin": request.leaves_from or "this warehouse", "there": place.region or place.city or place.country or "there",
        "carrier": request.carrier or "this carrier", "factor": ground.factor,
    }
