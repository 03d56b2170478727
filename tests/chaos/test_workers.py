"""Two workers at the same event at the same moment, on a database that lets them."""

from __future__ import annotations

from threading import Barrier, Thread
from traceback import format_exc

import pytest
from django.db import connection

from ecommerce_comms import lifecycle, sweeping, testing
from ecommerce_comms.models import Message, Order, OrderEvent, Promise
from ecommerce_comms.orders import events
from tests.settings import DATABASE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(DATABASE == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


def at_once(*works):
    """Do all ``works`` at the same moment, each in a thread with a connection of its own; returns what went wrong."""
    start, failures = Barrier(len(works)), []

    def run(work):
        try:
            start.wait(10)
            work()
        except Exception:
            failures.append(format_exc())
        finally:
            connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    return failures


def test_same_event_in_two_workers_is_processed_once():
    for number in range(8):
        event = events.record("order_placed", testing.order(str(number)))
        assert at_once(*[lambda pk=event.pk: lifecycle.process_batch([OrderEvent.objects.get(pk=pk)])] * 2) == []
    assert set(OrderEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert Order.objects.count() == Message.objects.count() == 8
    assert Promise.objects.filter(parcel=None).values("order").distinct().count() == Promise.objects.count()


def test_events_of_one_order_in_many_workers_tell_the_customer_once_each():
    kinds = ["order_placed", "order_paid", "order_processed", "order_shipped"]
    recorded = [events.record(kind, testing.order()) for kind in kinds]
    failures = at_once(*(lambda pk=event.pk: lifecycle.process_batch([OrderEvent.objects.get(pk=pk)]) for event in recorded * 2))
    assert failures == []
    assert Order.objects.count() == 1
    assert Message.objects.values("kind").distinct().count() == Message.objects.count()


def test_two_sweeps_at_once_double_nothing(clock):
    for number in range(20):
        events.record("order_placed", testing.order(str(number)))
    clock.advance(minutes=1)
    assert "".join(at_once(sweeping.sweep, sweeping.sweep)) == ""
    testing.settle()
    assert sorted(mail.order_number for mail in testing.sent()) == sorted(str(number) for number in range(20))
