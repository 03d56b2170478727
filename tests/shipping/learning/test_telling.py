"""What a shop never tells is not taken for something that never happened."""

from __future__ import annotations

from datetime import timedelta

from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.learning.parcels import Read
from ecommerce_comms.shipping.learning.telling import only_told
from tests.shipping.learning.past import NOW

DAY = timedelta(days=1)


def row(*, ago=60, left=1, came=4, paid=True, **fields):
    """A parcel of ``ago`` days ago, that left and came so many days later; ``None``: not yet, as far as is told."""
    placed = NOW - ago * DAY
    moments = {name: placed + days * DAY if days is not None else None for name, days in (("shipped_at", left), ("delivered_at", came))}
    return Read(Shipment(ordered_at=placed, **moments, **({"carrier": "blue", "origin": "depot"} | fields)), paid)


def told(*rows):
    return only_told(rows, NOW)


def open_ones(shipments):
    return [each for each in shipments if each.delivered_at is None and each.cancelled_at is None]


def test_open_parcels_count_where_ends_are_told():
    assert len(open_ones(told(*[row()] * 20, row(came=None), row(ago=3, left=None, came=None)))) == 2


def test_parcels_of_a_carrier_whose_arrivals_are_not_told_count_until_they_left():
    found = told(*[row()] * 20, *[row(came=None, carrier="mute")] * 20, row(ago=5, came=None, carrier="mute"))
    assert open_ones(found) == []
    assert len(found) == 41
    assert all(each.cancelled_at == each.shipped_at for each in found if each.carrier == "mute")


def test_few_lost_parcels_make_no_carrier_mute():
    assert len(open_ones(told(*[row()] * 19, row(came=None)))) == 1


def test_young_parcels_are_no_sign_that_nothing_is_told():
    assert len(open_ones(told(*[row(ago=5, came=None)] * 30))) == 30


def test_orders_that_never_leave_an_origin_that_does_not_tell_are_left_out():
    found = told(*[row()] * 20, *[row(left=None, came=None, origin="mute")] * 20)
    assert {each.origin for each in found} == {"depot"}


def test_cart_that_was_never_paid_waits_for_nothing_where_payments_are_told():
    unpaid = row(ago=5, left=None, came=None, paid=False)
    assert len(open_ones(told(*[row()] * 20, unpaid))) == 0
    assert len(open_ones(told(*[row(paid=False)] * 20, unpaid))) == 1  # this shop tells no payments


def test_departure_that_was_forgotten_leaves_its_parcel_out():
    assert len(told(*[row()] * 20, row(left=None))) == 20


def test_where_departures_are_never_told_all_the_time_is_handling():
    found = told(*[row(left=None)] * 20)
    assert [each.shipped_at for each in found] == [each.delivered_at for each in found]
