"""Whether the merchant announced a peak for a day."""

from __future__ import annotations

from datetime import date


def is_peak(lane: str, day: date) -> bool:
    """Whether ``day`` lies in an announced peak; there is no place to announce one yet."""
    return False
