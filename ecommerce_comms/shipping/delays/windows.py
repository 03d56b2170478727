"""Which new window is told, and where it is from."""

from __future__ import annotations

from datetime import date, timedelta

from ecommerce_comms.shipping.calendars import Calendar, NoOpenDay
from ecommerce_comms.shipping.delays import clocks
from ecommerce_comms.shipping.estimators.base import Estimate
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.shipping.policy import HELD

BEGINS = 0.1
"""So many of those that are late have arrived by the first day of a new window."""
_DAY = timedelta(days=1)


def of_distribution(distribution: Distribution, lane: str, today: date, promised: date | None = None) -> Estimate | None:
    """The new window of what will not come by ``promised`` (``None``: a day that has passed).

    From the first days that are likely to the day by which ``policy.HELD`` of the late ones arrive; on days of delivery and not before
    tomorrow.
    """
    gone = promised or today - _DAY
    first = distribution.quantile_after(gone, BEGINS)
    last = distribution.quantile_after(gone, HELD)
    if last is None:
        return None
    opened = _opened(first or last, last, lane, today)
    if opened is None:
        return None
    return Estimate(
        earliest=opened[0], latest=opened[1], source=Promise.Source.HISTORY, confidence=round(distribution.chance_by(opened[1]), 3),
        reason="The day by which most parcels arrive that are as far as this one.",
    )


def of_carrier(window: tuple[date, date], lane: str, today: date) -> Estimate:
    """The carrier's own window, which is believed as it stands, but never begins before tomorrow."""
    earliest = max(window[0], today + _DAY)
    return Estimate(earliest=earliest, latest=max(window[1], earliest), source=Promise.Source.CARRIER, reason="The carrier's own estimate.")


def _opened(first: date, last: date, lane: str, today: date) -> tuple[date, date] | None:
    calendar: Calendar = clocks.delivery_days(lane, today.year)
    try:
        latest = calendar.next_open(max(last, today + _DAY))
        return min(calendar.next_open(max(first, today + _DAY)), latest), latest
    except (NoOpenDay, OverflowError):
        return None
