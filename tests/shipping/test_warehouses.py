"""Several warehouses, shorter days, and parcels that left or should have left long ago."""

from __future__ import annotations

from datetime import date, time

import pytest

from ecommerce_comms.shipping.estimators.table import TableEstimator, figures
from ecommerce_comms.shipping.models import Carrier, ClosedDay, Warehouse
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import LineSnapshot
from tests.shipping.making import KOLKATA, local, request, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


def told(ordered_at=MONDAY_10, **fields):
    return TableEstimator().estimate(request(ordered_at, **fields))


def window(ordered_at=MONDAY_10, **fields):
    found = told(ordered_at, **fields)
    return (found.earliest, found.latest) if found else None


def march(*days):
    return tuple(date(2026, 3, day) for day in days)


def lines(*origins):
    return tuple(LineSnapshot(origin=origin) for origin in origins)


@pytest.fixture
def two_houses():
    warehouse(name="Depot")
    warehouse(name="Hills", is_default=False, handling_days_min=3, handling_days_max=4, cut_off=time(9))
    service()


@pytest.mark.usefixtures("two_houses")
class TestSeveralWarehouses:
    def test_a_line_leaves_from_its_own_warehouse_and_else_from_the_usual_one(self):
        assert window(lines=lines("")) == window(lines=lines("seller-17")) == window() == march(4, 6)
        assert window(lines=lines("hills")) == march(9, 12)

    @pytest.mark.parametrize("origin", ["hills", "HILLS", " Hills "])
    def test_a_warehouse_is_known_by_its_code_and_its_name(self, origin):
        assert window(lines=lines(origin)) == march(9, 12)

    def test_an_order_from_both_arrives_with_its_last_parcel(self):
        assert window(lines=lines("", "hills", "")) == march(9, 12)
        assert told(lines=lines("", "hills")).reason.startswith("Ordered by 09:00 on Tue 3 Mar, leaves Hills on Fri 6 Mar")

    def test_the_earliest_of_the_cut_offs_keeps_the_window(self):
        monday_8 = local(KOLKATA, 2026, 3, 2, 8)
        found = told(monday_8, lines=lines("", "hills"))
        assert found.order_by == local(KOLKATA, 2026, 3, 2, 9)
        assert window(found.order_by, lines=lines("", "hills")) == (found.earliest, found.latest)

    def test_a_parcel_leaves_from_where_it_is_said_to_leave(self):
        assert window(origin="hills", lines=lines("")) == march(9, 12)

    def test_a_closed_day_of_one_warehouse_is_no_closed_day_of_the_other(self):
        ClosedDay.objects.create(day=date(2026, 3, 2), last_day=date(2026, 3, 4), warehouse=Warehouse.objects.get(name="Depot"))
        assert window() == march(7, 10)
        assert window(lines=lines("hills")) == march(9, 12)

    def test_figures_are_those_of_the_slower_warehouse(self):
        assert figures(request(MONDAY_10, lines=lines("", "hills"))) == ((3, 4), (2, 3))


def test_figures_are_the_merchants_own_days_and_nothing_without_a_table():
    assert figures(request(MONDAY_10)) is None
    warehouse()
    service()
    service("slow", transit_days_min=4, transit_days_max=9)
    assert figures(request(MONDAY_10)) == ((0, 1), (2, 3))
    assert figures(request(MONDAY_10, service="")) == ((0, 1), (2, 9))
    assert figures(request(MONDAY_10, shipped_at=MONDAY_10)).transit == (2, 3)


def test_a_line_without_a_warehouse_means_no_date_where_none_is_the_usual_one():
    warehouse(is_default=False)
    service()
    assert window(lines=lines("depot", "")) is None
    assert window(lines=lines("depot")) == march(4, 6)


def test_on_a_shorter_day_orders_count_until_earlier():
    warehouse(working_days="123456", short_days="6", short_cut_off=time(11), handling_days_max=0)
    service()
    saturday = [local(KOLKATA, 2026, 3, 7, hour) for hour in (11, 12)]
    assert [window(moment)[0] for moment in saturday] == [date(2026, 3, 10), date(2026, 3, 11)]
    assert told(saturday[0]).order_by == saturday[0]
    assert window(local(KOLKATA, 2026, 3, 2, 14))[0] == date(2026, 3, 4)


def test_a_code_is_made_from_the_name_and_is_its_own():
    codes = [Warehouse.objects.create(name=name, time_zone=KOLKATA).code for name in ("North Depot", "North-Depot", "উত্তর", "???")]
    assert codes == ["north-depot", "north-depot-2", "উততর", "warehouse"]


def test_a_carriers_strike_stops_what_it_brings_and_nothing_else():
    warehouse(handling_days_max=0)
    service(carrier="Blue")
    service("rail", carrier="Red")
    ClosedDay.objects.create(day=date(2026, 3, 3), carrier=Carrier.objects.get(name="Blue"))
    assert window() == march(5, 6)
    assert window(service="rail") == march(4, 5)


def test_a_public_holiday_on_which_it_is_open_counts_as_a_working_day():
    pytest.importorskip("holidays")
    republic_day = local(KOLKATA, 2026, 1, 26, 10)
    house = warehouse(country="IN", handling_days_max=0)
    service()
    assert window(republic_day) == (date(2026, 1, 29), date(2026, 1, 30))
    ClosedDay.objects.create(day=date(2026, 1, 26), warehouse=house, is_open=True)
    assert window(republic_day) == (date(2026, 1, 28), date(2026, 1, 29))
    ClosedDay.objects.create(day=date(2026, 1, 25), warehouse=house, is_open=True)  # a Sunday stays one
    assert window(local(KOLKATA, 2026, 1, 25, 10)) == (date(2026, 1, 28), date(2026, 1, 29))


class TestLater:
    """Asked again when the days that were counted first have passed."""

    @pytest.fixture(autouse=True)
    def shop(self):
        warehouse()
        service()

    def test_what_has_not_left_yet_does_not_leave_in_the_past(self):
        assert window(now=local(KOLKATA, 2026, 3, 10, 10)) == march(12, 13)
        assert window(now=MONDAY_10) == window()

    def test_what_is_on_its_way_arrives_today_or_later(self):
        left = local(KOLKATA, 2026, 3, 3, 12)
        assert window(shipped_at=left) == march(5, 6)
        assert window(shipped_at=left, now=local(KOLKATA, 2026, 3, 6, 9)) == march(6, 6)

    def test_what_should_have_come_is_told_the_next_possible_days(self):
        left = local(KOLKATA, 2026, 3, 3, 12)
        assert window(shipped_at=left, now=local(KOLKATA, 2026, 3, 8, 9)) == march(9, 10)

    def test_of_what_left_long_ago_nobody_knows(self):
        assert window(shipped_at=local(KOLKATA, 2026, 1, 5, 12), now=local(KOLKATA, 2026, 3, 8, 9)) is None

    @pytest.mark.parametrize("days", [0, 1, 3, 10, 25])
    def test_no_day_in_the_past_or_without_delivery_is_told(self, days):
        now = local(KOLKATA, 2026, 3, 2 + days, 18)
        for left in (None, local(KOLKATA, 2026, 3, 2, 18)):
            for day in window(shipped_at=left, now=now) or ():
                assert day >= now.date() and day.isoweekday() != 7


def test_an_option_counts_down_to_its_cut_off(clock):
    warehouse()
    service()
    option, = quote()
    assert option.seconds_left() == 4 * 3600
    assert option.seconds_left(local(KOLKATA, 2026, 3, 2, 15)) == 0
    Warehouse.objects.all().delete()
    assert quote()[0].seconds_left() is None
