"""An estimator that says what a test wants it to say, and short ways to tell what happens to orders."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ecommerce_comms import clock, lifecycle, testing
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping import delays
from ecommerce_comms.shipping.estimators.base import Estimate, EstimateRequest, ShippingEstimator
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.models import Promise, Tracking, Watch
from ecommerce_comms.snapshots import AddressSnapshot
from ecommerce_comms.zones import zone

DUE = date(2026, 3, 10)
"""The Tuesday of the second week, which customers were promised."""
THEN = date(2026, 3, 13)
"""When what is late will arrive."""


class Scripted(ShippingEstimator):
    """All that is asked about arrives on ``due``, or with ``chance`` on ``then``; the moments of its questions are remembered."""

    chance: float | None = 0.0
    due: date = DUE
    then: date = THEN
    asked: list[EstimateRequest] = []  # noqa: RUF012 - emptied by the fixture

    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """Chances only where some are known."""
        self.asked.append(request)
        now = request.now or request.ordered_at
        today = now.astimezone(zone(request.time_zone)).date()
        if Scripted.chance is None:
            return None
        due, then = max(Scripted.due, today), max(Scripted.then, today + timedelta(days=1))
        days = [0.0] * ((then - today).days + 1)
        days[(due - today).days] += 1 - Scripted.chance
        days[(then - today).days] += Scripted.chance
        return Estimate(earliest=due, latest=due, source="history", reason="Scripted.", distribution=Distribution(today, tuple(days)))


SETTINGS = {"ESTIMATOR": "tests.shipping.delays.scripted.Scripted"}


def place(reference: str = "1001", *, latest: date = DUE, earliest: date = date(2026, 3, 9), **changes: Any) -> Order:
    """An order that was promised for 9 to 10 March."""
    usual = {"address": AddressSnapshot(country="IN", postcode="226001"), "promised_earliest": earliest, "promised_latest": latest}
    testing.tell("order_placed", testing.order(reference, **(usual | changes)))
    return Order.objects.get(reference=reference)


def tell(kind: str, reference: str = "1001", parcel: str = "", carrier: str = "", **arguments: Any) -> None:
    """Something happened to the order, or to its parcel."""
    box = {"reference": parcel, "carrier": carrier} if parcel else None
    testing.tell(kind, testing.FakeOrderAdapter.shop[reference], parcel=box, **arguments)


def ship(reference: str = "1001", parcel: str = "1", carrier: str = "Post") -> Parcel:
    """The parcel left."""
    tell("order_shipped", reference, parcel, carrier)
    return Parcel.objects.get(order__reference=reference, reference=parcel)


def scan(parcel: Parcel, status: str = "in_transit", at: datetime | None = None, **fields: Any) -> Tracking:
    """The carrier saw the parcel, now or ``at``."""
    moment = at or clock.now()
    seen = {"status": status, "status_at": moment, "scanned_at": moment, **fields}
    row, _made = Tracking.objects.update_or_create(parcel=parcel, defaults=seen)
    delays.touch([parcel.pk])
    return row


def look() -> int:
    """What a sweep does: returns how many events were found."""
    found = delays.detect(clock.now())
    lifecycle.process_waiting()
    return found


def told(kind: str = "order_delayed") -> list[OrderEvent]:
    """The notices so far."""
    return list(OrderEvent.objects.filter(kind=kind).order_by("occurred_at", "pk"))


def promised(reference: str = "1001") -> list[tuple[str, str]]:
    """Every window that was told, with its source."""
    rows = Promise.objects.filter(order__reference=reference).order_by("revision", "pk")
    return [(row.latest.isoformat(), row.source) for row in rows]


def watches() -> list[tuple[str, str]]:
    """What is waited for: references of order and parcel."""
    return [(row.order.reference, row.parcel.reference if row.parcel else "") for row in Watch.objects.order_by("pk")]
