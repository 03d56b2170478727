"""Deliveries that were none, parcels on their way back, and the two axes: the shop's word and the carrier's."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.shipping.models import Scan
from tests.shipping.carriers.story import BOX, ago, mails, order, parcel, say, shipped, tracking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    return clock


def events():
    return list(OrderEvent.objects.filter(source="carrier").order_by("occurred_at", "pk").values_list("kind", flat=True))


# ---- corrections and returns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "reason"), [
    ("returning", "It is on its way back to the sender."), ("attempted", ""), ("lost", "The carrier cannot find it."),
    ("damaged", "It was damaged on its way."),
])
def test_delivery_that_was_none_is_put_right_once(clock, status, reason):
    shipped()
    say("delivered", manual=clock)
    for _time in range(2):
        say(status, manual=clock, hours=3)
    assert mails() == ["order_delivered", "delivery_failed"]
    assert OrderEvent.objects.filter(kind="delivery_failed").first().data.get("reason", "") == reason
    assert (parcel().delivered_at, order().delivered_at) == (None, None)
    assert tracking().status == status


def test_correction_is_told_although_the_same_was_told_before(clock):
    shipped()
    for status in ("attempted", "delivered", "attempted"):
        say(status, manual=clock, hours=3)
    assert mails() == ["delivery_failed", "order_delivered", "delivery_failed"]


@pytest.mark.parametrize("status", ["in_transit", "out_for_delivery", "pre_transit", "on_hold", "customs", "delayed", "expired"])
def test_step_back_after_delivery_is_passed_over(clock, status):
    shipped()
    say("delivered", manual=clock)
    say(status, manual=clock)
    assert (mails(), tracking().status) == (["order_delivered"], "delivered")
    assert tracking().scanned_at == clock()
    assert Scan.objects.get(status=status).state == Scan.State.IGNORED


def test_parcel_on_its_way_back_is_not_announced_at_the_door(clock):
    shipped()
    for status in ("returning", "out_for_delivery", "delivered"):
        say(status, manual=clock, hours=6)
    assert mails() == ["delivery_failed"]
    assert (tracking().status, order().delivered_at) == ("returned", None)


@pytest.mark.parametrize("status", ["lost", "damaged"])
def test_loss_is_the_merchants_to_tell(clock, status):
    shipped()
    say("in_transit", manual=clock)
    say(status, manual=clock)
    assert (mails(), tracking().status, parcel().status) == ([], status, "failed")


@pytest.mark.parametrize("status", ["customs", "on_hold", "action_required", "delayed", "expired", "cancelled", "arriving"])
def test_other_news_is_kept_and_changes_no_order(clock, status):
    shipped()
    say(status, manual=clock)
    assert (mails(), tracking().status, parcel().status, events()) == ([], status, "shipped", [])


# ---- two axes -----------------------------------------------------------------------------------------------------


def test_carrier_tells_that_it_left_where_the_shop_did_not(clock):
    made = testing.order("1001")
    testing.tell("order_placed", made)
    testing.tell("order_processed", made, parcel=BOX)
    testing.RecordingBackend.taken.clear()
    for status in ("pre_transit", "picked_up", "in_transit"):
        say(status, manual=clock)
    assert mails() == ["order_shipped"]
    event = OrderEvent.objects.get(kind="order_shipped")
    assert (event.source, event.occurred_at, parcel().shipped_at) == ("carrier", ago(hours=1), ago(hours=1))
    testing.tell("order_shipped", made, parcel=BOX)
    assert mails() == ["order_shipped"]


def test_what_the_shop_told_is_not_told_again_by_the_carrier(clock):
    shipped()
    say("picked_up", manual=clock)
    assert (mails(), events()) == ([], [])
    assert tracking().status == "picked_up"


def test_merchants_word_and_carriers_word_stand_side_by_side(clock):
    made = shipped()
    say("in_transit", manual=clock)
    testing.tell("order_delivered", made, parcel=BOX)
    say("in_transit", manual=clock)
    assert (parcel().status, tracking().status) == ("delivered", "in_transit")


def test_cancelled_order_is_not_told_of_its_parcel(clock):
    made = shipped()
    testing.tell("order_cancelled", made)
    testing.RecordingBackend.taken.clear()
    say("out_for_delivery", manual=clock)
    assert (mails(), tracking().status) == ([], "out_for_delivery")
