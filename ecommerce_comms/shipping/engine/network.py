"""The nowcast: how much faster or slower than expected everything runs these days."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.engine.spans import Spans

ALL = (60.0, 4.0)
"""Pseudo-events and half-life in days of the network as a whole."""
PLACE = (40.0, 10.0)
"""The same for one place, beside the whole."""


def now(spans: Spans, expected: Any, place: Any, places: int) -> tuple[float, Any]:
    """Factor of the whole network, and of each place (the whole's included): events seen / expected, recent days counting most."""
    np = need()
    fresh = fading(spans, ALL[1])
    whole = (fresh[spans.day[spans.at]].sum() + ALL[0]) / ((expected * fresh[spans.day]).sum() + ALL[0])
    return whole, whole * recent(spans, expected * whole, place, places, *PLACE)


def recent(spans: Spans, expected: Any, codes: Any, size: int, pseudo: float, half_life: float) -> Any:
    """Seen / expected of each code over the last days, with ``pseudo`` events more on both sides."""
    np = need()
    fresh = fading(spans, half_life)
    of_day = codes[spans.parcel]
    seen = np.bincount(of_day[spans.at], fresh[spans.day[spans.at]], size)
    return (seen + pseudo) / (np.bincount(of_day, expected * fresh[spans.day], size) + pseudo)


def fading(spans: Spans, half_life: float) -> Any:
    """Weight of each day: 1 for yesterday, half as much ``half_life`` days before."""
    np = need()
    return 0.5 ** ((spans.length - 1 - np.arange(spans.length)) / half_life)
