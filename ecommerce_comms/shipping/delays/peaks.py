"""Whether the merchant announced a peak for a day."""

from __future__ import annotations

from datetime import date

from ecommerce_comms.shipping.delays import lanes
from ecommerce_comms.shipping.models import Peak
from ecommerce_comms.shipping.tables import tables


def is_peak(lane: str, day: date, *, is_shipped: bool) -> bool:
    """Whether ``day`` lies in an announced peak of the warehouse, or once it was shipped, of the carriers."""
    table = tables()
    if is_shipped:
        slowdown = table.slowdown(Peak.Slows.TRANSIT, None)
    else:
        house = table.warehouse_named(lanes.read(lane).get("origin", ""))
        slowdown = table.slowdown(Peak.Slows.HANDLING, house.pk if house else None)
    return slowdown is not None and slowdown(day) > 1
