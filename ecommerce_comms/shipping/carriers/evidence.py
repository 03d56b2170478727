"""What a carrier's own date is worth: the window that it gives, unless it makes no sense."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ecommerce_comms.shipping.models.tracking import Tracking
from ecommerce_comms.zones import zone

LONGEST = timedelta(days=365)
"""A date further away is a mistake."""


def window(tracking: Tracking, now: datetime) -> tuple[date, date] | None:
    """The first and the last day on which the carrier expects to deliver, as days at the destination.

    ``None`` if it gave no date, or one that has passed at ``now`` (aware), lies before the parcel was handed over, or is more than
    a year away. Reads ``tracking.parcel`` and its order.
    """
    latest = tracking.estimate_latest
    if latest is None:
        return None
    parcel = tracking.parcel
    place = zone(parcel.order.time_zone)
    today = now.astimezone(place).date()
    left = parcel.shipped_at.astimezone(place).date() if parcel.shipped_at else None
    if latest < today or latest > today + LONGEST or (left and latest < left):
        return None
    earliest = min(tracking.estimate_earliest or latest, latest)
    return max(earliest, today), latest
