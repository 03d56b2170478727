"""How good the promises were."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.shipping.learning.coverage import Coverage, measure
from ecommerce_comms.shipping.learning.words import figures_in_words, how_good
from ecommerce_comms.shipping.models import Knowledge
from tests.shipping.learning.past import NOW
from tests.shipping.learning.past import order as make_order

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DUE = NOW - 5 * DAY


def promise(arrived=None, *, overdue_at=DUE, confidence=0.9, cancelled=None, **fields):
    of = make_order(DUE - 9 * DAY, delivered_at=arrived, cancelled_at=cancelled)
    of.promises.create(**({
        "earliest": date(2026, 2, 20), "latest": date(2026, 2, 25), "confidence": confidence, "source": "history", "overdue_at": overdue_at,
    } | fields))


def test_promise_is_scored_on_its_day_whether_the_parcel_has_come_or_not():
    promise(DUE - DAY)
    promise(DUE + DAY)
    promise()
    assert measure(NOW) == (3, 1, pytest.approx(0.9))


@pytest.mark.parametrize("fields", [
    {"overdue_at": NOW + DAY}, {"overdue_at": NOW - 91 * DAY}, {"confidence": None}, {"revision": 1}, {"cancelled": DUE - DAY},
], ids=["not due", "long ago", "nobody knew how sure", "a revision", "cancelled before its day"])
def test_what_does_not_count(fields):
    promise(**fields)
    assert measure(NOW).due == 0


def test_order_that_was_cancelled_after_its_day_was_not_kept():
    promise(cancelled=DUE + DAY)
    assert measure(NOW)[:2] == (1, 0)


@pytest.mark.parametrize(("due", "kept", "is_broken"), [
    (1000, 850, True), (1000, 890, False), (1000, 990, False),
    (20, 5, False),  # too few to tell
    (40, 32, False),  # by chance
    (100_000, 89_000, False),  # surely less, and nobody's trouble
])
def test_promises_are_broken_where_chance_cannot_be_the_reason(due, kept, is_broken):
    assert Coverage(due, kept, 0.9).is_broken is is_broken


@pytest.mark.parametrize(("due", "kept", "says"), [
    (0, 0, "No promise with a confidence was due"), (20, 5, "too few to judge by"), (1000, 850, "promised too early"),
    (1000, 990, "more careful than they need to be"), (1000, 905, "That is as it should be"),
])
def test_it_is_said_in_words(due, kept, says):
    assert says in how_good(Knowledge(due=due, kept=kept, expected=0.9 if due else None))


def test_figures_are_said_in_words():
    row = Knowledge(figures={"origins": [{"name": "", "parcels": 1, "half": 0, "most": 1}], "lanes": [], "carriers": [
        {"name": "blue", "parcels": 412, "half": 3, "most": 8}]})
    assert figures_in_words(row) == [
        ("From the order until it leaves", [("not named", "1 parcel left: half within the same day, nine of ten within 1 day")]),
        ("By carrier", [("blue", "412 parcels arrived: half within 3 days, nine of ten within 8 days")]),
    ]
