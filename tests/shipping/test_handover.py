"""What a customer is told once the parcel has left: the hand-over makes dates better known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import pytest

from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.estimators.base import Estimate, ShippingEstimator
from ecommerce_comms.snapshots import LineSnapshot
from tests.shipping.making import KOLKATA, local, order, parcel, promised

pytestmark = pytest.mark.django_db
SHIPPED = local(KOLKATA, 2026, 3, 3, 18)


class Saying(ShippingEstimator):
    """Says what a test wants, and remembers what it was asked."""

    window = (4, 6)
    confidence: float | None = 0.92
    asked: ClassVar[list] = []

    def estimate(self, request):
        self.asked.append(request)
        first, last = (date(2026, 3, day) for day in self.window)
        return Estimate(earliest=first, latest=last, confidence=self.confidence, source="history", reason="Seen before.")


@pytest.fixture(autouse=True)
def says(settings, monkeypatch):
    settings.ECOMMERCE_COMMS = {"ESTIMATOR": f"{__name__}.Saying"}
    monkeypatch.setattr(Saying, "asked", [])

    def say(first, last, confidence=0.92):
        monkeypatch.setattr(Saying, "window", (first, last))
        monkeypatch.setattr(Saying, "confidence", confidence)

    return say


def shipped(of, **fields):
    promises.at_order(of, of.as_snapshot)
    return promises.at_shipping(of, parcel(of, **fields), SHIPPED)


@pytest.mark.parametrize("window", [(4, 5), (5, 6), (5, 5), (6, 8)], ids=["ends sooner", "begins later", "is one day", "is later"])
def test_window_with_a_known_confidence_takes_the_place_of_the_one_that_was_told(says, window):
    says(*window)
    made = shipped(promised())
    assert ((made.earliest.day, made.latest.day), made.source, made.revision, made.confidence) == (window, "history", 1, 0.92)


def test_nothing_is_told_anew_where_the_window_is_the_same(says):
    says(4, 6)
    made = shipped(promised())
    assert (made.source, made.revision) == ("shop", 0)


def test_earlier_window_of_unknown_confidence_is_not_told(says):
    says(4, 5, confidence=None)
    made = shipped(promised())
    assert ((made.earliest.day, made.latest.day), made.revision) == ((4, 6), 0)


def test_first_promise_goes_on_counting(says):
    """An earlier window that was missed leaves the promise of the order kept."""
    says(4, 4)
    of = promised()
    made = shipped(of)
    of.delivered_at = local(KOLKATA, 2026, 3, 6, 12)
    of.parcels.update(delivered_at=of.delivered_at)
    of.save()
    promises.settle(of)
    made.refresh_from_db()
    assert (promises.first(of).kept, made.kept) == (True, False)


def test_estimator_is_told_of_the_parcel_at_hand():
    line, other = LineSnapshot(reference="1", origin="S1"), LineSnapshot(reference="2", origin="S2")
    of = order(lines=(line, other))
    box = parcel(of, carrier="Blue", service="fast", shipped_at=SHIPPED, snapshot={"lines": [other.to_json()]})
    promises.at_shipping(of, box, SHIPPED)
    [asked] = Saying.asked
    assert (asked.ordered_at, asked.shipped_at, asked.moment) == (of.placed_at, SHIPPED, SHIPPED)
    assert (asked.lines, asked.leaves_from, asked.carrier, asked.service) == ((other,), "S2", "Blue", "post")


def test_open_parcel_is_asked_about_as_things_stand():
    of = order()
    box = parcel(of, shipped_at=SHIPPED)
    now = SHIPPED + timedelta(days=2)
    asked = promises.request_for_parcel(of, box, now=now, scanned_at=now - timedelta(hours=1))
    assert (asked.moment, asked.shipped_at, asked.scanned_at) == (now, SHIPPED, now - timedelta(hours=1))
    assert promises.request_for_parcel(of, None, now=now).shipped_at is None


def test_asking_costs_no_query(django_assert_num_queries):
    of = order()
    box = parcel(of)
    with django_assert_num_queries(0):
        promises.request_for_parcel(of, box, now=SHIPPED)


def test_order_from_two_sellers_is_promised_for_the_last_parcel(says):
    of = order(lines=(LineSnapshot(reference="1", origin="S1"), LineSnapshot(reference="2", origin="S2")))
    made = promises.at_order(of, of.as_snapshot)
    assert [each.leaves_from for each in Saying.asked] == ["S1", "S2"]
    assert (made.latest.day, made.confidence) == (6, None)
