"""The sweep finds what was left to do, and one trouble does not keep it from the rest."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from ecommerce_comms import sweeping, testing
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.messaging.sending import workers
from ecommerce_comms.models import Order, Worker
from ecommerce_comms.orders import events, waker
from ecommerce_comms.orders.history import load
from ecommerce_comms.orders.locking import TRIES, again_after_deadlock
from ecommerce_comms.sweeping import Swept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, monkeypatch, settings, tmp_path):
    """Snapshots stand in for orders; the app was installed a month ago and has not looked for forgotten orders today."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}
    monkeypatch.setattr(sweeping, "installed_at", lambda: clock() - timedelta(days=30))
    monkeypatch.setattr(sweeping, "_reconciled_at", None)


def told():
    """Order number and kind of what was sent."""
    return [(mail.order_number, mail.kind) for mail in testing.sent()]


def test_one_sweep_does_everything():
    events.record("order_placed", testing.order("1"))
    testing.FakeOrderAdapter.shop["2"] = testing.order("2")
    assert sweeping.sweep() == Swept(found=1, events=2, delivered=2)
    assert told() == [("1", "order_placed"), ("2", "order_placed")]


def test_sweep_with_nothing_to_do_does_nothing():
    assert sweeping.sweep().total == 0


@pytest.mark.parametrize("part", ["found", "events", "delays", "released"])
def test_part_that_fails_does_not_keep_the_mails_back(part, clock, monkeypatch, caplog):
    testing.RecordingBackend.refuse = TransientDeliveryError("away")
    testing.tell("order_placed", testing.order())
    testing.RecordingBackend.refuse = None
    clock.advance(minutes=5)
    monkeypatch.setitem(sweeping.PARTS, part, lambda: 1 / 0)
    assert sweeping.sweep().delivered == 1
    assert repr(part) in caplog.text


def test_delay_is_found_and_told_in_the_same_sweep(clock):
    testing.tell("order_placed", testing.order(promised_latest=clock().date()))
    clock.advance(days=2)
    swept = sweeping.sweep()
    assert (swept.delays, swept.delivered) == (1, 1)
    assert told()[-1] == ("1001", "order_delayed")


def test_command_sweeps_once_and_says_what_it_did(clock):
    events.record("order_placed", testing.order())
    clock.advance(minutes=1)
    said = StringIO()
    call_command("comms_sweep", stdout=said)
    assert "events 1" in said.getvalue()
    assert "delivered 1" in said.getvalue()


class TestDeadlocks:
    @pytest.fixture
    def outside(self, monkeypatch):
        """As if no transaction surrounded the test."""
        monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)

    def test_work_that_the_database_gave_up_starts_anew(self, outside):
        answers = iter([OperationalError("deadlock"), OperationalError("deadlock"), None])

        @again_after_deadlock
        def work():
            if error := next(answers):
                raise error
            return "done"

        assert work() == "done"

    def test_it_is_given_up_in_the_end(self, outside):
        tries = []

        @again_after_deadlock
        def work():
            tries.append(1)
            raise OperationalError("deadlock")

        with pytest.raises(OperationalError):
            work()
        assert len(tries) == TRIES

    def test_part_of_a_larger_transaction_is_not_repeated(self):
        tries = []

        @again_after_deadlock
        def work():
            tries.append(1)
            raise OperationalError("deadlock")

        with pytest.raises(OperationalError), transaction.atomic():
            work()
        assert len(tries) == 1


def test_order_that_another_worker_made_meanwhile_is_no_new_one():
    testing.tell("order_placed", testing.order())
    orders = {order.key: order for order in Order.objects.all()}
    assert [history.is_new for history in load(orders, new=orders).values()] == [False]


class TestBusyWorkers:
    @pytest.fixture(autouse=True)
    def small_batches(self, settings, monkeypatch):
        monkeypatch.setattr(workers, "_local", threading.local())
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BATCH_SIZE": 2, "WAKER": "notify"}
        for number in range(5):
            events.record("order_placed", testing.order(str(number)))

    def busy(self, clock, *, seconds_ago=0):
        Worker.objects.create(name="another", kind=Worker.Kind.SENDER, seen_at=clock() - timedelta(seconds=seconds_ago))

    def test_sweep_does_a_little_and_leaves_the_rest_to_them(self, clock, monkeypatch):
        asked = []
        monkeypatch.setattr(waker, "wake", asked.append)
        self.busy(clock)
        assert (sweeping.sweep().events, set(asked)) == (2, {waker.WORK, waker.OFFERS})

    def test_sweep_does_everything_when_they_have_fallen_silent(self, clock):
        self.busy(clock, seconds_ago=30)
        assert (sweeping.sweep().events, len(testing.sent())) == (5, 5)

    def test_sweep_does_everything_where_nobody_can_be_woken(self, clock, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "off"}
        self.busy(clock)
        assert sweeping.sweep().events == 5

    def test_of_two_sweeps_one_goes_on(self):
        for name in ("one", "other"):
            sender = workers.Sender()
            sender.row.name = name
            sender.begin()
            workers._local.sender = sender
            found = workers.others_at_work()
            assert found == (name == "other")

    def test_worker_whose_clock_was_ahead_stops_no_sweep(self, clock):
        self.busy(clock, seconds_ago=-3600)
        assert sweeping.sweep().events == 5
