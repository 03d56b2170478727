"""An order in a box, what its carrier says of it, and who hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ecommerce_comms import clock, testing
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.carriers import receiving, times
from ecommerce_comms.shipping.carriers.sightings import Sighting
from ecommerce_comms.shipping.models import Tracking
from ecommerce_comms.snapshots import OrderSnapshot
from ecommerce_comms.zones import zone

NUMBER = "RR123456785IN"
BOX = {"reference": "box", "carrier": "India Post", "tracking_number": NUMBER}


def shipped(reference: str = "1001", *, parcel: dict[str, Any] | None = None, **order: Any) -> OrderSnapshot:
    """An order of which the shop has told that it left; its mails are forgotten."""
    made = testing.order(reference, **order)
    testing.tell("order_placed", made)
    testing.tell("order_shipped", made, parcel=parcel or BOX)
    testing.RecordingBackend.taken.clear()
    return made


def sighting(status: str, at: datetime | None = None, **changes: Any) -> Sighting:
    """A scan in our own words, now or at a moment."""
    moment = at or clock.now()
    usual = {
        "tracking_number": NUMBER, "carrier": "India Post", "status": status, "raw_status": status, "occurred_at": moment,
        "raw_time": moment.isoformat(),
    }
    return Sighting(**(usual | changes))


def says(*sightings: Sighting, source: str = "plain", **more: Any) -> receiving.Taken:
    """The carrier tells, all at once, and everything happens that follows from it."""
    taken = receiving.take(sightings, source=source, **more)
    testing.settle()
    return taken


def say(status: str, *, hours: float = 1.0, manual: clock.ManualClock | None = None, **changes: Any) -> None:
    """Some time passes, and the carrier tells one thing."""
    if manual:
        manual.advance(hours=hours)
    says(sighting(status, **changes))


def mails() -> list[str]:
    """The kinds of the mails since the parcel left."""
    return [mail.kind for mail in testing.sent()]


def tracking(reference: str = "box", order: str = "1001") -> Tracking:
    return Tracking.objects.get(parcel__reference=reference, parcel__order__reference=order)


def parcel(reference: str = "box", order: str = "1001") -> Parcel:
    return Parcel.objects.get(reference=reference, order__reference=order)


def order(reference: str = "1001") -> Order:
    return Order.objects.get(reference=reference)


def ago(**delta: float) -> datetime:
    return clock.now() - timedelta(**delta)


def read_time(value: Any, name: str = "Asia/Kolkata") -> times.Moment:
    return times.read(value, zone(name))
