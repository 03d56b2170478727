"""Others whom an order names hear where the parcel is, in their language and on their channels; no price, and of a gift not what it is."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.journeys.timeline import entries
from ecommerce_comms.messaging import unsubscribe
from ecommerce_comms.models import Message, Order, Rule
from ecommerce_comms.signals import EVENT_SIGNALS
from ecommerce_comms.snapshots import CustomerSnapshot, LineSnapshot, RecipientSnapshot
from ecommerce_comms.testing import RecordingBackend, RecordingSmsBackend

ASHA, RAVI, DESK = "asha@customers.example", "ravi@friends.example", "desk@office.example"
GIFT = RecipientSnapshot(role="receiver", name="Ravi Iyer", email=RAVI, phone="+919811111111", language="hi", time_zone="America/New_York")
OFFICE = RecipientSnapshot(role="desk", name="Goods-in", email=DESK)
TOLD = {
    "order_shipped", "order_out_for_delivery", "order_ready_for_pickup", "order_delivered", "delivery_failed", "order_delayed",
    "order_back_on_track",
}
SECRETS = ("1290", "₹", "INR", "mug", "shop.example/orders", "pay.example")


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, db):
    """A shop with e-mail and text messages."""
    backends = {name: testing.CHANNELS[name] for name in ("email", "sms")}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": backends}


def order(*recipients, **changes):
    """A gift of Asha's, with its price, and links to her own pages."""
    lines = (LineSnapshot(sku="mug", title="Blue mug", price=Decimal("1290.00"), url="https://shop.example/mug"),)
    return testing.order(recipients=recipients, lines=lines, url="https://shop.example/orders/1001?key=secret",
                         retry_payment_url="https://pay.example/1001", **changes)


def mails_to(address):
    """What was sent to ``address``."""
    return [mail for mail in testing.sent() if mail.recipient == address]


def all_of(mail):
    """Everything that a mail says."""
    return f"{mail.subject} {mail.text} {mail.html} {mail.short}"


class TestWho:
    @pytest.mark.parametrize("kind", EVENT_SIGNALS)
    def test_others_are_told_of_the_parcel_and_of_nothing_else(self, kind):
        testing.tell(kind, order(GIFT, OFFICE))
        told = {mail.recipient for mail in testing.sent()}
        assert told == ({ASHA, RAVI, DESK} if kind in TOLD else {ASHA})

    def test_each_is_a_message_of_its_own_with_a_role_and_belongs_to_no_customer(self):
        testing.tell("order_shipped", order(GIFT, OFFICE))
        found = Message.objects.order_by("pk").values_list("role", "purpose", "language", "recipient_name", "customer_id")
        customer = Order.objects.get().customer_id
        assert list(found) == [
            ("", "transactional", "en", "Asha Sharma", customer), ("receiver", "tracking", "hi", "Ravi Iyer", None),
            ("desk", "tracking", "en", "Goods-in", None),
        ]

    def test_same_address_as_the_customers_is_told_once(self):
        testing.tell("order_shipped", order(RecipientSnapshot(role="receiver", name="Me", email="ASHA@customers.example")))
        assert [mail.recipient for mail in testing.sent()] == [ASHA]

    def test_same_address_twice_is_told_once(self):
        testing.tell("order_shipped", order(OFFICE, RecipientSnapshot(role="receiver", email=DESK.upper())))
        assert len(mails_to(DESK)) == 1
        assert len(testing.sent()) == 2

    def test_same_fact_under_two_keys_is_told_once(self):
        testing.tell("order_shipped", order(GIFT), event_key="webhook")
        testing.tell("order_shipped", order(GIFT), event_key="poll")
        assert len(mails_to(RAVI)) == 1
        assert Message.objects.filter(role="receiver", reason="duplicate").count() == 1

    def test_own_channels_are_followed(self):
        testing.tell("order_shipped", order(RecipientSnapshot(role="desk", phone="+919822222222", email=DESK, channels=("sms",))))
        assert [mail.recipient for mail in testing.sent(RecordingSmsBackend)] == ["+919822222222"]

    def test_without_an_address_that_reaches_them_it_is_skipped_and_the_customer_is_told(self):
        nobody = RecipientSnapshot(role="desk", name="Goods-in", email="no address")
        testing.tell("order_shipped", order(nobody))
        assert [mail.recipient for mail in testing.sent()] == [ASHA]
        assert Message.objects.get(role="desk").reason == "no_address"

    def test_unknown_role_hears_as_little_as_the_receiver_of_a_gift(self):
        testing.tell("order_shipped", order(RecipientSnapshot(role="neighbour", email=RAVI)))
        assert Message.objects.get(recipient=RAVI).role == "receiver"

    def test_good_news_is_for_those_alone_who_heard_the_bad(self):
        testing.tell("order_delayed", order(GIFT), data={"latest": "2026-03-20"})
        testing.tell("order_back_on_track", order(GIFT, OFFICE), source="delays")
        assert [mail.kind for mail in mails_to(RAVI)] == ["order_delayed", "order_back_on_track"]
        assert mails_to(DESK) == []


class TestWhat:
    @pytest.mark.parametrize("kind", sorted(TOLD))
    def test_receiver_of_a_gift_hears_neither_price_nor_what_it_is(self, kind):
        suggestions = [{"title": "Another mug", "price": "1290"}]
        data = {"amount": "1290", "reason": "Your mug is late.", "suggestions": suggestions, "note": "a mug"}
        parcel = {"reference": "1", "tracking_number": "BD1", "lines": [{"title": "Blue mug", "price": "1290.00"}]}
        testing.tell(kind, order(GIFT), data=data, parcel=parcel)
        [mail] = mails_to(RAVI)
        said = all_of(mail) + json.dumps(Message.objects.get(recipient=RAVI).facts)
        assert [secret for secret in SECRETS if secret.lower() in said.lower()] == []
        assert "Ravi Iyer" in json.dumps(Message.objects.get(recipient=RAVI).facts)

    def test_desk_hears_what_is_in_it_and_no_price(self):
        testing.tell("order_shipped", order(OFFICE))
        said = all_of(mails_to(DESK)[0])
        assert "Blue mug" in said
        assert [secret for secret in ("1290", "₹", "shop.example/orders", "pay.example") if secret in said] == []

    def test_facts_name_who_ordered_and_the_role(self):
        testing.tell("order_shipped", order(GIFT))
        facts = Message.objects.get(recipient=RAVI).facts
        assert facts["buyer"] == {"first_name": "Asha", "name": "Asha Sharma"}
        assert facts["customer"]["name"] == "Ravi Iyer"
        assert facts["recipient"]["role"] == "receiver"

    def test_hours_are_those_of_where_they_are(self):
        testing.tell("order_shipped", order(GIFT))
        assert Message.objects.get(recipient=RAVI).time_zone == "America/New_York"
        assert Message.objects.get(recipient=ASHA).time_zone == "Asia/Kolkata"

    def test_foot_says_why_they_get_it(self):
        testing.tell("order_shipped", order(OFFICE))
        assert "Plain Goods was asked to keep you informed about a parcel" in mails_to(DESK)[0].text.replace("\n", " ")
        assert "you ordered" not in mails_to(DESK)[0].text.replace("\n", " ")


class TestNo:
    def test_one_click_ends_it_for_them_and_for_nobody_else(self):
        testing.tell("order_shipped", order(GIFT))
        mail = mails_to(RAVI)[0]
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = mail.headers["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example")
        assert Client().post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
        last = Consent.objects.get()
        assert (last.topic, last.granted, last.address_hash) == ("tracking", False, address_hash(RAVI))
        testing.tell("order_delivered", order(GIFT))
        assert [mail.kind for mail in mails_to(RAVI)] == ["order_shipped"]
        assert Message.objects.get(kind="order_delivered", role="receiver").reason == "no_consent"
        assert [mail.kind for mail in mails_to(ASHA)] == ["order_shipped", "order_delivered"]

    @pytest.mark.parametrize("language", ["en", "hi", "bn"])
    def test_page_speaks_of_parcels_and_not_of_own_orders(self, language):
        token = unsubscribe.token(unsubscribe.Subscription(address_hash(RAVI), "tracking", "email", language))
        page = Client().get(reverse("comms:unsubscribe", args=[token]))
        said = page.content.decode()
        words = {"en": "parcels that others have ordered", "hi": "पार्सलों", "bn": "পার্সেল"}
        assert words[language] in said
        assert "You will still get e-mails about your orders" not in said

    def test_text_message_bears_no_link_to_end_it(self):
        testing.tell("order_shipped", order(RecipientSnapshot(role="desk", phone="+919822222222", channels=("sms",))))
        [sms] = testing.sent(RecordingSmsBackend)
        assert sms.headers == {}
        assert "unsubscribe" not in sms.short

    def test_dead_address_of_theirs_leaves_the_customer_alone(self):
        suppressions.suppress(address_hash(RAVI), "bounced")
        testing.tell("order_shipped", order(GIFT))
        assert {mail.recipient for mail in testing.sent()} == {ASHA}
        assert Message.objects.get(role="receiver").reason == "suppressed"

    def test_text_message_to_them_waits_for_their_own_morning(self, clock):
        # 10:00 in Kolkata is 23:30 of the day before in New York.
        far = RecipientSnapshot(role="desk", phone="+12125550100", time_zone="America/New_York", channels=("sms",))
        testing.tell("order_shipped", order(far))
        assert Message.objects.get(role="desk").reason == "quiet_hours"


class TestChanged:
    def test_who_was_taken_out_before_it_was_sent_gets_nothing(self, clock):
        Rule.objects.filter(kind="order_shipped").update(delay_hours=1)
        testing.tell("order_shipped", order(GIFT, OFFICE))
        clock.advance(minutes=10)
        testing.tell("order_changed", order(OFFICE))
        clock.advance(hours=1)
        testing.settle()
        assert (mails_to(RAVI), len(mails_to(DESK))) == ([], 1)
        assert Message.objects.get(role="receiver").reason == "obsolete"

    def test_corrected_address_is_used_for_what_was_not_sent_yet(self, clock):
        Rule.objects.filter(kind="order_shipped").update(delay_hours=1)
        testing.tell("order_shipped", order(RecipientSnapshot(role="receiver", name="Ravi Iyer", email="rvai@friends.example")))
        clock.advance(minutes=10)
        testing.tell("order_changed", order(GIFT))
        clock.advance(hours=1)
        testing.settle()
        assert len(mails_to(RAVI)) == 1

    def test_cancelled_order_is_told_to_nobody_what_was_queued_before(self):
        RecordingBackend.refuse = TransientDeliveryError("451 later")
        testing.tell("order_shipped", order(GIFT))
        RecordingBackend.refuse = None
        testing.tell("order_cancelled", order(GIFT))
        assert [mail.recipient for mail in testing.sent()] == [ASHA]

    def test_fact_that_the_customer_is_not_to_hear_is_told_to_nobody(self):
        testing.tell("order_shipped", order(GIFT), notify_customer=False)
        assert testing.sent() == []


class TestFalling:
    def test_next_channel_of_theirs_is_tried(self):
        RecordingBackend.refuse = PermanentDeliveryError("550 no such user")
        both = RecipientSnapshot(role="desk", name="Goods-in", email=DESK, phone="+919822222222", channels=("email", "sms"))
        testing.tell("order_shipped", order(both))
        [sms] = testing.sent(RecordingSmsBackend)
        assert sms.recipient == "+919822222222"
        again = Message.objects.get(backend="sms")
        assert (again.role, again.purpose, again.instead_of.recipient) == ("desk", "tracking", DESK)

    def test_telephone_of_the_customer_is_not_taken_for_theirs(self):
        RecordingBackend.refuse = PermanentDeliveryError("550 no such user")
        shared = RecipientSnapshot(role="receiver", email=RAVI, phone="+919876543210", channels=("email", "sms"))
        asha = CustomerSnapshot(email=ASHA, phone="+91 98765 43210", channels={"orders": ["email"]})
        testing.tell("order_shipped", order(shared, customer=asha))
        assert testing.sent() == []


def test_timeline_says_for_whom():
    testing.tell("order_shipped", order(GIFT))
    assert [entry.whom for entry in entries(Order.objects.get()) if entry.what == "message"] == ["", "receiver Ravi Iyer"]


def test_wish_to_be_left_alone_is_theirs_and_not_of_one_order():
    consents.withdraw(RAVI, topic="tracking", where="telephone")
    testing.tell("order_shipped", order(GIFT))
    assert mails_to(RAVI) == []
