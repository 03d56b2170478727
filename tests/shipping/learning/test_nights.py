"""When it is learnt, and by whom."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from ecommerce_comms import sweeping
from ecommerce_comms.shipping import learning
from ecommerce_comms.shipping.learning import learner, nights
from ecommerce_comms.shipping.models import Knowledge
from tests.shipping.learning import past
from tests.shipping.learning.past import NOW
from tests.shipping.making import KOLKATA, LONDON, local

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def lessons(monkeypatch):
    """The moments at which something was learnt."""
    learnt = []
    fill = nights.fill
    monkeypatch.setattr(nights, "fill", lambda row, now: learnt.append(now) or fill(row, now))
    return learnt


def shop_of(settings, **values):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}


def test_it_is_learnt_once_a_night(lessons):
    for moment in (NOW, NOW + HOUR, NOW + 20 * HOUR, NOW + DAY, NOW + DAY + HOUR):
        nights.learn_when_due(moment)
    assert lessons == [NOW, NOW + DAY]


def test_night_begins_at_its_hour_by_the_shops_clock(settings):
    shop_of(settings, LEARN_AT="03:00", TIME_ZONE=KOLKATA)
    assert nights.night_of(local(KOLKATA, 2026, 3, 2, 2, 59)) == date(2026, 3, 1)
    assert nights.night_of(local(KOLKATA, 2026, 3, 2, 3, 0)) == date(2026, 3, 2)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_every_night_has_one_lesson_where_its_hour_does_not_exist_or_comes_twice(settings, lessons, day):
    shop_of(settings, LEARN_AT="01:30", TIME_ZONE=LONDON)
    noon = local(LONDON, day.year, day.month, day.day, 12)
    for half_hours in range(-48, 48):
        nights.learn_when_due(noon + half_hours * HOUR / 2)
    assert len(lessons) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite" and connection.is_in_memory_db(), reason="threads share the one connection")
def test_two_workers_learn_it_once():
    moments = []
    barrier = threading.Barrier(2)

    def work():
        barrier.wait()
        moments.append(nights.learn_when_due(NOW))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    past.sell(40)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moments) == [0, 1]
    assert Knowledge.objects.count() == 1


def test_worker_that_finds_the_night_taken_leaves_it_alone(lessons):
    """As the other of two would see it, in between the look and the taking."""
    Knowledge.objects.create(night=nights.night_of(NOW), started_at=NOW)
    assert (nights.learn_when_due(NOW + HOUR / 2), lessons) == (0, [])


def test_row_that_was_taken_meanwhile_is_not_taken_again(monkeypatch, lessons):
    waiting = nights._waiting

    def and_another_takes_them(now):
        rows = list(waiting(now))
        Knowledge.objects.update(started_at=now)
        return Answers(rows)

    class Answers(list):
        def filter(self, *_conditions):
            return self

    monkeypatch.setattr(nights, "_waiting", and_another_takes_them)
    assert (nights.learn_when_due(NOW), lessons) == (0, [])


def test_lesson_of_a_worker_that_died_is_taken_over_after_an_hour(lessons):
    Knowledge.objects.create(night=nights.night_of(NOW), started_at=NOW)
    nights.learn_when_due(NOW + HOUR)
    assert lessons == [NOW + HOUR]


def test_lesson_that_was_asked_for_is_learnt_by_the_next_sweep(lessons):
    nights.learn_when_due(NOW)
    nights.ask(NOW + HOUR)
    nights.ask(NOW + HOUR)
    assert Knowledge.objects.count() == 2
    nights.learn_when_due(NOW + HOUR)
    nights.learn_when_due(NOW + 2 * HOUR)
    assert lessons == [NOW, NOW + HOUR]


def test_nothing_is_learnt_without_numpy(monkeypatch, lessons):
    monkeypatch.setattr(learner, "find_spec", lambda _name: None)
    assert (nights.learn_when_due(NOW), learning.learn(NOW), lessons) == (0, None, [])
    assert not Knowledge.objects.exists()


def test_sweep_learns(clock, fake_shop):
    past.sell(40, until=clock())
    assert sweeping.sweep().learnt == 1
    assert sweeping.sweep().learnt == 0
