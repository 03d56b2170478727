"""What a carrier says becomes tracking, events and mails: each thing once, the newest first, nothing that steps back."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_comms import clock as app_clock
from ecommerce_comms import testing
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping.carriers import folding, following, receiving
from ecommerce_comms.shipping.models import Scan, Tracking, TrackingStatus
from tests.shipping.carriers.story import BOX, ago, mails, order, parcel, say, says, shipped, sighting, tracking

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    return clock


def events(kind=""):
    rows = OrderEvent.objects.filter(source="carrier").order_by("occurred_at", "pk")
    return list((rows.filter(kind=kind) if kind else rows).values_list("kind", flat=True))


# ---- each milestone once ------------------------------------------------------------------------------------------


def test_parcel_is_followed_to_the_door(clock):
    shipped()
    for status in ("in_transit", "out_for_delivery", "delivered"):
        say(status, manual=clock, hours=5)
    assert mails() == ["order_out_for_delivery", "order_delivered"]
    assert (tracking().status, parcel().status) == ("delivered", "delivered")
    assert order().delivered_at == clock()
    assert events() == ["order_out_for_delivery", "order_delivered"]


def test_same_scan_again_changes_nothing(clock):
    shipped()
    clock.advance(hours=1)
    scan = sighting("out_for_delivery")
    for _time in range(5):
        says(scan)
        clock.advance(minutes=10)
    assert (Scan.objects.count(), mails(), events()) == (1, ["order_out_for_delivery"], ["order_out_for_delivery"])


def test_second_attempt_is_not_told_again(clock):
    shipped()
    for status in ("out_for_delivery", "attempted", "out_for_delivery", "attempted"):
        say(status, manual=clock, hours=12)
    assert mails() == ["order_out_for_delivery", "delivery_failed"]
    assert (tracking().status, parcel().status) == ("attempted", "failed")


def test_of_several_scans_that_come_together_the_newest_speaks(clock):
    shipped()
    clock.advance(hours=8)
    says(sighting("in_transit", ago(hours=7)), sighting("out_for_delivery", ago(hours=5)), sighting("delivered", ago(hours=1)))
    assert mails() == ["order_delivered"]
    assert events() == ["order_out_for_delivery", "order_delivered"]
    told = OrderEvent.objects.filter(source="carrier").order_by("occurred_at")
    assert list(told.values_list("notify_customer", flat=True)) == [False, True]


def test_newest_scan_that_is_no_news_keeps_older_ones_quiet(clock):
    shipped()
    clock.advance(hours=8)
    says(sighting("out_for_delivery", ago(hours=5)), sighting("on_hold", ago(hours=1)))
    assert mails() == []
    assert tracking().status == "on_hold"


def test_late_older_scan_of_a_status_that_was_told_is_not_told(clock):
    shipped()
    clock.advance(days=2)
    says(sighting("attempted", ago(hours=1)))
    says(sighting("attempted", ago(hours=30)))
    assert mails() == ["delivery_failed"]


def test_nothing_older_than_a_week_is_told(clock):
    shipped()
    clock.advance(days=9)
    says(sighting("ready_for_pickup", ago(days=8)))
    assert mails() == []
    assert events() == ["order_ready_for_pickup"]
    assert Message.objects.get(kind="order_ready_for_pickup").reason == "stale"


def test_parcel_that_had_arrived_before_anybody_here_knew_of_it_is_never_told(clock):
    says(sighting("out_for_delivery", ago(hours=3)), sighting("delivered", ago(hours=1)))
    testing.tell("order_placed", testing.order("1001"))
    testing.tell("order_shipped", testing.order("1001"), parcel=BOX)
    assert mails() == ["order_placed"]
    assert order().delivered_at == ago(hours=1)


def test_first_word_of_a_parcel_that_is_its_arrival_is_told(clock):
    shipped()
    say("delivered", manual=clock)
    assert mails() == ["order_delivered"]


# ---- in every order -----------------------------------------------------------------------------------------------


def test_delivery_that_is_told_first_is_not_stepped_back_from(clock):
    shipped()
    clock.advance(hours=9)
    for status, hours in (("delivered", 1), ("out_for_delivery", 4), ("in_transit", 8)):
        says(sighting(status, ago(hours=hours)))
    assert mails() == ["order_delivered"]
    assert (tracking().status, parcel().status) == ("delivered", "delivered")


STORIES = [
    ("picked_up", "in_transit", "out_for_delivery", "attempted", "delivered"),
    ("in_transit", "out_for_delivery", "delivered", "in_transit", "out_for_delivery"),
    ("out_for_delivery", "attempted", "out_for_delivery", "attempted", "returning"),
    ("in_transit", "returning", "out_for_delivery", "delivered", "in_transit"),
    ("delivered", "attempted", "out_for_delivery", "delivered", "delivered"),
    ("pre_transit", "ready_for_pickup", "on_hold", "ready_for_pickup", "delivered"),
]


@pytest.mark.parametrize("names", STORIES, ids="-".join)
def test_scans_lead_to_the_same_end_in_any_order(names, clock):
    ends = set()
    for number, turn in enumerate(list(itertools.permutations(range(5)))[::9]):
        reference = f"o{number}"
        box = {**BOX, "tracking_number": f"N{number:09}"}
        shipped(reference, parcel=box)
        start = app_clock.now() - timedelta(hours=20)
        for place in turn:
            says(sighting(names[place], start + timedelta(hours=place), tracking_number=box["tracking_number"]))
        row, end = tracking(order=reference), order(reference)
        ends.add((row.status, row.status_at - start, row.scanned_at - start, parcel(order=reference).status, end.status,
                  end.delivered_at and end.delivered_at - start))
        told = mails()
        # A failed attempt and the way back are two pieces of news of one kind.
        assert all(told.count(kind) <= (2 if kind == "delivery_failed" else 1) for kind in told), told
        testing.RecordingBackend.taken.clear()
    assert len(ends) == 1, ends


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(story=st.lists(st.sampled_from(TrackingStatus.values), min_size=2, max_size=8), data=st.data())
def test_fold_does_not_depend_on_the_order_of_its_scans(story, data):
    start = app_clock.now() - timedelta(days=3)
    scans = [Scan(pk=place, key=f"k{place}", status=status, raw_status=status, occurred_at=start + timedelta(hours=place // 2),
                  received_at=start + timedelta(days=1)) for place, status in enumerate(story)]
    mixed = folding.fold(data.draw(st.permutations(scans)))
    plain = folding.fold(scans)
    assert (mixed.status, mixed.status_at, mixed.scanned_at, mixed.delivered_at, mixed.passed_over) == (
        plain.status, plain.status_at, plain.scanned_at, plain.delivered_at, plain.passed_over)
    assert [step.scan.pk for step in mixed.steps] == [step.scan.pk for step in plain.steps]


def test_following_again_changes_nothing(clock):
    shipped()
    say("out_for_delivery", manual=clock)
    before = list(Tracking.objects.values()), OrderEvent.objects.count()
    assert following.follow([parcel().pk]) == 0
    assert (list(Tracking.objects.values()), OrderEvent.objects.count()) == before


# ---- what is told -------------------------------------------------------------------------------------------------


def test_carriers_own_words_go_to_staff_alone(clock):
    shipped()
    say("attempted", manual=clock, text="Pay at http://evil.example", place="http://evil.example")
    event = OrderEvent.objects.get(kind="delivery_failed")
    assert event.data == {"carrier_status": "attempted", "carrier_says": "Pay at http://evil.example"}
    assert "evil" not in testing.sent()[-1].text


@pytest.mark.parametrize(("place", "told"), [
    ("Kiosk 7, Park Street", "Kiosk 7, Park Street"), ("http://evil.example", None), ("www.evil.example", None), ("[x](y)", None),
    ("<b>", None), ("", None),
])
def test_place_of_a_pick_up_point_is_told_unless_it_is_a_trap(clock, place, told):
    shipped()
    say("ready_for_pickup", manual=clock, place=place)
    assert OrderEvent.objects.get(kind="order_ready_for_pickup").data.get("place") == told


def test_estimate_is_kept_beside_and_changes_no_promise(clock):
    shipped()
    day = clock().date() + timedelta(days=3)
    say("in_transit", manual=clock, estimate_earliest=day, estimate_latest=day + DAY)
    assert (tracking().estimate_earliest, tracking().estimate_latest) == (day, day + DAY)
    says(sighting("unknown", raw_status="", estimate_latest=day + 5 * DAY, raw_time="later"))
    assert (tracking().estimate_earliest, tracking().estimate_latest, tracking().status) == (day + 5 * DAY, day + 5 * DAY, "in_transit")


def test_unknown_word_is_kept_and_nothing_follows(clock):
    shipped()
    say("in_transit", manual=clock)
    say("unknown", manual=clock, raw_status="Held_At_Depot_7")
    assert (tracking().status, tracking().scanned_at, mails()) == ("in_transit", clock(), [])
    assert Scan.objects.get(status="unknown").raw_status == "Held_At_Depot_7"


# ---- many ---------------------------------------------------------------------------------------------------------


def test_batch_of_any_size_takes_the_same_statements(clock):
    def count(size):
        for number in range(size):
            shipped(f"{size}-{number}", parcel={**BOX, "tracking_number": f"S{size}N{number}"})
        clock.advance(hours=1)
        scans = [sighting("out_for_delivery", tracking_number=f"S{size}N{number}") for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            taken = receiving.take(scans, source="plain")
        assert taken.new == size
        return len(queries)

    assert count(2) == count(20)


def test_order_is_delivered_with_its_last_parcel(clock):
    made = testing.order("1001")
    for name in ("a", "b"):
        testing.tell("order_shipped", made, parcel={"reference": name, "tracking_number": f"NUMBER{name}", "of": 2})
    clock.advance(hours=1)
    says(sighting("delivered", tracking_number="NUMBERA"))
    assert order().status == Order.Status.PARTLY_DELIVERED
    says(sighting("delivered", tracking_number="NUMBERB"))
    assert order().status == Order.Status.DELIVERED
    assert Parcel.objects.filter(tracking__status="delivered").count() == 2
