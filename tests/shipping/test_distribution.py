"""Chances of arriving on each of a row of days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.shipping.calendars import Calendar, weekdays
from ecommerce_comms.shipping.estimators.base import Estimate, last_of, window
from ecommerce_comms.shipping.estimators.distribution import Distribution

MONDAY = date(2026, 3, 2)
OFFICE = Calendar(weekdays("12345")).next_open


def of(*chances, first=MONDAY):
    return Distribution(first, chances)


def day(number):
    return MONDAY + timedelta(days=number)


def test_what_would_come_on_a_closed_day_comes_on_the_next_open_one():
    moved = of(0.1, 0.2, 0.1, 0.1, 0.1, 0.2, 0.1, 0.05).moved(OFFICE)
    assert moved.first == MONDAY
    assert moved.chances == pytest.approx((0.1, 0.2, 0.1, 0.1, 0.1, 0, 0, 0.35))


def test_first_day_that_is_closed_moves_the_beginning():
    moved = of(0.5, 0.5, first=day(5)).moved(OFFICE)
    assert (moved.first, moved.chances) == (day(7), (1.0,))


def test_nothing_is_lost_where_only_the_last_day_is_closed():
    assert of(0.5, 0.5, first=day(4)).moved(OFFICE).chances == (0.5, 0, 0, 0.5)


def test_what_has_not_come_by_now_comes_later_with_the_chances_that_are_left():
    since = of(0.5, 0.3, 0.1).since(day(1))
    assert (since.first, since.chances) == (day(1), pytest.approx((0.6, 0.2)))
    assert since.chance_after(day(9)) == pytest.approx(0.2)
    assert of(0.5, 0.5).since(day(2)) is None
    assert of(0.5, 0.5, first=day(3)).since(day(1)).first == day(3)


def test_the_later_of_two_is_later_than_either():
    one, other = of(0.5, 0.5), of(0.2, 0.3, 0.4, first=day(1))
    both = one.later_of(other)
    for number in range(6):
        assert both.chance_by(day(number)) == pytest.approx(one.chance_by(day(number)) * other.chance_by(day(number)))
    assert both == other.later_of(one)


def test_the_later_of_two_that_do_not_meet_is_the_second():
    assert of(0.5, 0.5).later_of(of(0.3, 0.7, first=day(8))).chances == pytest.approx((0.3, 0.7))


def test_mixture_takes_its_share_of_each():
    mixed = of(1.0).mixed(of(0.5, 0.5, first=day(2)), 0.25)
    assert mixed.chances == pytest.approx((0.75, 0, 0.125, 0.125))


def test_window_begins_when_one_in_ten_has_come_and_ends_at_the_promise_level():
    told = window(of(0.05, 0.5, 0.3, 0.05, 0.05, 0.05), 0.9)
    assert (told.earliest, told.latest, told.confidence) == (day(1), day(3), pytest.approx(0.9))


def test_wider_is_not_earlier():
    """The shortest run of days with eight of ten would begin a day earlier once it holds a peak."""
    usual, peak = of(0.09, 0, 0.81, 0.1), of(0.09, 0, 0.71, 0.05, 0.05, 0.05, 0.05)
    assert window(peak, 0.9).earliest >= window(usual, 0.9).earliest


def test_where_some_never_come_the_day_is_that_of_the_others_and_the_confidence_says_so():
    told = window(of(0.4, 0.3, 0.1, 0.05), 0.9)
    assert (told.latest, told.confidence) == (day(2), pytest.approx(0.8))


def test_there_is_no_window_where_too_many_never_come():
    assert window(of(0.5, 0.25), 0.9) is None


def told(latest, reason="why", **fields):
    return Estimate(**({"earliest": MONDAY, "latest": day(latest), "source": "rule", "reason": reason} | fields))


def test_the_whole_is_there_when_the_last_part_is():
    both = last_of([told(3), told(5, "far")])
    assert (both.latest, both.confidence, both.reason) == (day(5), None, "It comes in 2 parcels; about the last one: far")


def test_the_whole_has_no_date_where_one_part_has_none():
    assert last_of([told(3), None]) is None
    assert last_of([]) is None


def test_two_parts_are_less_sure_than_one():
    part = window(of(0.5, 0.4, 0.05, 0.05), 0.9)
    assert part.latest == day(1)
    assert last_of([part, part]).latest == day(2)
