"""Pick-up points."""

from __future__ import annotations

from datetime import date

import pytest

from ecommerce_comms.shipping.models import Carrier, ClosedDay, PickupPoint, Service
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.shipping.points import kilometres
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)
HOME = AddressSnapshot(country="XI", postcode="700029")


@pytest.fixture(autouse=True)
def shop():
    """Country XI has no public holidays."""
    warehouse(handling_days_max=0)
    service("fetch", kind="point", transit_days_min=1, transit_days_max=1, carrier="Blue")


def point(name, postcode="", **fields):
    return PickupPoint.objects.create(name=name, postcode=postcode, country="XI", **fields)


def option(destination=HOME, at=MONDAY_10):
    found = quote(destination, at=at)
    return found[0] if found else None


def test_the_nearest_points_are_named_by_postcode():
    for code in ("110001", "700073", "700020", "700019", "800001"):
        point(code, code)
    assert [each.name for each in option().points] == ["700020", "700073", "700019"]


def test_the_nearest_points_are_named_by_distance_where_both_places_are_known():
    point("same code, far", "700029", latitude=22.8, longitude=88.4)
    point("near", "1", latitude=22.6, longitude=88.4)
    point("another city", "700029", latitude=28.6, longitude=77.2)
    there = AddressSnapshot(country="XI", postcode="700029", latitude=22.57, longitude=88.36)
    assert [each.name for each in option(there).points] == ["near", "same code, far"]


def test_a_point_in_another_part_of_the_country_is_not_named_beside_a_near_one():
    point("near", "700073")
    point("far", "110001")
    assert [each.name for each in option().points] == ["near"]
    PickupPoint.objects.filter(name="near").delete()
    PickupPoint.objects.get(name="far").save()
    assert [each.name for each in option().points] == ["far"]


def test_kilometres_are_those_of_the_globe():
    assert kilometres((22.5726, 88.3639), (23.8103, 90.4125)) == pytest.approx(249, abs=5)  # Kolkata, Dhaka
    assert kilometres((0, 179.5), (0, -179.5)) == pytest.approx(111, abs=1)


def test_the_window_is_on_days_on_which_the_point_is_open():
    point("office", "700029", opening_days="45")
    assert (option().earliest, option().latest) == (date(2026, 3, 5), date(2026, 3, 5))


def test_the_window_holds_whichever_of_the_points_is_chosen():
    point("shop", "700029", opening_days="1234567")
    point("office", "700028", opening_days="5")
    assert (option().earliest, option().latest) == (date(2026, 3, 3), date(2026, 3, 6))


def test_a_point_is_closed_on_closed_days_too():
    point("shop", "700029", opening_days="1234567")
    ClosedDay.objects.create(day=date(2026, 3, 3), country="XI")
    assert option().earliest == date(2026, 3, 4)


def test_where_there_is_no_point_nothing_can_be_fetched():
    assert option() is None
    point("gone", is_active=False)
    point("theirs", carrier=Carrier.objects.create(name="Other"))
    point("other option", service=Service.objects.create(code="else", name="Else"))
    assert option() is None
    point("ours", carrier=Carrier.objects.get(name="Blue"))
    assert [each.name for each in option().points] == ["ours"]


def test_points_are_not_named_to_somebody_who_may_be_anywhere():
    point("shop", "700029")
    anywhere = option(AddressSnapshot(country="XI"))
    assert anywhere.points == () and anywhere.kind == "point" and anywhere.latest


def test_an_option_to_the_door_names_no_points():
    point("shop", "700029")
    service("door", position=1)
    assert quote(HOME, at=MONDAY_10)[1].points == ()
