"""Too many bounces and complaints are told, and end advertising; mails about orders go on."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from ecommerce_comms.messaging.feedback import rates
from ecommerce_comms.messaging.models import Message, Pause

pytestmark = pytest.mark.django_db
State, Lane = Message.State, Message.Lane
numbers = itertools.count()


@pytest.fixture(autouse=True)
def quiet(monkeypatch, clock):
    monkeypatch.setattr(rates, "_watched_at", None)
    monkeypatch.setattr(rates, "_said", "")
    monkeypatch.setattr(rates, "LEAST", 200)


def mails(clock, lane=Lane.OFFERS, **counts):
    Message.objects.bulk_create([
        Message(kind="x", language="en", lane=lane, dedupe_key=str(next(numbers)), due_at=clock(), sent_at=clock(), state=state)
        for state, count in counts.items() for _time in range(count)
    ])


@pytest.mark.parametrize("counts, says, pauses", [
    ({"sent": 200}, False, False),
    ({"sent": 100, "delivered": 100}, False, False),
    ({"sent": 1200, "complained": 1}, False, False),
    ({"sent": 998, "complained": 2}, True, False),
    ({"sent": 332, "complained": 1}, True, True),
    ({"sent": 197, "bounced": 3}, False, False),
    ({"sent": 196, "bounced": 4}, True, False),
    ({"delivered": 191, "bounced": 9}, True, False),
    ({"delivered": 190, "bounced": 10}, True, True),
    ({"sent": 100, "complained": 99}, False, False),  # too few to say anything
    ({"sent": 100, "queued": 200, "bounced": 99}, False, False),
    ({"sent": 100, "failed": 200, "bounced": 99}, False, False),
])
def test_limits(counts, says, pauses, clock):
    mails(clock, **counts)
    assert bool(rates.judge()) is says
    assert Pause.objects.filter(lane=Lane.OFFERS).exists() is pauses


def test_orders_are_never_paused_but_what_is_wrong_with_them_pauses_offers(clock):
    mails(clock, lane=Lane.ORDERS, sent=180, bounced=20)
    rates.judge()
    pause = Pause.objects.get()
    assert pause.lane == Lane.OFFERS
    assert pause.figures["all bounced"] == 0.1
    assert "10.00% came back" in pause.reason


def test_bad_offers_do_not_hide_among_many_good_order_mails(clock):
    mails(clock, lane=Lane.ORDERS, delivered=1000)
    mails(clock, delivered=299, complained=1)
    rates.judge()
    assert Pause.objects.exists()


def test_last_seven_days_count(clock):
    mails(clock, sent=200, bounced=40)
    clock.advance(days=7, minutes=1)
    assert rates.judge() == "" and not Pause.objects.exists()


def test_lifted_pause_does_not_come_back_for_the_same_mails_but_for_newer_ones(clock):
    mails(clock, sent=180, bounced=20)
    rates.judge()
    clock.advance(days=1)
    Pause.objects.all().delete()  # as a merchant does
    rates.judge()
    assert not Pause.objects.exists()
    mails(clock, sent=190, bounced=20)
    rates.judge()
    assert Pause.objects.exists()


def test_pause_that_is_not_lifted_stays_as_it_began(clock):
    mails(clock, sent=180, bounced=20)
    rates.judge()
    began = Pause.objects.get().since
    clock.advance(days=1)
    mails(clock, sent=180, bounced=40)
    rates.judge()
    assert Pause.objects.get().since == began


def test_alarm_is_raised_once_and_again_when_it_changes(clock, caplog):
    mails(clock, sent=196, bounced=4)
    for _time in range(3):
        rates.judge()
    assert [record.name for record in caplog.records] == ["ecommerce_comms.alarms"]
    mails(clock, bounced=1)
    rates.judge()
    assert len(caplog.records) == 2


def test_rates_are_looked_at_every_five_minutes(clock, monkeypatch):
    seen = []
    monkeypatch.setattr(rates, "judge", lambda: seen.append(clock()))
    for _minute in range(11):
        rates.watch()
        clock.advance(minutes=1)
    assert [later - earlier for earlier, later in itertools.pairwise(seen)] == [timedelta(minutes=5)] * 2


def test_judging_costs_two_queries(clock, django_assert_num_queries):
    mails(clock, sent=200)
    with django_assert_num_queries(2):
        rates.judge()
