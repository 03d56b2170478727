"""What is read of the shop's rows, and how."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.shipping.learning import parcels
from ecommerce_comms.shipping.learning.surroundings import surroundings
from ecommerce_comms.shipping.models import Tracking
from tests.shipping.learning import past
from tests.shipping.learning.past import NOW
from tests.shipping.making import KOLKATA, local, service, warehouse

pytestmark = pytest.mark.django_db
PLACED = local(KOLKATA, 2026, 2, 2, 10)
SHIPPED, ARRIVED = PLACED + timedelta(days=1), PLACED + timedelta(days=4)
CUP = {"reference": "1", "sku": "cup", "quantity": 2, "price": "4.00", "weight_kg": "0.5", "category": "cups"}
POT = {"reference": "2", "sku": "pot", "quantity": 1, "price": "9.50", "weight_kg": "1.25", "category": "pots", "origin": "S7"}


def read(until=NOW, days=365, most=1000):
    return [row.shipment for row in parcels.read(until, surroundings().places, days=days, most=most)]


def test_parcel_is_read_on_the_clock_at_its_destination():
    past.parcel(past.order(local("Asia/Tokyo", 2026, 2, 3, 1), zone="Asia/Tokyo"), SHIPPED, ARRIVED)
    [found] = read()
    assert (found.ordered_at.day, found.ordered_at.hour, found.ordered_at.tzinfo.key) == (3, 1, "Asia/Tokyo")
    assert (found.shipped_at, found.delivered_at) == (max(SHIPPED, found.ordered_at), ARRIVED)


def test_parcel_tells_what_is_in_it_and_where_it_goes():
    of = past.order(PLACED, lines=[CUP, CUP | {"reference": "2"}], address={
        "country": "in", "region": " West Bengal ", "postcode": "700 001", "latitude": 22.5, "longitude": 88.3,
    })
    past.parcel(of, SHIPPED, ARRIVED, carrier=" BLUE ")
    [found] = read()
    assert (found.items, found.weight_kg, found.value, found.category, found.freight) == (4, 1.0, 8.0, "cups", 2.5)
    assert (found.destination_country, found.destination_region, found.destination_postcode) == ("IN", "wb", "700001")
    assert (found.destination_point, found.carrier, found.service) == ((22.5, 88.3), "blue", "post")


def test_numbers_that_are_none_are_unknown():
    past.parcel(past.order(PLACED, lines=[CUP | {"price": "NaN", "weight_kg": "", "quantity": "x"}], address={"latitude": 91}), SHIPPED)
    [found] = read()
    assert (found.items, found.weight_kg, found.value, found.destination_point) == (1, None, None, None)


def test_option_names_the_carrier_where_the_parcel_does_not_and_its_other_names_are_one():
    post = service(carrier="Blue Dart")
    post.carrier.aliases = "bluedart\nBD EXPRESS"
    post.carrier.save()
    for carrier in ("", "bd express", "Blue Dart", "blue-dart"):
        past.parcel(past.order(PLACED), SHIPPED, carrier=carrier)
    assert {each.carrier for each in read()} == {"blue-dart"}


def test_parcel_without_an_origin_leaves_from_the_usual_warehouse_and_a_seller_keeps_the_name():
    warehouse(name="Depot", country="IN", region="WB", latitude=22.5, longitude=88.3)
    past.parcel(past.order(PLACED), SHIPPED)
    past.parcel(past.order(PLACED, lines=[POT]), SHIPPED)
    assert {(each.origin, each.origin_country, each.origin_point) for each in read()} == {("depot", "IN", (22.5, 88.3)), ("s7", "IN", None)}


def test_order_that_has_not_left_waits_once_for_each_origin():
    past.order(PLACED, lines=[CUP, POT])
    assert [(each.origin, each.items, each.shipped_at) for each in read()] == [("", 2, None), ("s7", 1, None)]


def test_rest_of_a_split_order_still_waits():
    past.parcel(past.order(PLACED, lines=[CUP, POT]), SHIPPED, ARRIVED, snapshot={"lines": [CUP]})
    assert [(each.origin, each.items, each.delivered_at) for each in read()] == [("", 2, ARRIVED), ("s7", 1, None)]


def test_order_of_which_all_has_left_waits_for_nothing():
    past.parcel(past.order(PLACED, lines=[CUP, POT]), SHIPPED)
    assert [each.shipped_at for each in read()] == [SHIPPED]


def test_parcel_that_is_announced_but_not_told_still_waits():
    past.parcel(past.order(PLACED), SHIPPED, snapshot={"of": 2})
    assert [each.shipped_at for each in read()] == [SHIPPED, None]


@pytest.mark.parametrize("field", ["cancelled_at", "refunded_at"])
def test_nobody_waits_any_more_for_what_was_cancelled_or_refunded(field):
    past.parcel(past.order(PLACED, **{field: ARRIVED}), SHIPPED)
    [found] = read()
    assert (found.shipped_at, found.delivered_at, found.cancelled_at) == (SHIPPED, None, ARRIVED)


def test_refund_after_the_arrival_ends_nothing():
    past.parcel(past.order(PLACED, refunded_at=ARRIVED + timedelta(days=3)), SHIPPED, ARRIVED)
    [found] = read()
    assert (found.delivered_at, found.cancelled_at) == (ARRIVED, None)


def test_nobody_waits_for_a_parcel_that_the_carrier_lost():
    box = past.parcel(past.order(PLACED), SHIPPED)
    Tracking.objects.create(parcel=box, status="lost", status_at=ARRIVED, scanned_at=ARRIVED)
    assert [each.cancelled_at for each in read()] == [ARRIVED]


def test_moments_in_the_wrong_order_are_put_right():
    past.parcel(past.order(PLACED), PLACED - timedelta(hours=2), PLACED - timedelta(hours=3))
    [found] = read()
    assert found.ordered_at == found.shipped_at == found.delivered_at


def test_nothing_that_happened_later_is_seen():
    """Learning for a day in the past reads what it would have read then."""
    until = PLACED + timedelta(days=2)
    of = past.order(PLACED, lines=[CUP, POT])
    past.parcel(of, SHIPPED, snapshot={"lines": [CUP]})
    then = read(until)
    past.parcel(of, until + timedelta(hours=1), until + timedelta(days=1), "2", snapshot={"lines": [POT]})
    of.parcels.update(delivered_at=until + timedelta(seconds=1))
    of.cancelled_at = of.refunded_at = of.delivered_at = until + timedelta(days=9)
    of.save()
    past.parcel(past.order(until + timedelta(seconds=1)), None)
    assert read(until) == then
    assert read() != then


def test_newest_orders_are_read_first_and_no_more_than_wanted():
    for day in range(5):
        past.parcel(past.order(PLACED + timedelta(days=day)), NOW)
    assert [each.ordered_at for each in read(most=2)] == [PLACED + timedelta(days=4), PLACED + timedelta(days=3)]
    assert (len(read(days=28)), len(read(days=25))) == (5, 2)


def test_rows_are_read_in_pages_two_statements_each(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(parcels, "PAGE", 10)
    placed = [PLACED] * 15 + [PLACED - timedelta(days=1)] * 8  # a page ends among orders of one moment
    for each in placed:
        past.parcel(past.order(each), SHIPPED)
    surroundings()
    with django_assert_num_queries(2 * 3 + 1):
        found = read()
    assert len(found) == len(placed)
