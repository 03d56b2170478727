"""Waiting events are dealt with in batches; one that fails, or kills its worker, holds up nobody else."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from ecommerce_comms import lifecycle, testing
from ecommerce_comms.models import Message, Order, OrderEvent, Promise
from ecommerce_comms.orders import events, waiting
from ecommerce_comms.signals import promise_made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


@pytest.fixture
def poison(monkeypatch):
    """Facts of the order 666 cannot be processed; ``tried`` is what each attempt was made with."""
    process, tried = lifecycle.process_batch, []

    def reluctant(batch, **options):
        tried.append([event.order_reference for event in batch])
        if any(event.order_reference == "666" for event in batch):
            raise ValueError("broken")
        return process(batch, **options)

    monkeypatch.setattr(lifecycle, "process_batch", reluctant)
    return tried


def states():
    return dict(OrderEvent.objects.values_list("order_reference", "state"))


def test_many_events_are_one_transaction(monkeypatch):
    batches = []
    process = lifecycle.process_batch
    monkeypatch.setattr(lifecycle, "process_batch", lambda batch, **options: batches.append(len(batch)) or process(batch, **options))
    for number in range(20):
        events.record("order_placed", testing.order(str(number)))
    assert lifecycle.process_waiting() == 20
    assert batches == [20]
    assert Order.objects.count() == Message.objects.count() == 20


def test_limit_is_kept():
    for number in range(7):
        events.record("order_placed", testing.order(str(number)))
    assert [lifecycle.process_waiting(3) for _time in range(4)] == [3, 3, 1, 0]


def test_statements_of_a_batch_do_not_grow_with_it(django_assert_max_num_queries):
    for number in range(30):
        events.record("order_placed", testing.order(str(number)))
    with django_assert_max_num_queries(25):
        assert lifecycle.process_waiting() == 30


def test_broken_event_holds_up_nobody(poison):
    for number in ("1", "666", "2"):
        events.record("order_placed", testing.order(number))
    assert lifecycle.process_waiting() == 2
    assert states() == {"1": "processed", "666": "new", "2": "processed"}
    assert "broken" in OrderEvent.objects.get(order_reference="666").error


def test_broken_event_holds_up_no_other_fact_of_its_order(monkeypatch, clock):
    events.record("order_placed", testing.order())
    events.record("order_paid", testing.order())
    process = lifecycle.process_batch

    def reluctant(batch, **options):
        if any(event.kind == "order_placed" for event in batch):
            raise ValueError("broken")
        return process(batch, **options)

    monkeypatch.setattr(lifecycle, "process_batch", reluctant)
    assert lifecycle.process_waiting() == 1
    assert OrderEvent.objects.get(kind="order_paid").state == "processed"


def test_event_that_failed_is_tried_ever_more_seldom_and_given_up(poison, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MAX_ATTEMPTS": 4, "RETRY_SECONDS": 60}
    events.record("order_placed", testing.order("666"))
    tried_at = []
    for _half_minute in range(120):
        before = len(poison)
        lifecycle.process_waiting()
        tried_at += [clock()] * (len(poison) - before)
        clock.advance(seconds=30)
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(tried_at)]
    assert len(tried_at) == 4
    assert all(least <= wait <= least + 60 for wait, least in zip(waits, (60, 120, 240), strict=True))
    assert states() == {"666": "failed"}


def test_event_that_failed_once_is_tried_alone(poison, clock):
    for number in ("1", "666"):
        events.record("order_placed", testing.order(number))
    lifecycle.process_waiting()
    events.record("order_placed", testing.order("2"))
    clock.advance(minutes=1)
    poison.clear()
    lifecycle.process_waiting()
    assert poison == [["2"], ["666"]]


def test_event_that_kills_its_worker_is_given_up_some_day(clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MAX_ATTEMPTS": 3}
    events.record("order_placed", testing.order())
    for _time in range(3):
        assert len(waiting.claim(10)) == 1  # and then the process is gone
        clock.advance(hours=1)
    assert waiting.claim(10) == []
    event = OrderEvent.objects.get()
    assert event.state == OrderEvent.State.FAILED
    assert "never come to an end" in event.error


def test_event_of_a_dead_worker_is_taken_by_another_one_after_half_a_minute(clock):
    events.record("order_placed", testing.order())
    waiting.claim(10)
    assert lifecycle.process_waiting() == 0
    clock.advance(seconds=31)
    assert lifecycle.process_waiting() == 1


def test_two_workers_never_take_the_same_event(clock):
    for number in range(4):
        events.record("order_placed", testing.order(str(number)))
    mine, others = list(OrderEvent.objects.order_by("pk")), list(OrderEvent.objects.order_by("pk"))  # both have read the same rows
    assert len(waiting._count(mine[:3], clock())) == 3
    assert [event.pk for event in waiting._count(others, clock())] == [mine[3].pk]


def test_later_fact_brings_the_earlier_ones_of_its_order_along(clock):
    events.record("order_placed", testing.order())
    waiting.claim(10)  # a worker has it, and is slow
    clock.advance(seconds=2)
    events.record("order_paid", testing.order())
    assert lifecycle.process_waiting() == 1
    testing.settle()
    assert [mail.kind for mail in testing.sent()] == ["order_placed", "order_paid"]


def test_unreadable_event_does_not_keep_others_from_being_processed():
    events.record("order_placed", "gone")
    events.record("order_placed", testing.order("1"))
    assert lifecycle.process_waiting() == 1
    assert "gone" in str(states()) and states()["1"] == "processed"


def test_clock_that_is_ahead_where_the_fact_was_told_does_not_delay_it(clock):
    event = events.record("order_placed", testing.order())
    assert event.next_try_at <= clock()


def test_listeners_hear_of_promises_that_are_written(clock):
    heard = []
    receiver = lambda promise, **_signal: heard.append(promise.pk)  # noqa: E731
    promise_made.connect(receiver)
    try:
        for number in range(3):
            events.record("order_placed", testing.order(str(number), promised_latest=(clock() + timedelta(days=3)).date()))
        lifecycle.process_waiting()
    finally:
        promise_made.disconnect(receiver)
    assert sorted(heard) == sorted(Promise.objects.values_list("pk", flat=True))
    assert None not in heard


@pytest.mark.django_db(transaction=True)
def test_lost_database_is_no_events_fault(monkeypatch):
    events.record("order_placed", testing.order())

    def lose(batch, **_options):
        raise ValueError("connection lost")

    monkeypatch.setattr(lifecycle, "process_batch", lose)
    monkeypatch.setattr(type(transaction.get_connection()), "is_usable", lambda self: False)
    with pytest.raises(ValueError, match="connection lost"):
        lifecycle.process_waiting()
    monkeypatch.undo()
    assert OrderEvent.objects.get().error == ""
