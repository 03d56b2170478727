"""Late is told once, with a date that can be kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.shipping import delays, promises
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, parcel, promised, service, warehouse

pytestmark = pytest.mark.django_db
SHIPPED = local(KOLKATA, 2026, 3, 3, 18)
OVERDUE = local(KOLKATA, 2026, 3, 7)  # the midnight after Friday, 6 March


@pytest.fixture
def of():
    """An order that was promised for 4 to 6 March."""
    made = promised(address=AddressSnapshot(country="US"))
    promises.at_order(made, made.as_snapshot)
    return made


def ship(of, reference="1"):
    box = parcel(of, reference, status="shipped", shipped_at=SHIPPED)
    promises.at_shipping(of, box, SHIPPED)
    return box


def process(event, of, box=None):
    """What is done with each event, as far as promises go."""
    return delays.on_delayed(of, box, event.data, event.occurred_at)


def events():
    return list(OrderEvent.objects.filter(kind="order_delayed").order_by("occurred_at"))


def window(promise):
    return promise and (promise.earliest, promise.latest)


def march(*days):
    return tuple(date(2026, 3, day) for day in days)


# ---- finding out ----------------------------------------------------------------------------------------------


def test_a_delay_is_found_at_the_midnight_that_ends_the_last_day_and_not_before(of):
    assert delays.detect(OVERDUE - timedelta(seconds=1)) == 0
    assert delays.detect(OVERDUE) == 1
    assert events()[0].occurred_at == OVERDUE


def test_a_delay_is_found_once(of):
    box = ship(of)
    assert delays.detect(OVERDUE) == 1
    assert delays.detect(OVERDUE) == 0
    process(events()[0], of, box)
    assert delays.detect(OVERDUE) == 0


def test_a_delay_found_again_after_a_crash_is_one_event(of):
    delays.detect(OVERDUE)
    Promise.objects.update(is_open=True, kept=None)  # the process ended before it closed the promise
    assert delays.detect(OVERDUE) == 0
    assert len(events()) == 1
    assert not Promise.objects.filter(is_open=True).exists()


def test_a_promise_that_was_found_late_stays_closed_when_the_order_is_settled(of):
    delays.detect(OVERDUE)
    promises.settle(of)
    assert set(Promise.objects.values_list("is_open", "kept")) == {(False, False)}


def test_the_event_says_what_was_told_and_what_is_told_now(of):
    box = ship(of)
    delays.detect(OVERDUE)
    event = events()[0]
    assert event.data == {
        "earliest": "2026-03-09", "latest": "2026-03-12", "revision": 0, "was_earliest": "2026-03-04", "was_latest": "2026-03-06",
        "reason": "On its way, and slower than planned.", "reason_kind": "slow_carrier", "stage": "missed", "window_source": "rule",
    }
    assert (event.source, event.parcel["reference"]) == ("delays", box.reference)


def test_what_arrived_or_was_cancelled_is_not_late(of):
    of.cancelled_at = SHIPPED
    of.save()
    assert delays.detect(OVERDUE) == 0
    of.cancelled_at, of.delivered_at = None, SHIPPED
    of.save()
    assert delays.detect(OVERDUE) == 0


def test_a_parcel_that_arrived_is_not_late_while_the_other_one_is(of):
    one, two = ship(of), ship(of, "2")
    one.delivered_at = SHIPPED
    one.save()
    assert delays.detect(OVERDUE) == 1
    assert events()[0].parcel["reference"] == two.reference


def test_a_parcel_that_waits_at_the_pick_up_point_is_not_late(of):
    box = ship(of)
    box.status = Parcel.Status.READY_FOR_PICKUP
    box.save()
    assert delays.detect(OVERDUE) == 0


def test_the_order_is_quiet_while_its_parcels_speak_for_themselves(of):
    ship(of), ship(of, "2")
    assert delays.detect(OVERDUE) == 2
    assert {event.parcel["reference"] for event in events()} == {"1", "2"}
    assert delays.detect(OVERDUE + timedelta(days=100)) == 0


def test_what_has_not_left_is_late_once_the_parcel_before_it_has_arrived(of):
    box = ship(of)
    box.delivered_at = SHIPPED
    box.save()
    promises.settle(of)
    assert delays.detect(OVERDUE) == 1
    assert events()[0].parcel is None


def test_a_limit_takes_the_oldest_first(of):
    younger = promised("B2", latest=date(2026, 3, 7))
    promises.at_order(younger, younger.as_snapshot)
    later = OVERDUE + timedelta(days=3)
    assert delays.detect(later, limit=1) == 1
    assert events()[0].order_reference == of.reference
    assert delays.detect(later, limit=1) == 1
    assert delays.detect(later, limit=1) == 0


# ---- what is told instead -------------------------------------------------------------------------------------


def test_what_has_not_left_gets_the_estimate_of_an_order_placed_now(of):
    warehouse(working_days="1234567")
    service()
    delays.detect(OVERDUE)
    made = process(events()[0], of)
    assert (window(made), made.source, made.revision, made.is_open) == (march(10, 11), "rule", 1, True)
    assert promises.first(of).kept is False


def test_where_nobody_knows_a_new_date_none_is_told(of):
    delays.detect(OVERDUE)
    assert "latest" not in events()[0].data
    assert process(events()[0], of) is None
    assert delays.detect(OVERDUE + timedelta(days=30)) == 0


def test_a_new_window_never_begins_before_tomorrow(of):
    warehouse(handling_days_max=0, working_days="1234567")
    service(transit_days_min=0, transit_days_max=0, delivery_days="1234567")
    delays.detect(OVERDUE)
    assert window(process(events()[0], of)) == march(8, 8)


def test_each_notice_waits_for_the_date_of_the_one_before_and_there_are_three(of):
    box, told, now = ship(of), [], OVERDUE
    for _day in range(60):
        if delays.detect(now):
            told.append((now.astimezone(OVERDUE.tzinfo).date(), window(process(events()[-1], of, box))))
        now += timedelta(days=1)
    windows = [window for _day, window in told]
    # 3, 5 and 10 delivery days beyond the next possible one, Sundays excepted.
    assert windows == [march(9, 12), march(14, 20), (date(2026, 3, 23), date(2026, 4, 3))]
    assert [day for day, _window in told] == [date(2026, 3, 6), date(2026, 3, 12), date(2026, 3, 20)]  # midnights in Kolkata, in UTC
    last = promises.current(of, box)
    assert (last.is_open, last.kept) == (False, False)


def test_the_new_window_does_not_depend_on_the_hour_of_its_discovery(of):
    warehouse(working_days="1234567")
    service()
    told = delays.new_window(of, None, OVERDUE, 0)
    delays.detect(OVERDUE + timedelta(hours=20))  # past the cut-off of that day
    assert events()[0].data["latest"] == told.latest.isoformat()


def test_after_an_outage_the_new_window_lies_ahead_all_the_same(of):
    ship(of)
    delays.detect(local(KOLKATA, 2026, 3, 25, 9))
    assert events()[0].data["earliest"] == "2026-03-26"


def test_the_merchants_own_date_counts(of):
    box = ship(of)
    made = delays.on_delayed(of, box, {"earliest": "2026-03-10", "latest": "2026-03-13", "reason": "A strike."}, OVERDUE)
    assert (window(made), made.source, made.reason) == (march(10, 13), "merchant", "A strike.")


@pytest.mark.parametrize("data", [{"latest": "2026-03-01"}, {"latest": "soon"}, {"latest": "0000-00-00"}, {}])
def test_a_date_that_makes_no_sense_is_not_told(of, data):
    made = delays.on_delayed(of, ship(of), data, OVERDUE)
    assert (window(made), made.source) == (march(9, 12), "rule")


def test_a_delay_of_the_whole_order_holds_for_its_parcels_on_the_way(of):
    box = ship(of)
    arrived = ship(of, "2")
    arrived.delivered_at = SHIPPED
    arrived.save()
    delays.on_delayed(of, None, {"latest": "2026-03-20"}, SHIPPED + timedelta(hours=1))
    assert promises.newest(of).latest == promises.current(of, box).latest == date(2026, 3, 20)
    assert promises.current(of, arrived).latest == date(2026, 3, 6)


def test_older_news_does_not_replace_newer(of):
    box = ship(of)
    newer = delays.on_delayed(of, box, {"latest": "2026-03-20"}, OVERDUE + timedelta(hours=5))
    assert delays.on_delayed(of, box, {"latest": "2026-03-10"}, OVERDUE) is None
    assert promises.current(of, box) == newer


def test_a_delay_processed_twice_is_one_promise(of):
    box = ship(of)
    delays.detect(OVERDUE)
    assert process(events()[0], of, box) == process(events()[0], of, box)
    assert Promise.objects.filter(parcel=box).count() == 2


def test_a_delay_told_after_the_arrival_promises_nothing(of):
    of.delivered_at = SHIPPED
    assert delays.on_delayed(of, None, {"latest": "2026-03-20"}, OVERDUE) is None


def test_good_news_with_a_date_is_a_new_promise_and_without_one_the_date_stands(of):
    box = ship(of)
    delays.on_delayed(of, box, {"latest": "2026-03-20"}, OVERDUE)
    assert delays.on_back_on_track(of, box, {}, OVERDUE + timedelta(hours=1)) is None
    made = delays.on_back_on_track(of, box, {"earliest": "2026-03-10", "latest": "2026-03-11"}, OVERDUE + timedelta(hours=2))
    assert (window(made), made.source) == (march(10, 11), "merchant")
    assert window(promises.window_before(made))[1] == date(2026, 3, 20)


def test_good_news_after_the_date_has_passed_brings_a_new_one(of):
    box = ship(of)
    assert window(delays.on_back_on_track(of, box, {}, OVERDUE)) == march(9, 12)
