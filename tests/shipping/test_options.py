"""What a shop shows before the sale."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ecommerce_comms.shipping import tables as tables_module
from ecommerce_comms.shipping.models import ClosedDay
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


def codes(*args, **kwargs):
    return [option.code for option in quote(*args, **kwargs)]


def test_each_option_has_its_price_and_its_window(clock):
    warehouse()
    service("quick", transit_days_min=1, transit_days_max=1, price="120.00", currency="INR", carrier="Blue", position=1)
    service("post", price="40.00", currency="INR", position=2)
    quick, post = quote(AddressSnapshot(country="US"))
    assert (quick.code, quick.name, quick.carrier, quick.price, quick.currency) == ("quick", "Quick", "Blue", Decimal("120.00"), "INR")
    assert (quick.earliest, quick.latest) == (date(2026, 3, 3), date(2026, 3, 4))
    assert (post.earliest, post.latest, post.order_by) == (date(2026, 3, 4), date(2026, 3, 6), local(KOLKATA, 2026, 3, 2, 14))


def test_without_a_warehouse_the_options_are_shown_without_a_date():
    service()
    option, = quote(at=MONDAY_10)
    assert (option.earliest, option.latest, option.order_by, option.reason) == (None, None, None, "")


def test_only_what_reaches_the_destination_is_offered():
    warehouse()
    service("world")
    service("home", country="IN")
    service("hills", country="IN", region="SK")
    service("gone", is_active=False)
    assert codes(AddressSnapshot(country="US"), at=MONDAY_10) == ["world"]
    assert codes(AddressSnapshot(country="IN"), at=MONDAY_10) == ["home", "world"]
    assert codes(AddressSnapshot(country="IN", region="SK"), at=MONDAY_10) == ["hills", "home", "world"]
    assert codes(AddressSnapshot(), at=MONDAY_10) == ["world"]


def test_an_option_switched_off_for_a_region_is_not_offered_there():
    warehouse()
    service("express")
    service("express", country="IN", region="LD", is_active=False)
    assert codes(AddressSnapshot(country="IN", region="LD"), at=MONDAY_10) == []
    assert codes(AddressSnapshot(country="IN"), at=MONDAY_10) == ["express"]


def test_without_a_destination_it_is_the_country_of_the_warehouse():
    warehouse(country="BD")
    service("home", country="BD")
    assert codes(at=MONDAY_10) == ["home"]


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd"])
def test_a_customers_unknown_zone_is_the_shops(name):
    warehouse()
    service()
    assert quote(at=MONDAY_10, time_zone=name) == quote(at=MONDAY_10, time_zone=KOLKATA)


def test_a_country_with_one_time_zone_has_its_own_days():
    """Sunday evening in Kolkata is Monday in Auckland, and nothing is brought on the day that has passed there."""
    warehouse(working_days="1234567", cut_off="22:00", handling_days_max=0)
    service(transit_days_min=0, transit_days_max=0, delivery_days="1234567")
    sunday_night = local(KOLKATA, 2026, 3, 1, 21)
    days = {country: quote(AddressSnapshot(country=country), at=sunday_night)[0].earliest.day for country in ("LK", "JP", "US", "")}
    assert days == {"LK": 1, "JP": 2, "US": 1, "": 1}  # America has many zones, so the shop's own counts
    assert quote(AddressSnapshot(country="JP"), at=sunday_night, time_zone=KOLKATA)[0].earliest.day == 1


def test_an_order_of_the_evening_is_told_by_the_next_cut_off():
    warehouse()
    service()
    assert quote(at=local(KOLKATA, 2026, 3, 2, 20))[0].order_by == local(KOLKATA, 2026, 3, 3, 14)


def test_what_strangers_write_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(tables_module, "MOST_PLACES", 20)
    warehouse()
    service(country="IN")
    for number in range(100):
        assert quote(AddressSnapshot(country="IN", region=f"Region {number}", postcode=str(number)), at=MONDAY_10)
    kept = tables_module.tables()
    assert len(kept._calendars) <= 3
    assert len(kept._near) <= 20
    assert len(kept.remembered) <= 64


def test_a_region_with_a_closed_day_of_its_own_has_it_whether_anybody_else_knows_the_region_or_not():
    warehouse(handling_days_max=0)
    service(transit_days_min=1, transit_days_max=1)
    ClosedDay.objects.create(day=date(2026, 3, 3), country="IN", region="Atlantis")
    assert quote(AddressSnapshot(country="IN", region="atlantis"), at=MONDAY_10)[0].earliest == date(2026, 3, 5)
    assert quote(AddressSnapshot(country="IN"), at=MONDAY_10)[0].earliest == date(2026, 3, 3)


def test_any_number_of_options_costs_no_query_once_warm(django_assert_num_queries):
    warehouse()
    for number in range(5):
        service(f"s{number}")
    quote(at=MONDAY_10)
    with django_assert_num_queries(0):
        assert len(quote(at=MONDAY_10)) == 5
