"""What providers' words and sub-words mean, and carriers' many names."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.shipping.carriers import accounts, links, names, statuses
from ecommerce_comms.shipping.carriers.known import CARRIERS
from ecommerce_comms.shipping.models import Carrier, Scan, TrackingStatus
from tests.shipping.carriers import saying
from tests.shipping.carriers.story import mails, shipped, tracking

pytestmark = pytest.mark.django_db
WORDS = [
    ("aftership", "InTransit", "InTransit_002", "picked_up"), ("aftership", "InTransit", "InTransit_001", "in_transit"),
    ("aftership", "InTransit", "InTransit_999", "in_transit"), ("aftership", "InfoReceived", "", "pre_transit"),
    ("aftership", "Exception", "Exception_010", "returning"), ("aftership", "Exception", "Exception_011", "returned"),
    ("aftership", "Exception", "Exception_012", "damaged"), ("aftership", "Exception", "Exception_013", "lost"),
    ("aftership", "Exception", "Exception_004", "customs"), ("aftership", "Exception", "Exception_007", "action_required"),
    ("aftership", "Exception", "", "on_hold"), ("aftership", "AttemptFail", "AttemptFail_002", "attempted"),
    ("aftership", "AvailableForPickup", "AvailableForPickup_001", "ready_for_pickup"), ("aftership", "Expired", "", "expired"),
    ("easypost", "in_transit", "arrived_at_destination", "arriving"), ("easypost", "pre_transit", "status_update", "pre_transit"),
    ("easypost", "return_to_sender", "return", "returning"), ("easypost", "failure", "lost", "lost"),
    ("easypost", "failure", "failure", "failed"), ("easypost", "available_for_pickup", "", "ready_for_pickup"),
    ("easypost", "in_transit", "arrived_at_pickup_location", "ready_for_pickup"), ("easypost", "in_transit", "delayed", "delayed"),
    ("shippo", "TRANSIT", "delivery_attempted", "attempted"), ("shippo", "TRANSIT", "package_accepted", "picked_up"),
    ("shippo", "FAILURE", "package_lost", "lost"), ("shippo", "RETURNED", "return_to_sender", "returning"),
    ("shippo", "UNKNOWN", "other", "unknown"),
    ("karrio", "delivery_failed", "consignee_refused", "attempted"), ("karrio", "on_hold", "customs_duties_unpaid", "action_required"),
    ("karrio", "delivery_failed", "carrier_damaged_parcel", "damaged"), ("karrio", "pending", "", "pre_transit"),
    ("plain", "Out for Delivery", "", "out_for_delivery"), ("plain", "RTO", "", "returning"), ("plain", "Held_At_Depot_7", "", "unknown"),
]


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}


@pytest.mark.parametrize(("name", "status", "detail", "expected"), WORDS, ids=lambda word: word or "-")
def test_word_means(name, status, detail, expected):
    provider = accounts.account(name).provider
    assert statuses.normalise(status, detail, provider.statuses) == expected


@pytest.mark.parametrize("name", accounts.PROVIDERS)
def test_tables_name_statuses_that_exist_in_plain_words(name):
    table = accounts.account(name).provider.statuses
    assert set(table.values()) <= set(TrackingStatus.values)
    assert [word for word in (*table, *statuses.COMMON) if word != statuses.plain(word)] == []


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
def test_parcel_is_followed_through_every_provider(provider, clock):
    shipped()
    story = []
    for word, hour in zip(provider.words, (6, 7, 8), strict=True):
        clock.advance(hours=2)
        story.append({"status": word, "time": f"2026-03-02T0{hour}:30:00+00:00", "text": f"Seen {hour}", "place": "Pune"})
        answer = provider.post(provider.payload(*story, latest="2026-03-05"))
        assert answer.json()["malformed"] == 0
        testing.settle()
    row = tracking()
    assert (row.status, str(row.estimate_latest)) == ("delivered", "2026-03-05")
    assert mails() == ["order_out_for_delivery", "order_delivered"]
    seen = Scan.objects.exclude(raw_status="")
    assert [scan.text for scan in seen.order_by("occurred_at")] == ["Seen 6", "Seen 7", "Seen 8"]
    assert {scan.carrier.lower().replace("-", " ").replace("_", " ").replace("indiapost", "india post") for scan in seen} == {"india post"}
    assert all("Pune" in scan.place for scan in seen)


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
def test_event_about_something_else_is_taken_and_means_nothing(provider):
    payload = {"aftership": {"event": "tracking_pending_time", "msg": {"tracking_number": ""}},
               "easypost": {"description": "batch.created", "result": {"object": "Batch"}},
               "shippo": {"event": "transaction_created", "data": {"object_id": "1"}},
               "karrio": {"event": "shipment_purchased", "data": {"id": "shp_1"}}, "plain": {"scans": []}}[provider.name]
    assert provider.post(payload).json()["new"] == 0
    assert not Scan.objects.exists()


# ---- names and links ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [
    ("DHL Express", "dhl"), ("dhl_express", "dhl"), ("DHL", "dhl"), ("dhl-germany", "dhlde"), ("India Post", "indiapost"),
    ("india_post", "indiapost"), ("Blue Dart Express", "bluedart"), ("BLUEDART", "bluedart"), ("FedExDefault", "fedex"),
    ("USPS", "usps"), ("Royal Mail", "royalmail"), ("RedX Logistics Ltd", "redx"), ("Nobody & Sons", "nobodysons"), ("", ""),
])
def test_carrier_is_known_by_its_many_names(name, code):
    assert names.code(name) == code
    assert names.is_known(name) == (code in CARRIERS)


@pytest.mark.parametrize("code", CARRIERS)
def test_every_carriers_page_is_a_whole_address(code):
    address = links.link(CARRIERS[code].name, "AB 123/4")
    assert links.is_address(address)
    assert "{" not in address
    assert ("AB%20123%2F4" in address) == ("{number}" in CARRIERS[code].url)


def test_merchants_carrier_goes_first():
    Carrier.objects.create(name="Rapido", tracking_url="https://rapido.example/{number}", aliases="RAP express\nrapido_api")
    Carrier.objects.create(name="Our DHL", aliases="DHL", tracking_url="https://our.example/dhl?n={number}")
    assert links.link("rapido-api", "X 1/2") == "https://rapido.example/X%201%2F2"
    assert links.link("DHL Express", "12345") == "https://our.example/dhl?n=12345"
    assert names.is_known("RAP Express")


@pytest.mark.parametrize("template", [
    "javascript:alert({number})", "data:text/html,{number}", "//evil.example/{number}", "ftp://x.example/{number}", "https://{number}", "",
    "https://a@evil.example/{number}", "https://x.example/ {number}", "https://x.example\\{number}", "https:///{number}", "http://[{number}",
])
def test_page_that_is_no_address_of_the_web_is_no_link(template):
    Carrier.objects.create(name="Odd", tracking_url=template)
    assert links.link("Odd", "AB/12").startswith("https://ab%2f12") or links.link("Odd", "AB/12") in ("", "https://AB%2F12")


@pytest.mark.parametrize("number", ["", "x", "1" * 200, "<script>", "a\nb12", "{number}", "Ω123"])
def test_what_is_no_number_is_no_link(number):
    assert links.link("DHL", number) == "" or number == "Ω123"


def test_mail_has_the_carriers_page_where_the_shop_gave_none(clock):
    testing.tell("order_shipped", testing.order("1001"), parcel={"reference": "box", "carrier": "Delhivery", "tracking_number": "AB123"})
    assert "https://www.delhivery.com/track/package/AB123" in testing.sent()[0].text
