"""Whose parcel it is: numbers that nobody knows yet, numbers of several, of other shops, of last year, and numbers put right."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from ecommerce_comms import privacy, sweeping, testing
from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.privacy import purging
from ecommerce_comms.shipping.carriers import attaching, byhand, following, receiving
from ecommerce_comms.shipping.models import Scan, Tracking
from tests.shipping.carriers import saying
from tests.shipping.carriers.saying import PLAIN, SECRET
from tests.shipping.carriers.story import BOX, NUMBER, ago, mails, order, parcel, say, says, shipped, sighting, tracking

pytestmark = pytest.mark.django_db
State = Scan.State


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    return clock


# ---- numbers that nobody knows yet ----------------------------------------------------------------------------------


def test_scan_of_an_unknown_number_waits_and_writes_to_nobody(clock):
    taken = says(sighting("out_for_delivery"))
    assert (taken.new, taken.waiting) == (1, 1)
    assert Scan.objects.get().state == State.WAITING
    assert not OrderEvent.objects.exists()


def test_scan_that_waited_finds_its_parcel_when_the_shop_tells_of_it(clock):
    says(sighting("out_for_delivery"))
    clock.advance(minutes=5)
    made = testing.order("1001")
    testing.tell("order_shipped", made, parcel=BOX)
    assert [mail.kind for mail in testing.sent()] == ["order_out_for_delivery"]
    assert (tracking().status, Scan.objects.get().state) == ("out_for_delivery", State.APPLIED)


def test_scan_that_was_missed_then_is_found_by_the_sweep(clock, monkeypatch):
    says(sighting("out_for_delivery"))
    monkeypatch.setattr(attaching, "attach", lambda parcels: 0)
    shipped()
    monkeypatch.undo()
    assert sweeping.sweep().scans == 1
    assert tracking().status == "out_for_delivery"


def test_scan_waits_for_a_month(clock):
    says(sighting("delivered"))
    clock.advance(days=31)
    sweeping.sweep()
    assert Scan.objects.get().state == State.IGNORED
    shipped()
    assert not Tracking.objects.exists()


def test_error_in_looking_for_scans_does_not_hold_up_the_order(clock, monkeypatch):
    def fail(parcels):
        raise OperationalError("gone")

    monkeypatch.setattr(attaching, "attach", fail)
    testing.tell("order_shipped", testing.order("1001"), parcel=BOX)
    assert [mail.kind for mail in testing.sent()] == ["order_shipped"]


def test_scan_that_could_not_be_applied_is_applied_by_the_sweep(clock, monkeypatch):
    shipped()
    monkeypatch.setattr(following, "follow", lambda parcels: 1 / 0)
    receiving.take([sighting("out_for_delivery")], source="plain")
    assert Scan.objects.get().state == State.WAITING
    monkeypatch.undo()
    sweeping.sweep()
    testing.settle()
    assert mails() == ["order_out_for_delivery"]


# ---- which parcel -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", ["RR 123 456 785 IN", "rr123456785in", " RR123456785IN\n"])
def test_number_is_known_however_it_is_written(clock, told):
    shipped(parcel={**BOX, "tracking_number": told})
    say("out_for_delivery", manual=clock)
    assert tracking().status == "out_for_delivery"


def test_two_orders_in_one_box_both_see_it_arrive(clock):
    shipped("1001")
    shipped("1002")
    clock.advance(hours=1)
    says(sighting("delivered"))
    assert mails() == ["order_delivered", "order_delivered"]
    assert {order("1001").delivered_at, order("1002").delivered_at} == {clock()}
    says(sighting("delivered"))
    assert (len(mails()), Scan.objects.count()) == (2, 2)


def test_order_that_is_put_into_the_box_later_sees_it_too(clock):
    shipped("1001")
    say("in_transit", manual=clock)
    shipped("1002")
    assert tracking(order="1002").status == "in_transit"
    say("delivered", manual=clock)
    assert sorted(mails()) == ["order_delivered", "order_delivered"]
    assert Scan.objects.count() == 4


def test_of_two_carriers_with_one_number_the_named_one_is_meant(clock):
    shipped("1001", parcel={**BOX, "carrier": "DHL Express"})
    shipped("1002", parcel={**BOX, "carrier": "UPS"})
    clock.advance(hours=1)
    says(sighting("delivered", carrier="dhl"))
    assert (order("1001").delivered_at, order("1002").delivered_at) == (clock(), None)


def test_number_that_is_used_again_is_the_newer_parcels(clock):
    shipped("old")
    clock.advance(days=400)
    shipped("new")
    clock.advance(hours=1)
    says(sighting("delivered"))
    assert (order("old").delivered_at, order("new").delivered_at) == (None, clock())


def test_scan_from_before_the_order_is_another_parcels(clock):
    shipped()
    says(sighting("delivered", ago(days=20)))
    assert not Tracking.objects.exists()
    assert Scan.objects.get().state == State.WAITING


def test_account_of_one_shop_does_not_speak_of_anothers_parcels(clock):
    shipped("1001", site="Blue")
    clock.advance(hours=1)
    says(sighting("delivered"), site="Red", source="red")
    assert (order().delivered_at, mails()) == (None, [])
    says(sighting("delivered"), site="Blue", source="blue")  # not taken for the same
    assert (order().delivered_at, mails()) == (clock(), ["order_delivered"])


# ---- numbers put right --------------------------------------------------------------------------------------------


def test_number_that_is_put_right_lets_the_new_ones_scans_count(clock):
    shipped()
    say("in_transit", manual=clock)
    says(sighting("out_for_delivery", tracking_number="RIGHT123"))
    byhand.put_right(parcel(), carrier="India Post", number="RIGHT123")
    testing.settle()
    assert (parcel().tracking_number, tracking().status) == ("RIGHT123", "out_for_delivery")
    assert Scan.objects.filter(parcel=parcel()).count() == 2
    say("delivered", manual=clock, tracking_number=NUMBER)
    assert tracking().status == "out_for_delivery"
    assert mails() == ["order_out_for_delivery"]


def test_number_that_is_put_right_stays_right_while_the_shop_repeats_the_wrong_one(clock):
    made = shipped()
    clock.advance(hours=1)
    byhand.put_right(parcel(), carrier="India Post", number="RIGHT123")
    clock.advance(hours=1)
    testing.tell("order_out_for_delivery", made, parcel=BOX)
    testing.settle()
    assert (parcel().tracking_number, parcel().status) == ("RIGHT123", "out_for_delivery")
    assert "RIGHT123" in testing.sent()[-1].text and NUMBER not in testing.sent()[-1].text
    clock.advance(hours=1)
    testing.tell("order_changed", made, parcel=BOX | {"tracking_number": "NEWER456"}, notify_customer=False)
    testing.settle()
    assert parcel().tracking_number == "NEWER456"


def test_number_may_be_put_back(clock):
    made = shipped()
    for number in ("RIGHT123", NUMBER):
        clock.advance(hours=1)
        byhand.put_right(parcel(), carrier="India Post", number=number)
        testing.settle()
    clock.advance(hours=1)
    testing.tell("order_out_for_delivery", made, parcel=BOX)
    testing.settle()
    assert parcel().tracking_number == NUMBER


def test_arrival_of_the_wrong_number_is_taken_back_without_a_word(clock):
    shipped()
    say("delivered", manual=clock)
    byhand.put_right(parcel(), carrier="India Post", number="RIGHT123")
    testing.settle()
    assert (order().delivered_at, Tracking.objects.exists(), mails()) == (None, False, ["order_delivered"])
    say("delivered", manual=clock, tracking_number="RIGHT123")
    assert order().delivered_at == clock()


def test_shop_puts_a_number_right_itself(clock):
    made = shipped()
    says(sighting("in_transit", tracking_number="RIGHT123"))
    testing.tell("order_changed", made, parcel={**BOX, "tracking_number": "RIGHT123"}, notify_customer=False)
    assert tracking().status == "in_transit"


def test_own_link_of_the_shop_gets_the_new_number(clock):
    shipped(parcel={**BOX, "carrier": "Nobody's", "tracking_url": f"https://track.example/{NUMBER}?x=1"})
    byhand.put_right(parcel(), carrier="Nobody's", number="RIGHT 123")
    testing.settle()
    assert parcel().as_snapshot.tracking_url == "https://track.example/RIGHT%20123?x=1"


def test_unknown_number_is_given_to_a_parcel(clock):
    shipped(parcel={"reference": "box"})
    says(sighting("out_for_delivery", tracking_number="STRAY99"))
    byhand.put_right(parcel(), carrier="DHL", number="STRAY99")
    testing.settle()
    assert (tracking().status, mails()) == ("out_for_delivery", ["order_out_for_delivery"])


# ---- by hand ------------------------------------------------------------------------------------------------------


def test_what_a_merchant_notes_counts_like_a_scan(clock):
    shipped(parcel={"reference": "box"})
    clock.advance(hours=1)
    assert byhand.note(parcel(), "delivered", clock())
    assert not byhand.note(parcel(), "delivered", clock())
    testing.settle()
    assert (mails(), tracking().status) == (["order_delivered"], "delivered")


def test_merchant_may_step_back(clock):
    shipped()
    say("returning", manual=clock)
    clock.advance(hours=1)
    byhand.note(parcel(), "delivered", clock())
    testing.settle()
    assert (tracking().status, order().delivered_at) == ("delivered", clock())


# ---- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_hundred_deliveries_of_one_event_at_once_are_one_row_and_one_mail(clock, settings):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("An SQLite in memory has one writer, and no waiting for it.")
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
    shipped()
    clock.advance(hours=1)
    payload = PLAIN.payload({"status": "out_for_delivery", "time": clock().isoformat()})
    answers = []

    def post():
        try:
            answers.append(PLAIN.post(payload, secret=SECRET, client=Client()).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    testing.settle()
    assert answers == [200] * 100
    assert (Scan.objects.count(), mails(), Parcel.objects.get().status) == (1, ["order_out_for_delivery"], "out_for_delivery")


def test_order_of_a_forgotten_customer_keeps_no_words(clock):
    shipped()
    say("in_transit", manual=clock, text="Signed by Asha", place="Next door")
    privacy.erase("asha@customers.example")
    assert Scan.objects.get().text == ""
    say("delivered", manual=clock, text="Signed by Asha", place="Next door", raw_time="again")
    assert set(Scan.objects.values_list("text", "place")) == {("", "")}


def test_waiting_scan_is_given_up_after_a_year(clock):
    says(sighting("in_transit"))
    clock.advance(days=366)
    assert purging.purge()["scans"] == 1


def test_old_scans_are_kept_with_their_order(clock):
    shipped()
    say("in_transit", manual=clock)
    clock.advance(days=366)
    assert purging.purge()["scans"] == 0
