"""Arrival dates from the merchant's table."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest
from django.db import transaction

from ecommerce_comms.shipping.estimators.table import TableEstimator
from ecommerce_comms.shipping.models import ClosedDay, Rate, Warehouse
from ecommerce_comms.zones import zone
from tests.shipping.making import KOLKATA, LONDON, local, request, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


def window(ordered_at=MONDAY_10, **fields):
    told = TableEstimator().estimate(request(ordered_at, **fields))
    return (told.earliest, told.latest) if told else None


def march(*days):
    return tuple(date(2026, 3, day) for day in days)


def test_an_order_before_the_cut_off_leaves_today_and_takes_handling_and_transit_days():
    warehouse()
    service()
    assert window() == march(4, 6)


def test_an_order_after_the_cut_off_counts_for_the_next_working_day():
    warehouse()
    service()
    assert window(local(KOLKATA, 2026, 3, 2, 14)) == march(4, 6)
    assert window(local(KOLKATA, 2026, 3, 2, 14, 1)) == march(5, 7)


def test_the_cut_off_is_read_on_the_warehouses_clock_not_in_utc():
    warehouse(time_zone="America/New_York")
    service()
    before, after = local("America/New_York", 2026, 3, 3, 13, 59), local("America/New_York", 2026, 3, 3, 14, 1)
    assert before.hour == 18  # past 14:00 in UTC all the same
    assert window(before, zone="America/New_York") == march(5, 7)
    assert window(after, zone="America/New_York") == march(6, 9)


def test_a_day_that_has_begun_at_the_destination_only_is_not_yet_the_day_of_departure():
    warehouse(time_zone="America/Los_Angeles", handling_days_max=0)
    service(transit_days_min=0, transit_days_max=0, delivery_days="1234567")
    ordered_at = local("America/Los_Angeles", 2026, 3, 3, 10)
    assert window(ordered_at, zone="Asia/Tokyo") == march(4, 4)
    assert window(ordered_at, zone="Pacific/Honolulu") == march(3, 3)


def test_an_earlier_cut_off_brings_nothing_forward_where_the_evening_is_the_next_day():
    """14:00 in Los Angeles is the next day in Tokyo, 03:00 is not; the carrier comes in the evening either way."""
    house = warehouse(time_zone="America/Los_Angeles", handling_days_max=0)
    service(transit_days_min=0, transit_days_max=0, delivery_days="1234567")
    ordered_at = local("America/Los_Angeles", 2026, 3, 3, 2)
    before = window(ordered_at, zone="Asia/Tokyo")
    house.cut_off = time(3)
    house.save()
    assert window(ordered_at, zone="Asia/Tokyo") == before == march(4, 4)


def test_no_warehouse_or_no_shipping_option_means_no_date():
    assert window() is None
    warehouse()
    assert window() is None
    Warehouse.objects.all().delete()
    service()
    assert window() is None


def test_a_warehouse_from_which_nothing_leaves_means_no_date():
    warehouse(is_default=False)
    service()
    assert window() is None


def test_a_warehouse_that_never_works_means_no_date():
    warehouse(working_days="")
    service()
    assert window() is None


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2026, 10, 25)])
def test_there_is_one_cut_off_on_the_day_the_clocks_change(day):
    """01:30 does not exist on the one day, and comes twice on the other; from midnight on, the date changes exactly once."""
    warehouse(time_zone=LONDON, cut_off=time(1, 30), working_days="1234567", handling_days_max=0)
    service(transit_days_max=2, delivery_days="1234567")
    midnight = local(LONDON, day.year, day.month, day.day)
    windows = [window(midnight + timedelta(minutes=10 * step), zone=LONDON) for step in range(6 * 25)]
    firsts = [earliest for earliest, _latest in windows]
    assert firsts == sorted(firsts)
    expected = {day + timedelta(days=2), day + timedelta(days=3)}
    assert set(firsts) - {day + timedelta(days=4)} == expected


def test_where_the_clocks_go_back_the_cut_off_is_the_first_of_the_two():
    warehouse(time_zone=LONDON, cut_off=time(1, 30), working_days="1234567", handling_days_max=0)
    service(transit_days_max=2, delivery_days="1234567")
    assert window(local(LONDON, 2026, 10, 25, 1, 20), zone=LONDON)[0] == date(2026, 10, 27)
    assert window(local(LONDON, 2026, 10, 25, 1, 20, fold=1), zone=LONDON)[0] == date(2026, 10, 28)
    on_the_same_clock = datetime(2026, 10, 25, 1, 20, fold=1, tzinfo=zone(LONDON))
    assert window(on_the_same_clock, zone=LONDON)[0] == date(2026, 10, 28)


def test_the_cut_off_keeps_its_wall_time_over_the_change_of_the_clocks():
    warehouse(time_zone=LONDON, handling_days_max=0)
    service(transit_days_max=2)
    for day, utc_hour in ((date(2026, 3, 27), 14), (date(2026, 3, 30), 13)):
        cut_off = datetime(day.year, day.month, day.day, utc_hour, tzinfo=timezone.utc)
        assert window(cut_off, zone=LONDON) < window(cut_off + timedelta(minutes=1), zone=LONDON)


def test_saturday_is_a_delivery_day_only_where_the_option_says_so():
    warehouse(handling_days_max=0)
    service(transit_days_min=1, transit_days_max=1)
    service("office", transit_days_min=1, transit_days_max=1, delivery_days="12345")
    friday = local(KOLKATA, 2026, 3, 6, 10)
    assert window(friday) == march(7, 7)
    assert window(friday, service="office") == march(9, 9)


def test_a_weekend_of_friday_and_saturday_is_kept():
    """Dhaka: an order of Thursday afternoon is prepared on Sunday, and nothing is brought on Friday or Saturday."""
    warehouse(country="", time_zone="Asia/Dhaka", working_days="12347")
    service(delivery_days="12347")
    assert window(local("Asia/Dhaka", 2026, 3, 5, 15), zone="Asia/Dhaka") == march(10, 12)


def test_public_holidays_count_at_both_ends():
    """India's Republic Day stops the warehouse, Language Martyrs' Day in Bangladesh stops the delivery."""
    pytest.importorskip("holidays")
    warehouse(country="IN", handling_days_max=0, working_days="123456")
    service(transit_days_min=1, transit_days_max=1, delivery_days="1234567")
    assert window(local(KOLKATA, 2026, 1, 26, 10), country="BD", zone="Asia/Dhaka")[0] == date(2026, 1, 28)
    assert window(local(KOLKATA, 2026, 2, 20, 10), country="BD", zone="Asia/Dhaka")[0] == date(2026, 2, 22)
    assert window(local(KOLKATA, 2026, 2, 20, 10), country="LK", zone="Asia/Colombo")[0] == date(2026, 2, 21)


def test_the_first_of_january_counts_in_the_year_that_begins():
    pytest.importorskip("holidays")
    warehouse(country="GB", region="ENG", time_zone=LONDON, handling_days_max=0)
    service(transit_days_min=1, transit_days_max=1, delivery_days="12345")
    assert window(local(LONDON, 2026, 12, 31, 10), country="GB", zone=LONDON)[0] == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, (4, 6)),
        ({"country": "US"}, (4, 6)),
        ({"country": "GB"}, (6, 9)),
        ({"country": "gb", "region": "sct"}, (7, 10)),
        ({"country": "GB", "region": "ENG"}, (6, 9)),
        ({"country": "US", "region": "SCT"}, (4, 6)),
    ],
)
def test_the_closest_match_of_the_option_counts(place, expected):
    warehouse()
    service()
    service(country="GB", transit_days_min=4, transit_days_max=5)
    service(country="GB", region="SCT", transit_days_min=5, transit_days_max=6)
    assert window(**place) == march(*expected)


@pytest.mark.parametrize("code", ["", "never-heard-of"])
def test_an_unknown_option_gives_the_widest_window_of_those_on_offer(code):
    warehouse()
    service("quick", transit_days_min=1, transit_days_max=1)
    service("slow", transit_days_min=4, transit_days_max=5)
    service("sea", transit_days_min=40, transit_days_max=60, is_active=False)
    service("abroad", country="GB", transit_days_min=10, transit_days_max=20)
    assert window(service=code) == march(3, 9)


def test_an_order_by_an_option_no_longer_offered_still_has_its_date():
    warehouse()
    service(is_active=False)
    assert window() == march(4, 6)


def test_once_the_parcel_has_left_only_its_time_on_the_way_counts():
    warehouse(handling_days_min=9, handling_days_max=9)
    service()
    assert window(shipped_at=local(KOLKATA, 2026, 3, 4, 23)) == march(6, 7)


def test_a_new_closed_day_counts_at_once_and_moves_the_date_later():
    warehouse()
    service()
    before = window()
    ClosedDay.objects.create(day=date(2026, 3, 4))
    after = window()
    assert before < after == march(5, 7)  # nothing is brought on 4 March
    ClosedDay.objects.all().delete()
    assert window() == before


def test_a_closed_day_elsewhere_changes_nothing():
    warehouse()
    service()
    ClosedDay.objects.create(day=date(2026, 3, 4), country="GB")
    assert window() == march(4, 6)


def test_a_window_never_begins_or_ends_on_a_closed_day():
    warehouse(working_days="1234567")
    service(delivery_days="12345")
    ClosedDay.objects.create(day=date(2026, 3, 11))
    for hours in range(0, 24 * 14, 5):
        for day in window(MONDAY_10 + timedelta(hours=hours)):
            assert day.isoweekday() < 6 and day != date(2026, 3, 11)


def test_a_later_cut_off_never_makes_it_later():
    """Only whole days matter, so each hour of a week is compared under two cut-offs."""
    house = warehouse(cut_off=time(9))
    service()
    hours = [MONDAY_10 + timedelta(hours=hour) for hour in range(0, 24 * 7, 3)]
    early = [window(moment) for moment in hours]
    house.cut_off = time(18)
    house.save()
    late = [window(moment) for moment in hours]
    assert all(after <= before for before, after in zip(early, late, strict=True))
    assert late != early


def test_ordering_until_the_order_by_moment_keeps_the_window():
    warehouse()
    service()
    friday_night = local(KOLKATA, 2026, 3, 6, 20)
    told = TableEstimator().estimate(request(friday_night))
    assert told.order_by == local(KOLKATA, 2026, 3, 9, 14)
    assert window(told.order_by) == (told.earliest, told.latest)
    assert window(told.order_by + timedelta(seconds=1)) > (told.earliest, told.latest)


def test_the_reason_says_in_words_what_was_counted():
    warehouse()
    service()
    told = TableEstimator().estimate(request(MONDAY_10))
    assert told.reason == "Ordered by 14:00 on Mon 2 Mar, leaves Depot on Mon 2 Mar to Tue 3 Mar; Post takes 2 to 3 delivery days."
    assert (told.source, told.confidence) == ("rule", None)
    left = TableEstimator().estimate(request(MONDAY_10, shipped_at=MONDAY_10))
    assert left.reason == "Left Depot on Mon 2 Mar; Post takes 2 to 3 delivery days."


def test_an_unknown_zone_of_the_destination_is_read_as_the_shops():
    warehouse()
    service()
    assert window(zone="Mars/Base") == window(zone="../../etc/passwd") == window(zone="") == march(4, 6)


def test_a_warm_estimate_asks_the_database_nothing(django_assert_num_queries):
    warehouse()
    service()
    window()
    with django_assert_num_queries(0):
        window()


def test_rows_of_a_rolled_back_transaction_are_not_remembered():
    warehouse()
    service()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Rate.objects.update_or_create(service__code="post", defaults={"transit_days_max": 9})
        assert window() == march(4, 13)
        raise ZeroDivisionError
    assert window() == march(4, 6)
