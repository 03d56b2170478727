"""What staff see of carriers, and what they may put right."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.health import doctor
from ecommerce_comms.orders.models import Order
from ecommerce_comms.shipping.models import PollTurn, Scan
from tests.shipping.carriers.story import mails, parcel, say, says, shipped, sighting, tracking

pytestmark = pytest.mark.django_db
CSV = b"tracking_number,status,occurred_at\nRR123456785IN,in_transit,2026-03-02 08:00\nRR1,,2026-03-02 08:00\n"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    shipped()
    return clock


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def address(name, *args):
    return reverse(f"admin:ecommerce_comms_{name}", args=args)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_parcels_page_shows_both_axes_and_every_scan(merchant, clock):
    say("customs", manual=clock, text="Held <b>here</b>", place="Pune")
    text = text_of(merchant.get(address("parcel_change", parcel().pk)))
    for said in ("on its way", "at customs", "Held &lt;b&gt;here&lt;/b&gt;", "Pune", "Note a scan"):
        assert said in text
    text = text_of(merchant.get(address("order_change", Order.objects.get().pk)))
    assert "At customs" in text
    assert "the carrier says: at customs" in " ".join(text.split())


def test_merchant_notes_a_scan(merchant, clock):
    clock.advance(hours=2)
    assert text_of(merchant.get(address("parcel_note", parcel().pk)))
    told = {"status": "delivered", "at": "2026-03-02T10:30", "place": "Door", "text": ""}
    assert merchant.post(address("parcel_note", parcel().pk), told).status_code == 302
    testing.settle()
    assert (tracking().status, mails()) == ("delivered", ["order_delivered"])
    assert Scan.objects.get().source == "merchant"


def test_scan_in_the_future_is_not_noted(merchant):
    told = {"status": "delivered", "at": "2027-03-02T10:30", "place": "", "text": ""}
    assert "yet to come" in text_of(merchant.post(address("parcel_note", parcel().pk), told))


def test_merchant_puts_a_number_right(merchant):
    says(sighting("in_transit", tracking_number="RIGHT123"))
    assert "letters and digits" in text_of(merchant.post(address("parcel_number", parcel().pk), {"number": "?", "carrier": ""}))
    assert merchant.post(address("parcel_number", parcel().pk), {"number": "right 123", "carrier": "DHL"}).status_code == 302
    testing.settle()
    assert (parcel().tracking_number, parcel().carrier, tracking().status) == ("RIGHT123", "DHL", "in_transit")
    assert mails() == []


def test_staff_see_what_nobody_knows(merchant, clock):
    says(sighting("in_transit", tracking_number="STRAY1"), sighting("unknown", raw_status="Held_At_Depot_7"))
    says(sighting("in_transit", tracking_number="STRAY1", carrier="Nobody & Sons", raw_time="x"))
    text = text_of(merchant.get(address("scan_unknown")))
    for said in ("STRAY1", "Held_At_Depot_7", "Nobody &amp; Sons", "Belongs to parcel"):
        assert said in text


def test_unknown_number_is_given_to_a_parcel(merchant, clock):
    says(sighting("out_for_delivery", tracking_number="STRAY1"))
    scan = Scan.objects.get()
    assert "No parcel of an order 77" in text_of(merchant.post(address("scan_belongs", scan.pk), {"order": "77"}))
    assert merchant.post(address("scan_belongs", scan.pk), {"order": "1001"}).status_code == 302
    testing.settle()
    assert (parcel().tracking_number, tracking().status) == ("STRAY1", "out_for_delivery")


def test_of_several_parcels_one_has_to_be_named(merchant, clock):
    shipped("1002", parcel={"reference": "a"})
    testing.tell("order_shipped", testing.order("1002"), parcel={"reference": "b"})
    says(sighting("in_transit", tracking_number="STRAY1"))
    scan = Scan.objects.get()
    assert "a, b" in text_of(merchant.post(address("scan_belongs", scan.pk), {"order": "1002"}))
    assert merchant.post(address("scan_belongs", scan.pk), {"order": "1002", "parcel": "b"}).status_code == 302
    testing.settle()
    assert tracking("b", "1002").status == "in_transit"


def test_file_is_taken_and_its_errors_are_told(merchant):
    file = SimpleUploadedFile("scans.csv", CSV)
    text = text_of(merchant.post(address("scan_file"), {"file": file, "carrier": ""}))
    assert "Line 3: There is no status." in text
    assert Scan.objects.count() == 1
    assert "UTF-8" in text_of(merchant.post(address("scan_file"), {"file": SimpleUploadedFile("x.csv", b"\xe9\xe9"), "carrier": ""}))


def test_who_may_only_look_cannot_change(client, clock):
    says(sighting("in_transit", tracking_number="STRAY1"))
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_scan", "view_parcel"]))
    client.force_login(user)
    assert "Belongs to" not in text_of(client.get(address("scan_unknown")))
    pages = [address("parcel_note", parcel().pk), address("parcel_number", parcel().pk), address("scan_belongs", Scan.objects.get().pk),
             address("scan_file")]
    assert [client.get(page).status_code for page in pages] == [403] * 4
    assert [client.post(page, {}).status_code for page in pages] == [403] * 4


def test_doctor_tells_of_strangers(clock):
    says(sighting("in_transit", tracking_number="STRAY1"), sighting("unknown", raw_status="Held_At_Depot_7"))
    PollTurn.objects.create(name="post", failures=3, error="TimeoutError")
    clock.advance(days=2)
    lights = {light.key: light for light in doctor.examine(network=False)}
    assert "1 number that no parcel has" in lights["scans"].says
    assert "Held_At_Depot_7" in lights["scans"].says
    assert "TimeoutError" in lights["poller:post"].says


def test_nothing_is_noted_of_a_time_before_the_order(merchant, clock):
    clock.advance(hours=2)
    told = {"status": "delivered", "at": "1990-01-01T10:00", "place": "", "text": ""}
    assert "The order was placed on" in text_of(merchant.post(address("parcel_note", parcel().pk), told))
    assert not Scan.objects.exists()


def test_last_movement_is_told_by_the_clock_of_the_page(merchant, clock):
    page = address("parcel_change", parcel().pk)
    assert ">None<" not in text_of(merchant.get(page))
    say("in_transit", manual=clock)
    assert "+00:00" not in text_of(merchant.get(page))


def test_a_number_of_another_parcel_is_taken_with_a_warning(merchant):
    other = testing.order("LH-2")
    testing.tell("order_shipped", other, parcel={"carrier": "DHL", "tracking_number": "RR555555555IN"})
    told = {"carrier": "DHL", "number": "RR555555555IN"}
    answer = merchant.post(address("parcel_number", parcel().pk), told, follow=True)
    assert "is also that of a parcel of order LH-2" in text_of(answer)
