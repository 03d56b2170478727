"""For a shop's own tests: orders without models, a backend that remembers, and time that one moves.

::

    def test_a_late_parcel_is_told(settings, db):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **testing.SETTINGS}
        with testing.time_at("2026-03-02T10:00:00+05:30") as time:
            tell("order_placed", order(promised_latest=date(2026, 3, 5)))
            time.advance(days=5)
            settle()
        assert [mail.kind for mail in testing.sent()] == ["order_placed", "order_delayed"]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from ecommerce_comms import clock, lifecycle, sweeping
from ecommerce_comms.adapters.base import OrderAdapter
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing
from ecommerce_comms.orders import events
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.snapshots import AddressSnapshot, CustomerSnapshot, LineSnapshot, OrderSnapshot

SETTINGS: dict[str, Any] = {
    "ORDER_ADAPTER": "ecommerce_comms.testing.FakeOrderAdapter",
    "BACKENDS": {"email": "ecommerce_comms.testing.RecordingBackend"},
    "WAKER": "off",
}
"""For ``ECOMMERCE_COMMS``: snapshots stand in for orders, and mails are remembered."""


class FakeOrderAdapter(OrderAdapter):
    """Takes an ``OrderSnapshot`` for an order; remembers each by its reference."""

    shop: dict[str, OrderSnapshot] = {}  # noqa: RUF012 - one shop for all, emptied by forget()

    def reference(self, order: Any) -> str:
        """The snapshot's own."""
        return order.reference if isinstance(order, OrderSnapshot) else str(order)

    def snapshot(self, order: Any) -> OrderSnapshot:
        """The order itself."""
        found: OrderSnapshot = order if isinstance(order, OrderSnapshot) else self.shop[order]
        self.shop[found.reference] = found
        return found

    def load(self, reference: str) -> OrderSnapshot | None:
        """What was told last about the order."""
        return self.shop.get(reference)

    def recent(self, since: datetime) -> Iterable[OrderSnapshot]:
        """Orders that the shop knows, told or not."""
        return [order for order in self.shop.values() if order.placed_at and order.placed_at >= since]


class RecordingBackend(MessageBackend):
    """Remembers what it was given; ``refuse`` makes it raise instead. Mails, here; each channel has a class of its own."""

    taken: list[Outgoing] = []  # noqa: RUF012 - one memory for all, emptied by forget()
    refuse: Exception | None = None

    def send(self, message: Outgoing) -> None:
        """Remember ``message``, or refuse it."""
        error = type(self).refuse
        if error is not None:
            raise error
        RecordingBackend.taken.append(message)
        if self.taken is not RecordingBackend.taken:
            self.taken.append(message)


class RecordingSmsBackend(RecordingBackend):
    """Remembers text messages."""

    form, address = "sms", "phone"
    taken: list[Outgoing] = []  # noqa: RUF012
    refuse: Exception | None = None


class RecordingPhoneBackend(RecordingBackend):
    """Remembers calls that somebody is to make."""

    form, address = "phone", "phone"
    taken: list[Outgoing] = []  # noqa: RUF012
    refuse: Exception | None = None


class RecordingChatBackend(RecordingBackend):
    """Remembers lines in conversations."""

    form, address = "chat", "customer"
    taken: list[Outgoing] = []  # noqa: RUF012
    refuse: Exception | None = None


CHANNELS: dict[str, str] = {
    "email": "ecommerce_comms.testing.RecordingBackend", "sms": "ecommerce_comms.testing.RecordingSmsBackend",
    "phone": "ecommerce_comms.testing.RecordingPhoneBackend", "chat": "ecommerce_comms.testing.RecordingChatBackend",
}
"""``BACKENDS`` of a shop with every channel."""
_BACKENDS = (RecordingBackend, RecordingSmsBackend, RecordingPhoneBackend, RecordingChatBackend)


def sent(backend: type[RecordingBackend] = RecordingBackend) -> list[Outgoing]:
    """What was sent since ``forget``, on whichever channel; or by the ``backend`` of one other than e-mail."""
    return list(backend.taken)


def forget() -> None:
    """Empty the fakes; call it before each test."""
    FakeOrderAdapter.shop.clear()
    for backend in _BACKENDS:
        backend.taken.clear()
        backend.refuse = None


def order(reference: str = "1001", **changes: Any) -> OrderSnapshot:
    """An ordinary order of Asha's, with ``changes``."""
    usual: dict[str, Any] = {
        "reference": reference, "placed_at": clock.now(), "currency": "INR", "total": Decimal("1290.00"),
        "customer": CustomerSnapshot(email="asha@customers.example", first_name="Asha", last_name="Sharma", language="en"),
        "address": AddressSnapshot(name="Asha Sharma", lines=("12 Ashok Marg",), postcode="226001", city="Lucknow", country="IN"),
        "lines": (LineSnapshot(sku="mug", title="Mug", quantity=2, price=Decimal("1290.00")),),
    }
    return OrderSnapshot(**{**usual, **changes})


def tell(kind: str, about: Any, **arguments: Any) -> OrderEvent | None:
    """Record a fact and let everything happen that it sets off."""
    event = events.record(kind, about, **arguments)
    settle()
    return event


def settle() -> None:
    """Do all that a worker and a sweep would do at this moment."""
    while lifecycle.process_waiting():
        pass  # what was processed may have made more to process
    sweeping.tick()


@contextmanager
def time_at(moment: str | datetime) -> Iterator[clock.ManualClock]:
    """Stop the app's time at ``moment`` (ISO 8601 with offset, or aware); move it with ``advance`` and ``set``."""
    manual = clock.ManualClock(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
    with clock.using(manual):
        yield manual
