"""From which day to which a history is measured, where nobody says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ecommerce_comms.backtest.reading import Past
from ecommerce_comms.exceptions import HistoryError

LEAST_BEHIND = 100
"""Orders that must lie before the first day, and no less than a third of the file."""
_TIME_ENOUGH = 0.95
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days whose orders are measured; both belong to it."""

    first: date
    last: date


def span(past: Past, first: date | None, last: date | None) -> Span:
    """The days meant by ``first`` and ``last``, or good ones. Raises ``HistoryError`` if no day is left."""
    found = Span(first or _first(past), last or _last(past))
    if found.first > found.last:
        ordered = f"{past.parcels[0].ordered_at:%Y-%m-%d} to {past.parcels[-1].ordered_at:%Y-%m-%d}"
        raise HistoryError(
            f"There is no day to measure: {found.first} is later than {found.last}. The orders are of {ordered}; choose the first "
            "day with --from and the last one with --until."
        )
    return found


def _first(past: Past) -> date:
    """The first day before which a third of the orders lie, and at least ``LEAST_BEHIND``."""
    behind = max(LEAST_BEHIND, -(-len(past.parcels) // 3))
    if behind >= len(past.parcels):
        known = f"The file has {len(past.parcels)} orders that can be read"
        raise HistoryError(f"{known}; more than {LEAST_BEHIND} are needed, some to learn from and some to measure.")
    return past.parcels[behind - 1].ordered_at.date() + _DAY


def _last(past: Past) -> date:
    """The last day whose orders had as much time to arrive as 95 of 100 deliveries take, so that the late ones are known too."""
    taken = sorted(parcel.delivered_at.date() - parcel.ordered_at.date() for parcel in past.parcels if parcel.delivered_at is not None)
    if not taken:
        raise HistoryError("The file has no order that was delivered, so nothing can be measured.")
    return min(past.parcels[-1].ordered_at.date(), past.end - taken[int(_TIME_ENOUGH * len(taken))])
