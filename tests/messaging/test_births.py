"""What is decided now is sent now, with the same guarantees as what was claimed from the queue."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from ecommerce_comms import lifecycle, testing, working
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.journeys import planning
from ecommerce_comms.messaging import delivery
from ecommerce_comms.messaging.sending import claims, workers
from ecommerce_comms.messaging.speaking import composing
from ecommerce_comms.models import Message, OrderEvent, Worker
from ecommerce_comms.orders import events

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'mysql'", reason="an INSERT of MariaDB does not say which rows are new"),
]
assert connection  # named in the mark


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Snapshots stand in for orders; the thread has a journal of its own."""
    monkeypatch.setattr(workers, "_local", threading.local())
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}


def place(*numbers, kind="order_placed"):
    """Record a fact of each order, without anybody acting on it."""
    for number in numbers:
        events.record(kind, testing.order(number))


def sent():
    """Order numbers of the mails, as they were sent."""
    return [mail.order_number for mail in testing.sent()]


def test_mail_leaves_without_having_been_queued(monkeypatch):
    monkeypatch.setattr(claims, "claim", lambda *_arguments: pytest.fail("It was queued."))
    place("1", "2")
    assert working.work() == 4
    assert sent() == ["1", "2"]
    assert set(Message.objects.values_list("state", "attempts", "lease_token")) == {("sent", 1, "")}
    assert set(Worker.objects.values_list("token", "sent")) == {("", 2)}


def test_mail_says_what_the_database_has(monkeypatch):
    said = {}
    make = composing.outgoing

    def listen(message, own):
        said[message.pk] = message.facts
        return make(message, own)

    monkeypatch.setattr(composing, "outgoing", listen)
    place("1")
    place("1", kind="order_shipped")
    working.work()
    assert said == dict(Message.objects.values_list("pk", "facts"))
    assert len(said) == 2


def test_nobody_jumps_the_queue():
    testing.RecordingBackend.refuse = TransientDeliveryError("away")
    testing.tell("order_placed", testing.order("1"))
    testing.RecordingBackend.refuse = None
    Message.objects.update(due_at=Message.objects.get().decided_at)
    place("2")
    working.work()
    assert sent() == ["1", "2"]


def test_messages_of_a_worker_that_died_before_sending_are_sent_by_others():
    place("1", "2")
    with pytest.raises(KeyboardInterrupt), delivery.at_once():
        lifecycle.process_next()
        raise KeyboardInterrupt
    assert set(Message.objects.values_list("state", flat=True)) == {"sending"}
    assert delivery.deliver_due() == 2
    assert sent() == ["1", "2"]
    assert set(Message.objects.values_list("state", "attempts", "possible_duplicate")) == {("sent", 1, False)}


def test_event_that_fails_holds_up_no_mail_and_doubles_none(monkeypatch):
    plan = planning.Planner.plan

    def fail(self, history, fresh):
        plan(self, history, fresh)
        if history.order.reference == "2":
            raise ValueError("poison")

    monkeypatch.setattr(planning.Planner, "plan", fail)
    place("1", "2", "3")
    working.work()
    assert sorted(sent()) == ["1", "3"]
    assert set(Message.objects.values_list("order__reference", "state")) == {("1", "sent"), ("3", "sent")}
    assert OrderEvent.objects.filter(state="new").count() == 1


def test_transaction_that_is_taken_back_after_the_claim_began_leaves_nothing(monkeypatch):
    put = planning.outbox.put
    times = []

    def fail_once(messages):
        put(messages)
        times.append(1)
        if len(times) == 1:
            raise ValueError("the first time it fails after all was written")

    monkeypatch.setattr(lifecycle.outbox, "put", fail_once)
    place("1", "2")
    working.work()
    assert sorted(sent()) == ["1", "2"]
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_cancelled_order_is_not_mailed():
    place("1")
    place("1", kind="order_cancelled")
    working.work()
    assert [mail.kind for mail in testing.sent()] == ["order_cancelled"]
