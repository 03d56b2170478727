"""A shop with a call list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from ecommerce_comms import testing
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order

NUMBER = "+919876543210"
CHANNELS = {
    **testing.SETTINGS["BACKENDS"], "phone": "ecommerce_comms.contact.calls.PhoneBackend", "chat": "ecommerce_comms.chat.lines.ChatBackend",
}


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings):
    """Snapshots stand in for orders, and the staff calls from nine to six on working days in India."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": CHANNELS, "TIME_ZONE": "Asia/Kolkata"}


@pytest.fixture
def message(clock):
    """Puts a message for Asha that is told by phone: ``message(kind="order_delayed", **fields)``."""
    testing.tell("order_placed", "1001" if "1001" in testing.FakeOrderAdapter.shop else testing.order())
    order = Order.objects.get()
    Customer.objects.update(time_zone="Asia/Kolkata")

    def put(kind="order_delayed", **fields):
        usual = {
            "kind": kind, "order": order, "customer": Customer.objects.get(), "language": "en", "backend": "phone", "recipient": NUMBER,
            "recipient_name": "Asha Sharma", "state": Message.State.QUEUED, "due_at": clock(),
            "dedupe_key": f"test:{Message.objects.count()}", "expires_at": clock() + timedelta(days=7),
            "facts": {"customer": {"first_name": "Asha"}, "order": {"number": "1001"}, "promise": {"latest": "2026-03-11"}},
        }
        row = Message(**{**usual, **fields})
        outbox.put([row])
        return Message.objects.get(dedupe_key=row.dedupe_key)

    return put


@pytest.fixture
def call(message):
    """A message that was put on the call list: ``call(**fields)`` returns the item."""

    def put(kind="order_delayed", **fields):
        row = message(kind, **fields)
        testing.settle()
        return CallbackRequest.objects.get(message=row)

    return put


@pytest.fixture
def mira(db):
    """Somebody who works off the call list."""
    return User.objects.create_user("mira", is_staff=True)


@pytest.fixture
def dev(db):
    """Somebody else who does."""
    return User.objects.create_user("dev", is_staff=True)
