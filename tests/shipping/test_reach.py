"""Which zone a destination lies in."""

from __future__ import annotations

import pytest

from ecommerce_comms.shipping.models import Place, Zone
from ecommerce_comms.shipping.offers import parts_of
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.shipping.reach import closeness, place, read_countries, read_postcodes
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, service, warehouse, zone_of

MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


@pytest.mark.parametrize(("written", "postcode", "is_met"), [
    ("7000", "700029", True),
    ("7000*", "700 029", True),
    ("7000*", "701029", False),
    ("700029", "700029", True),
    ("700029", "7000", False),  # the destination says too little
    ("110001-110096", "110045", True),
    ("110001 - 110096", "110097", False),
    ("110001–110096", "110001", True),
    ("01000-000..05999-999", "03512-000", True),  # Brazil: the codes themselves have a dash
    ("01310-100", "01310-100", True),
    ("01310-100", "01310-200", False),
    ("SW1A", "sw1a 1aa", True),
    ("SW1A", "SW1B 1AA", False),
    ("90210-1234", "90210-1234", True),
    ("7000, 7001; 7002", "700229", True),
])
def test_postcodes_are_met_by_beginning_or_range(written, postcode, is_met):
    read, odd = read_postcodes(written)
    assert odd == []
    assert any(each.closeness(place("XX", "", postcode).postcode) for each in read) is is_met


@pytest.mark.parametrize("odd", ["110001-1100096", "700029..600000", "***", "1..2..3"])
def test_a_range_that_cannot_be_one_is_named(odd):
    assert read_postcodes(f"7000, {odd}")[1] == [odd]


def test_countries_are_read_however_they_are_separated():
    assert read_countries("in, bd;NP\nlk  India") == (["IN", "BD", "NP", "LK"], ["INDIA"])


@pytest.mark.django_db
def test_a_postcode_is_closer_than_a_region_a_region_than_a_country_and_a_country_than_the_world():
    world, india, bengal = Zone.objects.create(name="World"), zone_of("IN"), zone_of("IN", "WB")
    city, lane = zone_of("IN", postcodes="700*"), zone_of("IN", postcodes="7000*")
    there = place("IN", "West Bengal", "700029")
    close = [closeness(parts_of(zone), there) for zone in (world, india, bengal, city, lane)]
    assert close == sorted(set(close)) and len(close) == 5
    assert [closeness(parts_of(zone), place("BD")) for zone in (world, india, bengal, city, lane)] == [0, None, None, None, None]


@pytest.mark.django_db
def test_a_zone_may_name_countries_and_parts_of_others():
    zone = Zone.objects.create(name="Bay", countries="BD, MM")
    Place.objects.create(zone=zone, country="IN", region="WB")
    reached = [closeness(parts_of(zone), place(*there)) is not None for there in [("BD",), ("MM",), ("IN", "WB"), ("IN", "KL"), ("IN",)]]
    assert reached == [True, True, True, False, False]


@pytest.mark.django_db
@pytest.mark.parametrize("region", ["WB", "wb", "West Bengal", " west bengal "])
def test_a_region_is_known_by_its_code_and_by_its_name(region):
    pytest.importorskip("holidays")
    warehouse()
    service("local", country="IN", region="WB")
    assert [option.code for option in quote(AddressSnapshot(country="IN", region=region), at=MONDAY_10)] == ["local"]


@pytest.mark.django_db
def test_the_closest_zone_sets_time_and_price():
    warehouse()
    service(price="80")
    service(country="IN", price="60")
    rate = service(country="IN", region="WB", price="50").rates.latest("pk")
    rate.zone = zone_of("IN", postcodes="7000*")
    rate.price = 20
    rate.save()
    prices = [quote(AddressSnapshot(country=country, postcode=code), at=MONDAY_10)[0].price for country, code in
              [("US", "70002"), ("IN", "600001"), ("IN", "700029")]]
    assert prices == [80, 60, 20]
