"""The ledger as pages, mails, chat and API read it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.utils.translation import override

from ecommerce_comms.shipping import promises
from tests.shipping.making import KOLKATA, local, parcel, promised

pytestmark = pytest.mark.django_db
LATER = local(KOLKATA, 2026, 3, 3, 18)


def revise(of, box, earliest, latest, at=LATER, reason="The road is closed."):
    return promises.revise(of, box, date(2026, 3, earliest), date(2026, 3, latest), source="carrier", reason=reason, made_at=at)


@pytest.fixture
def of():
    """An order that was promised for 4 to 6 March; its first parcel is late, its second one very late."""
    made = promised()
    promises.at_order(made, made.as_snapshot)
    revise(made, parcel(made), 6, 9)
    revise(made, second := parcel(made, "2"), 10, 12, LATER + timedelta(hours=1))
    revise(made, second, 13, 13, LATER + timedelta(hours=2), reason="")
    return made


def test_history_tells_what_was_and_what_is_now(of):
    told = promises.history(of)
    assert [(each.parcel, each.was_latest and each.was_latest.day, each.latest.day) for each in told] == [
        ("", None, 6), ("1", 6, 9), ("2", 6, 12), ("2", 12, 13),
    ]
    assert [each.moved for each in told] == [False, True, True, True]


def test_history_says_it_in_a_sentence(of):
    first, second, _third, last = (each.sentence for each in promises.history(of))
    assert first == "Wed 4 March – Fri 6 March (Shown when ordering.)"
    assert second == "Was Wed 4 March – Fri 6 March, now Fri 6 March – Mon 9 March, because: The road is closed."
    assert last == "Was Tue 10 March – Thu 12 March, now Fri 13 March"


def test_days_are_named_in_the_language_of_the_reader(of):
    with override("hi"):
        assert "मार्च" in promises.history(of)[0].sentence


def test_history_is_plain_data(of):
    plain = json.loads(json.dumps([each.to_json() for each in promises.history(of)]))
    assert (plain[1]["was_latest"], plain[1]["latest"], plain[1]["source"]) == ("2026-03-06", "2026-03-09", "carrier")
    assert plain[1]["sentence"].startswith("Was Wed 4 March")


def test_history_takes_one_query(of, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [each.sentence for each in promises.history(of)]


def test_window_before_is_the_same_as_in_the_history(of):
    for promise, told in zip(of.promises.order_by("made_at", "revision"), promises.history(of), strict=True):
        before = promises.window_before(promise)
        assert (before and before.latest) == told.was_latest
