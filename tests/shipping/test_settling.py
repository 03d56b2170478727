"""Promises kept and missed."""

from __future__ import annotations

from datetime import date

import pytest

from ecommerce_comms.shipping import promises
from ecommerce_comms.zones import zone
from tests.shipping.making import KOLKATA, local, parcel, promised

pytestmark = pytest.mark.django_db
SHIPPED = local(KOLKATA, 2026, 3, 3, 18)


def deliver(of, at, *boxes):
    for box in boxes:
        box.delivered_at = at
        box.save()
    of.delivered_at = at
    of.save()
    promises.settle(of)


def revise(of, box, earliest, latest):
    return promises.revise(of, box, date(2026, 3, earliest), date(2026, 3, latest), source="merchant", reason="", made_at=SHIPPED)


@pytest.mark.parametrize(
    ("zone_name", "arrived", "kept"),
    [
        (KOLKATA, local(KOLKATA, 2026, 3, 6, 23, 59), True),
        (KOLKATA, local(KOLKATA, 2026, 3, 7, 0, 0), False),
        ("America/Los_Angeles", local("America/Los_Angeles", 2026, 3, 6, 23, 59), True),  # 7 March in UTC
        ("Asia/Tokyo", local("Asia/Tokyo", 2026, 3, 7, 0, 1), False),  # 6 March in UTC
    ],
)
def test_a_promise_is_kept_until_midnight_of_its_last_day_at_the_destination(zone_name, arrived, kept):
    of = promised(zone=zone_name)
    made = promises.at_order(of, of.as_snapshot)
    assert (arrived < made.overdue_at) is kept
    deliver(of, arrived)
    made.refresh_from_db()
    assert (made.kept, made.is_open) == (kept, False)


def test_the_first_promise_is_scored_beside_the_one_that_replaced_it():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    revise(of, box := parcel(of), 9, 12)
    deliver(of, local(KOLKATA, 2026, 3, 10, 12), box)
    assert promises.first(of).kept is False
    assert promises.current(of, box).kept is True


def test_an_arrival_that_turns_out_earlier_is_scored_again():
    of = promised()
    made = promises.at_order(of, of.as_snapshot)
    deliver(of, local(KOLKATA, 2026, 3, 9, 12))
    deliver(of, local(KOLKATA, 2026, 3, 6, 12))
    made.refresh_from_db()
    assert made.kept is True


def test_an_arrival_that_was_taken_back_opens_the_promise_again():
    of = promised()
    made = promises.at_order(of, of.as_snapshot)
    deliver(of, local(KOLKATA, 2026, 3, 5, 12))
    deliver(of, None)
    made.refresh_from_db()
    assert (made.kept, made.is_open) == (None, True)


def test_an_order_of_which_a_part_arrived_stays_open():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    one = parcel(of)
    promises.at_shipping(of, one, SHIPPED)
    one.delivered_at = SHIPPED
    one.save()
    promises.settle(of)
    assert promises.newest(of).is_open
    assert promises.current(of, one).kept is True


def test_cancelling_closes_every_promise_without_a_verdict():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    promises.at_shipping(of, parcel(of), SHIPPED)
    of.cancelled_at = SHIPPED
    promises.settle(of)
    assert set(of.promises.values_list("is_open", "kept")) == {(False, None)}


def test_a_promise_of_what_has_arrived_already_is_written_closed_and_scored():
    """The news of the order came after the news of its arrival."""
    of = promised()
    of.delivered_at = local(KOLKATA, 2026, 3, 6, 12)
    made = promises.at_order(of, of.as_snapshot)
    assert (made.is_open, made.kept) == (False, True)


def test_a_promise_of_a_cancelled_order_is_written_closed():
    of = promised()
    of.cancelled_at = SHIPPED
    made = promises.at_order(of, of.as_snapshot)
    assert (made.is_open, made.kept) == (False, None)


def test_settling_is_one_query_when_nothing_changed_and_two_when_something_did(django_assert_num_queries):
    of = promised()
    promises.at_order(of, of.as_snapshot)
    with django_assert_num_queries(1):
        promises.settle(of)
    of.delivered_at = SHIPPED
    with django_assert_num_queries(2):
        promises.settle(of)
    with django_assert_num_queries(1):
        promises.settle(of)


def test_a_day_ends_at_midnight_even_where_the_clocks_skip_it():
    """In Sao Paulo summer time began at midnight: 4 November 2018 started at 01:00."""
    assert promises.overdue_at(date(2018, 11, 3), zone("America/Sao_Paulo")) == local("America/Sao_Paulo", 2018, 11, 4, 1)
