"""Ways out: the breaker, fail-over only when nothing was accepted, rates, deadlines, and a database that goes away."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError

from ecommerce_comms import testing
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import delivery
from ecommerce_comms.messaging.backends.base import MessageBackend, Receipt, Route
from ecommerce_comms.messaging.models import Attempt, Message, Provider
from ecommerce_comms.messaging.sending import batch, deadline, outcomes, workers

pytestmark = pytest.mark.django_db
State = Message.State


class OneOfTwo(MessageBackend):
    """One of two providers: remembers what it takes, and fails as it is told."""

    def __init__(self, name):
        self.name, self.taken, self.trouble = name, [], None

    def open(self):
        if self.trouble == "down":
            raise trouble(blames_provider=True)

    def send(self, message):
        if self.trouble:
            raise trouble(**self.trouble)
        self.taken.append(message.order_number)
        return Receipt(provider_message_id=f"{self.name}-{message.order_number}", answer=f"250 queued for {message.recipient}")


class TwoProviders(MessageBackend):
    """Two providers, the second in reserve."""

    first, second = OneOfTwo("first"), OneOfTwo("second")
    rate, key_seconds = None, 0.0

    def routes(self, channel):
        first = Route(name="first", backend=self.first, rate=self.rate, key_seconds=self.key_seconds)
        return [first, Route(name="second", backend=self.second)]

    def send(self, message):
        raise AssertionError("only its routes send")


def trouble(kind=TransientDeliveryError, **attributes):
    """An error with ``attributes``."""
    error = kind("trouble")
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Two providers and journals of the test's own."""
    own = {"BACKENDS": {"email": f"{__name__}.TwoProviders"}, "JOURNAL_DIR": str(tmp_path), "BREAKER_FAILURES": 3}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **own}
    monkeypatch.setattr(TwoProviders, "first", OneOfTwo("first"))
    monkeypatch.setattr(TwoProviders, "second", OneOfTwo("second"))
    workers._local.__dict__.clear()
    yield
    workers._local.__dict__.clear()


def place(*numbers):
    """Orders whose confirmations go out at once."""
    for number in numbers:
        testing.tell("order_placed", testing.order(number))


class TestFailOver:
    def test_second_provider_takes_what_the_first_surely_did_not(self):
        TwoProviders.first.trouble = {"blames_provider": True}
        place("1")
        message = Message.objects.get()
        assert TwoProviders.second.taken == ["1"]
        assert (message.state, message.provider, message.provider_message_id) == (State.SENT, "second", "second-1")
        assert message.answer == "250 queued for a…@c….example"
        assert list(message.tries.values_list("provider", "outcome")) == [("first", "transient")]

    def test_provider_that_cannot_be_reached_is_passed_over(self):
        TwoProviders.first.trouble = "down"
        place("1", "2")
        assert TwoProviders.second.taken == ["1", "2"]

    def test_what_the_first_may_have_accepted_stays_with_it_for_ten_minutes(self, clock):
        TwoProviders.first.trouble = {"blames_provider": True, "uncertain": True}
        place("1")
        assert TwoProviders.second.taken == []
        TwoProviders.first.trouble = "down"
        clock.advance(minutes=5)
        testing.settle()
        assert TwoProviders.second.taken == []
        clock.advance(minutes=6)
        Message.objects.update(due_at=clock())
        testing.settle()
        assert TwoProviders.second.taken == ["1"]
        assert Message.objects.get().possible_duplicate

    def test_refusal_of_one_message_is_no_reason_to_ask_another_provider(self):
        TwoProviders.first.trouble = {"kind": PermanentDeliveryError}
        place("1")
        assert TwoProviders.second.taken == []
        assert Message.objects.get().state == State.FAILED

    def test_provider_that_knows_keys_gets_an_unknown_message_again_without_a_mark(self, clock, monkeypatch):
        monkeypatch.setattr(TwoProviders, "key_seconds", 900.0)
        TwoProviders.first.trouble = {"uncertain": True, "blames_provider": True}
        place("1")
        TwoProviders.first.trouble = None
        clock.advance(minutes=5)
        testing.settle()
        assert TwoProviders.second.taken == []
        assert (TwoProviders.first.taken, Message.objects.get().possible_duplicate) == (["1"], False)

    def test_message_that_the_first_may_have_sent_by_its_key_is_marked_when_the_second_takes_over(self, clock, monkeypatch):
        monkeypatch.setattr(TwoProviders, "key_seconds", 900.0)
        TwoProviders.first.trouble = {"uncertain": True, "blames_provider": True}
        place("1")
        TwoProviders.first.trouble = "down"
        clock.advance(minutes=11)
        testing.settle()
        assert (TwoProviders.second.taken, Message.objects.get().possible_duplicate) == (["1"], True)


class TestBreaker:
    def test_after_some_failures_in_a_row_it_is_not_even_asked(self):
        TwoProviders.first.trouble = {"blames_provider": True}
        place(*"12345")
        assert Attempt.objects.filter(provider="first").count() == 3
        assert TwoProviders.second.taken == list("12345")

    def test_after_a_rest_one_message_tries_it_and_closes_it(self, clock):
        TwoProviders.first.trouble = {"blames_provider": True}
        place(*"123")
        TwoProviders.first.trouble = None
        clock.advance(seconds=29)
        place("4")
        clock.advance(seconds=2)
        place("5", "6")
        assert TwoProviders.second.taken == list("1234")
        assert TwoProviders.first.taken == list("56")
        assert Provider.objects.get(name="first").opened_at is None

    def test_it_rests_longer_each_time(self, clock):
        TwoProviders.first.trouble = {"blames_provider": True}
        place(*"123")
        rests = []
        for number in "4567":
            provider = Provider.objects.get(name="first")
            rests.append(round((provider.retry_at - clock()).total_seconds()))
            clock.set(provider.retry_at)
            place(number)
        assert rests == [30, 60, 120, 240]

    def test_with_every_provider_down_nothing_is_counted_against_the_messages(self, clock):
        TwoProviders.first.trouble = TwoProviders.second.trouble = {"blames_provider": True}
        place(*"123456789")
        later = Message.objects.get(order__number="9")
        assert (later.state, later.attempts) == (State.QUEUED, 0)
        assert later.due_at > clock()
        TwoProviders.first.trouble = TwoProviders.second.trouble = None
        for _time in range(6):
            clock.advance(minutes=1)
            testing.settle()
        assert sorted(TwoProviders.first.taken + TwoProviders.second.taken) == list("123456789")


class TestRate:
    def test_no_more_is_sent_than_the_rate_allows(self, clock, monkeypatch):
        monkeypatch.setattr(TwoProviders, "rate", (4, 3600.0))
        place(*"123456")
        assert TwoProviders.first.taken == list("1234")
        assert TwoProviders.second.taken == []
        clock.advance(minutes=31)
        testing.settle()
        assert TwoProviders.first.taken == list("123456")

    def test_short_wait_is_waited_for(self, clock, monkeypatch):
        monkeypatch.setattr(TwoProviders, "rate", (2, 1.0))
        monkeypatch.setattr(batch, "sleep", lambda seconds: clock.advance(seconds=seconds + 0.001))
        TwoProviders.first.trouble = {"uncertain": False}
        place(*"12345")
        TwoProviders.first.trouble = None
        clock.advance(hours=1)
        before = clock()
        delivery.deliver_due()
        assert TwoProviders.first.taken == list("12345")
        assert clock() - before >= timedelta(seconds=1.4)

    def test_offers_leave_a_share_of_the_rate_to_orders(self, monkeypatch):
        from_bucket = []
        monkeypatch.setattr(TwoProviders, "rate", (10, 3600.0))
        providers = batch.Providers(TwoProviders().routes("email"), "offers")
        route = providers.routes[0]
        while not providers.wait(route, 1):
            from_bucket.append(1)
        assert len(from_bucket) == 8
        orders = batch.Providers(TwoProviders().routes("email"), "orders")
        assert orders.wait(route, 1) == 0.0


class TestDeadline:
    def test_send_that_takes_too_long_is_cut_and_the_next_one_is_not(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SEND_SECONDS": 0}
        aborted, watch = [], deadline.Watch()
        backend = OneOfTwo("slow")
        backend.abort = aborted.append
        with watch.over(backend):
            watch.look()
        watch.look()
        assert aborted == [threading.get_ident()]


class TestDatabaseGoesAway:
    def test_outcomes_wait_for_it(self, monkeypatch):
        TwoProviders.first.trouble = {"uncertain": False}
        place("1")
        real, failures = outcomes.update_each, [OperationalError("gone"), OperationalError("gone")]

        def flaky(*arguments, **options):
            if failures:
                raise failures.pop()
            return real(*arguments, **options)

        monkeypatch.setattr(outcomes, "update_each", flaky)
        monkeypatch.setattr(outcomes, "again_after_deadlock", lambda work: work)
        monkeypatch.setattr(outcomes, "sleep", lambda seconds: None)
        message = Message.objects.get()
        message.last_error = "kept after all"
        database = outcomes.connections["default"]
        monkeypatch.setattr(database, "in_atomic_block", False)
        monkeypatch.setattr(database, "close", lambda: None)
        outcomes._patiently([message], "")
        monkeypatch.undo()
        assert Message.objects.get().last_error == "kept after all"

    def test_what_cannot_be_kept_is_found_in_the_journal(self, monkeypatch):
        TwoProviders.first.trouble = {"uncertain": False}
        place("1")
        TwoProviders.first.trouble = None
        Message.objects.update(due_at=Message.objects.get().decided_at)
        monkeypatch.setattr(outcomes, "update_each", lambda *arguments, **options: (_ for _ in ()).throw(OperationalError("gone")))
        with pytest.raises(OperationalError):
            delivery.deliver_due()
        monkeypatch.undo()
        monkeypatch.setattr(TwoProviders, "first", OneOfTwo("again"))
        assert delivery.deliver_due() == 0
        message = Message.objects.get()
        assert (message.state, message.possible_duplicate) == (State.SENT, False)
