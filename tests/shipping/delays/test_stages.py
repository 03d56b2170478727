"""Not shipped, not scanned, not moving, missed: found by working-day clocks, listed once a spell, closed when they end."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ecommerce_comms.shipping import delays
from ecommerce_comms.shipping.delays import clocks
from ecommerce_comms.shipping.estimators.table import TableEstimator
from ecommerce_comms.shipping.models import ClosedDay, DelayPolicy, DelayRound, Lateness, Watch
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.delays.scripted import Scripted, look, place, scan, ship, tell, told
from tests.shipping.making import KOLKATA, local, service, warehouse


@pytest.fixture
def slow(shop):
    """A shop that knows no chances, with a warehouse that works from Monday to Friday and ships on the next day."""
    Scripted.chance = None
    warehouse()
    DelayPolicy.objects.create(tell_not_shipped=False)
    return shop

SCRIPTED = Scripted.estimate


def plain(reference="1001", **changes):
    """An order to a country without holidays, promised for late March."""
    return place(reference, latest=date(2026, 3, 27), earliest=date(2026, 3, 25), address=AddressSnapshot(), **changes)


def open_stages():
    return sorted(Lateness.objects.filter(ended_at=None).values_list("stage", flat=True))


def test_not_shipped_in_time_counts_working_days_of_the_warehouse_beyond_the_handling_time(slow):
    plain()  # Monday 10:00: leaves on Tuesday at the latest, one day of patience
    slow.set(local(KOLKATA, 2026, 3, 4, 23, 59))
    look()
    assert open_stages() == []
    slow.set(local(KOLKATA, 2026, 3, 5, 0, 1))
    look()
    assert open_stages() == ["not_shipped"]


def test_an_order_after_the_cut_off_on_friday_has_until_wednesday(slow):
    slow.set(local(KOLKATA, 2026, 3, 6, 15))  # counts for Monday, leaves on Tuesday, one day of patience
    plain()
    slow.set(local(KOLKATA, 2026, 3, 11, 23))
    look()
    assert open_stages() == []
    slow.advance(hours=2)
    look()
    assert open_stages() == ["not_shipped"]


def test_a_closed_day_is_no_working_day(slow):
    ClosedDay.objects.create(day=date(2026, 3, 3))
    plain()
    slow.set(local(KOLKATA, 2026, 3, 5, 23))
    look()
    assert open_stages() == []


def test_what_is_not_paid_yet_is_waited_for_from_its_payment(slow):
    plain()
    slow.advance(days=7)
    tell("order_paid")
    look()
    assert open_stages() == []


def test_shipping_ends_it(slow):
    plain()
    slow.advance(days=4)
    look()
    ship()
    assert open_stages() == []
    assert Lateness.objects.get().ended_at == slow()


def test_without_a_warehouse_nobody_promised_to_ship(shop):
    Scripted.chance = None
    plain()
    shop.advance(days=10)
    look()
    assert open_stages() == []


def test_shipped_and_not_scanned_is_found_only_of_carriers_that_scan(slow):
    plain("A"), plain("B")
    ship("A", carrier="Silent"), ship("B", carrier="Post")
    plain("seen")
    scan(ship("seen", carrier="POST"))
    slow.advance(hours=2)
    look()
    slow.set(local(KOLKATA, 2026, 3, 5, 0, 1))  # two working days later
    look()
    assert [(row.order.reference, row.stage) for row in Lateness.objects.all()] == [("B", "no_scan")]
    assert DelayRound.objects.get(name="carriers").known == ["post"]


def test_a_label_alone_begins_the_clock_and_the_first_scan_ends_it(slow):
    plain("seen")
    scan(ship("seen"))
    plain()
    tell("order_processed", parcel="1", carrier="Post")
    box = Watch.objects.get(order__reference="1001").order.parcels.get()
    scan(box, "pre_transit")
    slow.advance(hours=2)
    look()
    assert Watch.objects.filter(parcel=box).exists()
    slow.set(local(KOLKATA, 2026, 3, 5, 0, 1))
    look()
    assert "no_scan" in open_stages()
    scan(box)
    look()
    assert "no_scan" not in open_stages()


def test_no_movement_for_three_days_of_delivery_is_found_once_and_ends_with_a_scan(slow):
    plain()
    box = ship()
    slow.set(local(KOLKATA, 2026, 3, 6, 12))  # a Friday: Saturday, Monday and Tuesday are days of delivery
    scan(box)
    slow.set(local(KOLKATA, 2026, 3, 10, 23))
    look()
    assert open_stages() == []
    slow.advance(hours=2)
    look(), look()
    assert open_stages() == ["stalled"]
    scan(box)
    look()
    assert open_stages() == []
    slow.advance(days=7)
    look()
    assert Lateness.objects.filter(stage="stalled").count() == 2  # another spell


@pytest.mark.parametrize("status", ["on_hold", "action_required", "attempted", "returning"])
def test_what_waits_for_somebody_has_not_stalled(slow, status):
    plain()
    scan(ship(), status)
    slow.advance(days=12)
    look()
    assert "stalled" not in open_stages()


def test_missed_lasts_until_the_arrival_however_many_dates_follow(slow):
    service()
    place(latest=date(2026, 3, 5), earliest=date(2026, 3, 4), address=AddressSnapshot())
    ship()
    for _day in range(20):
        slow.advance(days=1)
        look()
    assert len(told()) == 3
    assert Lateness.objects.filter(stage="missed").count() == 1
    assert Lateness.objects.get(stage="missed").told_at is not None
    tell("order_delivered", parcel="1")
    assert Lateness.objects.get(stage="missed").ended_at == slow()


def test_what_is_out_for_delivery_beyond_its_date_is_listed_for_staff(slow):
    place(latest=date(2026, 3, 5), earliest=date(2026, 3, 4), address=AddressSnapshot())
    ship()
    tell("order_out_for_delivery", parcel="1")
    slow.advance(days=6)
    look()
    assert open_stages() == ["missed"]
    assert told() == []


# ---- telling --------------------------------------------------------------------------------------------------


def test_not_shipped_is_told_where_the_date_cannot_be_kept_any_more(slow):
    DelayPolicy.objects.update(tell_not_shipped=True)
    DelayPolicy.objects.get().save()
    service(transit_days_min=2, transit_days_max=3)
    Scripted.chance = None
    place(latest=date(2026, 3, 6), earliest=date(2026, 3, 5), address=AddressSnapshot(), shipping_option="post")
    with_table(slow)
    slow.set(local(KOLKATA, 2026, 3, 5, 0, 1))
    assert look() == 1
    [event] = told()
    assert (event.data["stage"], event.data["reason_kind"], event.data["latest"]) == ("not_shipped", "not_shipped", "2026-03-10")


def with_table(_shop):
    """From now on the merchant's table says when things arrive."""
    Scripted.estimate = TableEstimator.estimate


@pytest.fixture(autouse=True)
def own_words():
    """``Scripted`` says again what it said before."""
    yield
    Scripted.estimate = SCRIPTED


def test_left_at_last_and_in_time_all_the_same_is_back_on_track(slow):
    DelayPolicy.objects.get().delete()
    service(transit_days_min=1, transit_days_max=1)
    place(latest=date(2026, 3, 6), earliest=date(2026, 3, 5), address=AddressSnapshot(), shipping_option="post")
    with_table(slow)
    slow.set(local(KOLKATA, 2026, 3, 5, 0, 1))
    look()
    assert told()[0].data["latest"] == "2026-03-07"  # would leave on Thursday or Friday
    slow.set(local(KOLKATA, 2026, 3, 5, 10))
    ship()
    assert told("order_back_on_track")[0].data["latest"] == "2026-03-06"


def test_while_notices_are_held_staff_see_all_and_nobody_is_told_until_the_hold_is_lifted(slow):
    policy = DelayPolicy.objects.get()
    policy.is_held = True
    policy.save()
    place(latest=date(2026, 3, 5), earliest=date(2026, 3, 4), address=AddressSnapshot())
    ship()
    slow.advance(days=4)
    assert look() == 0
    assert look() == 0
    assert open_stages() == ["missed"]
    policy.is_held = False
    policy.save()
    assert look() == 1


def test_of_a_carrier_that_is_left_out_nothing_is_told(slow):
    policy = DelayPolicy.objects.get()
    policy.left_out = "post\nother"
    policy.save()
    place(latest=date(2026, 3, 5), earliest=date(2026, 3, 4), address=AddressSnapshot())
    ship()
    slow.advance(days=4)
    assert look() == 0
    assert open_stages() == ["missed"]


def test_clocks_end_at_midnight_where_the_work_is_done_across_a_change_of_clocks(db):
    warehouse(time_zone="Europe/London", handling_days_max=0)
    since = local("Europe/London", 2026, 3, 27, 10)  # Friday; the clocks go forward on Sunday
    assert clocks.ship_by("", since, 1) == datetime(2026, 3, 30, 23, tzinfo=since.tzinfo)


def test_a_scan_makes_a_parcel_due_again(slow):
    plain()
    box = ship()
    Watch.objects.update(look_at=None)
    delays.touch([box.pk])
    assert Watch.objects.get(parcel=box).look_at == slow()


def test_a_clock_that_never_ends_is_no_error(db):
    warehouse(working_days="")
    assert clocks.ship_by("", local(KOLKATA, 2026, 3, 2), 1) is None
