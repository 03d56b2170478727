"""From the shop's rows to what is known."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ecommerce_comms.shipping import learning
from ecommerce_comms.shipping.learning import learner
from ecommerce_comms.shipping.models import Knowledge
from tests.shipping.learning import past
from tests.shipping.learning.past import NOW
from tests.shipping.making import promised

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_lesson_says_from_what_and_until_when(clock):
    past.sell(40)
    past.order(NOW - DAY)
    row = learning.learn(NOW)
    assert (row.parcels, row.until, row.learnt_at, row.figures["open"]) == (41, NOW, clock(), 1)
    assert row.figures["services"] == {"post": 40}
    assert row.figures["origins"] == [{"name": "", "parcels": 40, "half": 1, "most": 1}]
    assert row.figures["carriers"] == [{"name": "blue", "parcels": 40, "half": 3, "most": 4}]


def test_what_was_learnt_is_known_at_once_and_without_a_query(django_assert_num_queries):
    assert learning.known() is None
    past.sell(40)
    row = learning.learn(NOW)
    assert learning.known().parcels == row.parcels
    with django_assert_num_queries(0):
        learning.known()


def test_the_newest_lesson_counts():
    past.sell(40)
    learning.learn(NOW)
    past.sell(10, ago=2, transit=(1,))
    learning.learn(NOW)
    assert learning.known().parcels == 50


def test_too_few_parcels_teach_nothing_and_unlearn_nothing():
    past.sell(10)
    assert (learning.learn(NOW).parcels, learning.known()) == (0, None)
    past.sell(30)
    learning.learn(NOW)
    past.Order.objects.all().delete()
    learning.learn(NOW + DAY)
    assert learning.known().parcels == 40


def test_state_of_another_version_is_not_read():
    past.sell(40)
    learning.learn(NOW)
    row = Knowledge.objects.get()
    row.version += 1
    row.save()
    assert learning.known() is None


def test_state_that_is_damaged_is_left_alone_and_told(caplog):
    past.sell(40)
    learning.learn(NOW)
    row = Knowledge.objects.get()
    row.state = {"version": row.version}
    row.save()
    assert learning.known() is None
    assert "cannot be read" in caplog.text


def test_old_states_are_emptied_and_rows_of_more_than_a_year_go():
    past.sell(40)
    Knowledge.objects.create(asked_at=NOW - 500 * DAY, learnt_at=NOW - 500 * DAY)
    for _night in range(5):
        learning.learn(NOW)
    assert [bool(state) for state in Knowledge.objects.order_by("-pk").values_list("state", flat=True)] == [True] * 3 + [False] * 2


def test_facts_of_the_future_change_no_estimate():
    """What is appended to the history later must not change what was learnt for an earlier day."""
    past.sell(60)
    early = learning.learn(NOW)
    past.sell(40, until=NOW + 30 * DAY, transit=(9,))
    late = past.order(NOW - 3 * DAY)
    past.parcel(late, NOW + DAY, NOW + 2 * DAY)
    Knowledge.objects.exclude(pk=early.pk).delete()
    known = early.state | {}
    again = learning.learn(NOW)
    assert again.state != known  # the order of three days ago waits, and is known now
    late.delete()
    assert learning.learn(NOW).state == known


def test_command_says_what_was_learnt(monkeypatch):
    said = StringIO()
    call_command("comms_learn", stdout=said)
    assert "Too few parcels" in said.getvalue()
    past.sell(40)
    call_command("comms_learn", stdout=said)
    assert "No promise with a confidence was due" in said.getvalue()
    monkeypatch.setattr(learner, "find_spec", lambda _name: None)
    with pytest.raises(CommandError, match="pip install"):
        call_command("comms_learn", stdout=said)


def test_lesson_keeps_how_the_promises_did():
    of = promised()
    of.promises.create(earliest=NOW, latest=NOW, confidence=0.9, source="history", overdue_at=NOW - DAY, made_at=NOW - 9 * DAY)
    row = learning.learn(NOW)
    assert (row.due, row.kept, row.expected) == (1, 0, 0.9)
