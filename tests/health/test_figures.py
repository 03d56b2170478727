"""What the figures say, and what they cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.health import figures
from ecommerce_comms.health.figures import collect
from ecommerce_comms.messaging.models import Attempt, Message, Pause, Provider, ProviderEvent, Worker
from ecommerce_comms.orders.models import OrderEvent

pytestmark = pytest.mark.django_db


def test_queue_of_each_lane_is_told_with_the_age_of_its_oldest(message):
    message(due=-40)
    message("sending", due=-10)
    message("scheduled", due=-50)  # its hour has come, and nobody released it
    message(due=300, attempts=2)
    message(due=-700, lane="offers")
    orders, offers = collect().lane("orders"), collect().lane("offers")
    assert (orders.due, orders.again, orders.oldest_seconds) == (3, 1, 50)
    assert (offers.due, offers.again, offers.oldest_seconds) == (1, 0, 700)


@pytest.mark.parametrize("state", ["sent", "delivered", "skipped", "failed", "held", "bounced"])
def test_what_waits_for_nobody_is_not_in_the_queue(message, state):
    message(state, due=-600)
    assert collect().lane("orders").due == 0


def test_messages_planned_for_later_are_not_overdue(message):
    message("scheduled", due=600)
    assert collect().lane("orders").oldest_seconds == 0


def test_failures_of_a_day_are_counted_by_reason(message):
    for reason, due in (("refused", -60), ("refused", -600), ("unreachable", -3600), ("refused", -90_000)):
        message("failed", reason=reason, due=due)
    assert collect().failures == {"refused": 2, "unreachable": 1}


def test_message_in_doubt_twice_counts_once(message, clock):
    doubtful = message("sent", possible_duplicate=True)
    for number in (1, 2):
        Attempt.objects.create(message=doubtful, number=number, ended_at=clock(), outcome="unknown")
    Attempt.objects.create(message=message("failed"), number=1, ended_at=clock(), outcome="permanent")
    Attempt.objects.create(message=message("sent"), number=1, ended_at=clock() - timedelta(days=2), outcome="unknown")
    assert collect().duplicates == 1


def test_text_that_was_tried_once_and_given_up_cannot_have_arrived_twice(message, clock):
    given_up = message("failed", reason="unknown", attempts=1, backend="sms", possible_duplicate=True)
    Attempt.objects.create(message=given_up, number=1, ended_at=clock(), outcome="unknown")
    assert collect().duplicates == 0
    assert collect().failures == {"unknown": 1}


def test_waiting_facts_and_notices_are_counted_with_their_age(clock):
    for number, age in ((1, 20), (2, 80)):
        OrderEvent.objects.create(event_key=str(number), kind="order_placed", order_reference="1", order_key="1", occurred_at=clock(),
                                  recorded_at=clock() - timedelta(seconds=age))
    ProviderEvent.objects.create(key="p:1", provider="p", kind="delivered", occurred_at=clock(), received_at=clock() - timedelta(hours=2))
    found = collect()
    assert (found.events_waiting, found.events_oldest_seconds) == (2, 80)
    assert (found.notices_waiting, found.notices_oldest_seconds) == (1, 7200)


def test_worker_that_was_not_seen_for_a_day_is_not_shown(clock):
    for name, hours in (("old", 25), ("new", 23)):
        Worker.objects.create(name=name, kind="sender", host="h", seen_at=clock() - timedelta(hours=hours))
    assert [row.name for row in collect().workers] == ["new"]


def test_worker_that_never_gave_back_its_work_is_shown_however_old(clock):
    Worker.objects.create(name="dead", kind="sender", host="h", token="t", seen_at=clock() - timedelta(days=3))
    assert [(row.name, row.is_silent) for row in collect().workers] == [("dead", True)]


@pytest.mark.parametrize("kind, token, seconds, is_silent", [
    ("sender", "", 600, False),  # nothing to do
    ("sender", "t", 30, False), ("sender", "t", 91, True), ("sweeper", "", 89, False), ("sweeper", "", 91, True), ("beat", "", 91, True),
])
def test_who_should_have_said_something_is_silent(clock, kind, token, seconds, is_silent):
    Worker.objects.create(name="w", kind=kind, host="h", token=token, seen_at=clock() - timedelta(seconds=seconds))
    assert collect().workers[0].is_silent is is_silent


def test_share_of_complaints_is_told_once_there_are_enough_mails(message, clock):
    assert collect().shares == {}
    figures.kept_shares.forget()
    states = ["complained"] * 4 + ["sent"] * 996
    Message.objects.bulk_create(
        Message(kind="order_placed", language="en", state=state, due_at=clock(), dedupe_key=f"m{number}")
        for number, state in enumerate(states)
    )
    assert collect().shares["all", "complained"] == 0.004


def test_it_takes_few_queries(message, clock, django_assert_max_num_queries):
    for number in range(20):
        message(due=-number)
        Worker.objects.create(name=f"w{number}", kind="sender", host="h", seen_at=clock())
        Provider.objects.create(name=f"p{number}")
    Pause.objects.create(lane="offers", reason="x")
    with django_assert_max_num_queries(14):
        collect()


def test_machines_that_ask_often_get_figures_that_were_kept(message, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(figures.time, "monotonic", lambda: now[0])
    assert figures.kept.get().lane("orders").due == 0
    message()
    now[0] += 4
    assert figures.kept.get().lane("orders").due == 0
    now[0] += 2
    assert figures.kept.get().lane("orders").due == 1
