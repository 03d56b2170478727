"""What a carrier's own date is worth."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.shipping.carriers.evidence import window
from tests.shipping.carriers.story import say, shipped, tracking

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def days(earliest, latest):
    return (earliest and TODAY + timedelta(days=earliest)), (latest and TODAY + timedelta(days=latest))


@pytest.mark.parametrize(("told", "expected"), [
    ((2, 4), (2, 4)), ((None, 4), (4, 4)), ((-3, 4), (0, 4)), ((366, 400), None), ((-5, -1), None), ((None, None), None),
    ((1, 365), (1, 365)),
])
def test_window_that_makes_sense_is_evidence(fake_shop, clock, told, expected):
    shipped()
    earliest, latest = days(*told)
    say("in_transit", manual=clock, estimate_earliest=earliest, estimate_latest=latest)
    assert window(tracking(), clock()) == (tuple(TODAY + timedelta(days=day) for day in expected) if expected else None)


def test_date_before_the_parcel_left_is_refused(fake_shop, clock):
    clock.advance(days=3)
    shipped()
    say("in_transit", manual=clock, estimate_latest=TODAY + timedelta(days=2))
    assert window(tracking(), clock() - timedelta(days=2)) is None


def test_date_is_the_destinations(fake_shop, clock):
    shipped()
    say("in_transit", manual=clock, estimate_latest=TODAY)
    assert window(tracking(), clock().replace(hour=18, minute=0)) == (TODAY, TODAY)
    assert window(tracking(), clock().replace(hour=19, minute=0)) is None  # half past midnight in Kolkata
