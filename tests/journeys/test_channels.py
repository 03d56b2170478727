"""Each message goes to the first channel that the customer wants and that reaches them, and is said once whatever they choose."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce_comms import lifecycle, testing
from ecommerce_comms.customers import preferences
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.journeys.timeline import entries
from ecommerce_comms.models import Message, Order, Rule
from ecommerce_comms.orders import events
from ecommerce_comms.snapshots import CustomerSnapshot
from ecommerce_comms.testing import RecordingBackend, RecordingPhoneBackend, RecordingSmsBackend

EMAIL, PHONE = "asha@customers.example", "+919876543210"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, db):
    """A shop with every channel, which writes e-mails unless somebody wants something else."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.CHANNELS}


def use(settings, **values):
    """Change the shop's settings."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}


def order(reference="1001", **customer):
    """An order of Asha's, with ``customer`` as it says."""
    return testing.order(reference, customer=CustomerSnapshot(**{"email": EMAIL, "phone": PHONE, "first_name": "Asha", **customer}))


def told():
    """What was sent, and to which address."""
    return [(mail.kind, mail.recipient) for mail in testing.sent()]


def rows():
    """Channel, address and what became of each message."""
    return list(Message.objects.order_by("pk").values_list("backend", "recipient", "state", "reason"))


class TestFirstChannel:
    def test_who_was_never_asked_gets_what_the_shop_says(self):
        testing.tell("order_paid", order())
        assert rows() == [("email", EMAIL, "sent", "")]

    def test_choice_at_the_checkout_is_followed_from_the_first_message_on(self):
        testing.tell("order_placed", order(channels={"orders": ["sms", "email"]}))
        testing.tell("order_paid", order())  # a later snapshot says nothing of it
        assert told() == [("order_placed", PHONE), ("order_paid", PHONE)]
        assert len(testing.sent(RecordingSmsBackend)) == 2

    def test_choice_on_the_page_holds_for_the_next_message(self):
        testing.tell("order_placed", order())
        preferences.choose(Customer.objects.get(), "orders", ["sms"], where="preference page")
        testing.tell("order_paid", order())
        assert told() == [("order_placed", EMAIL), ("order_paid", PHONE)]

    def test_channel_that_does_not_reach_them_is_passed_over(self):
        testing.tell("order_paid", order(phone="", channels={"orders": ["sms", "email"]}))
        assert rows() == [("email", EMAIL, "sent", "")]

    def test_guest_with_a_telephone_alone_is_told_on_the_next_channel_of_the_shop(self, settings):
        use(settings, CHANNELS={"orders": ["email", "sms"]})
        testing.tell("order_paid", order(email=""))
        assert rows() == [("sms", PHONE, "sent", "")]

    def test_guest_whom_no_channel_reaches_is_skipped_and_nothing_else_suffers(self):
        testing.tell("order_paid", order(email=""))
        assert rows() == [("email", "", "skipped", "no_address")]
        assert Order.objects.get().status == "paid"

    def test_telephone_known_from_before_helps_an_order_that_has_none(self):
        testing.tell("order_placed", order(channels={"orders": ["sms"]}))
        testing.tell("order_placed", order("1002", phone=""))
        assert [address for _, address in told()] == [PHONE, PHONE]

    def test_review_request_goes_where_orders_go(self, clock):
        testing.tell("order_delivered", order(channels={"orders": ["sms"]}))
        clock.advance(days=7, hours=2)
        testing.settle()
        assert ("review_request", PHONE) in told()

    def test_who_wants_nothing_about_orders_gets_nothing(self):
        testing.tell("order_placed", order())
        preferences.choose(Customer.objects.get(), "orders", [], where="preference page")
        testing.tell("order_paid", order())
        assert told() == [("order_placed", EMAIL)]
        assert rows()[1][2:] == ("skipped", "no_consent")

    def test_a_no_holds_in_a_shop_with_one_channel_too(self, settings):
        use(settings, BACKENDS={"email": testing.CHANNELS["email"]})
        testing.tell("order_placed", order())
        preferences.choose(Customer.objects.get(), "orders", [], where="preference page")
        testing.tell("order_paid", order())
        assert told() == [("order_placed", EMAIL)]

    def test_chat_leads_to_the_customer(self):
        testing.tell("order_paid", order(channels={"orders": ["chat"]}))
        assert told() == [("order_paid", f"guest:{EMAIL}")]


class TestOnce:
    def test_same_fact_after_another_choice_is_not_said_again(self):
        testing.tell("order_paid", order(), event_key="webhook")
        preferences.choose(Customer.objects.get(), "orders", ["sms"], where="preference page")
        testing.tell("order_paid", order(), event_key="poll")
        assert told() == [("order_paid", EMAIL)]
        assert rows()[1][2:] == ("skipped", "duplicate")

    def test_second_parcel_after_another_choice_asks_for_no_second_review(self, clock):
        testing.tell("order_delivered", order(), parcel={"reference": "1"}, event_key="a")
        preferences.choose(Customer.objects.get(), "orders", ["sms"], where="preference page")
        testing.tell("order_delivered", order(), parcel={"reference": "2"}, event_key="b")
        clock.advance(days=9)
        testing.settle()
        assert [kind for kind, _ in told()].count("review_request") == 1

    def test_key_names_the_channel(self):
        testing.tell("order_paid", order(channels={"orders": ["sms"]}))
        assert f"{PHONE}:sms" in Message.objects.get().dedupe_key


class TestQueued:
    @pytest.fixture
    def waiting(self):
        """A message that could not be sent yet."""
        RecordingBackend.refuse = TransientDeliveryError("451 later")
        testing.tell("order_paid", order())
        RecordingBackend.refuse = None

    def test_choice_takes_effect_for_what_waits(self, waiting, clock):
        preferences.choose(Customer.objects.get(), "orders", ["sms"], where="preference page")
        clock.advance(hours=1)
        testing.settle()
        assert rows() == [("sms", PHONE, "sent", "")]
        assert told() == [("order_paid", PHONE)]

    def test_what_may_have_left_stays_on_its_channel(self, clock):
        error = TransientDeliveryError("connection lost")
        error.uncertain = True
        RecordingBackend.refuse = error
        testing.tell("order_paid", order())
        RecordingBackend.refuse = None
        preferences.choose(Customer.objects.get(), "orders", ["sms"], where="preference page")
        clock.advance(hours=1)
        testing.settle()
        assert told() == [("order_paid", EMAIL)]

    def test_a_no_reaches_what_waits(self, waiting, clock):
        preferences.choose(Customer.objects.get(), "orders", [], where="preference page")
        clock.advance(hours=1)
        testing.settle()
        assert rows() == [("email", EMAIL, "skipped", "no_consent")]

    def test_channel_that_reaches_nobody_takes_nothing_away(self, waiting, clock):
        Customer.objects.update(phone="")
        Order.objects.update(snapshot={**Order.objects.get().snapshot, "customer": {"email": EMAIL}})
        preferences.choose(Customer.objects.get(), "orders", ["sms", "email"], where="preference page")
        clock.advance(hours=1)
        testing.settle()
        assert rows() == [("email", EMAIL, "sent", "")]

    def test_corrected_telephone_is_used_for_what_was_not_sent_yet(self, clock):
        Rule.objects.filter(kind="order_paid").update(delay_hours=1)
        testing.tell("order_paid", order(channels={"orders": ["sms"]}))
        clock.advance(minutes=10)
        testing.tell("order_changed", order(phone="+91 98765 00000"))
        clock.advance(hours=1)
        testing.settle()
        assert ("order_paid", "+919876500000") in told()

    def test_address_that_is_gone_sends_what_waits_elsewhere(self, clock, settings):
        use(settings, CHANNELS={"orders": ["email", "sms"]})
        Rule.objects.filter(kind="order_paid").update(delay_hours=1)
        testing.tell("order_paid", order())
        clock.advance(minutes=10)
        testing.tell("order_changed", order(email=""))
        clock.advance(hours=1)
        testing.settle()
        assert ("order_paid", PHONE) in told()

    def test_channel_that_the_shop_gave_up_gives_way_to_the_next_one(self, clock, settings):
        Rule.objects.filter(kind="order_paid").update(delay_hours=1)
        testing.tell("order_paid", order(channels={"orders": ["sms", "email"]}))
        use(settings, BACKENDS={name: path for name, path in testing.CHANNELS.items() if name != "sms"})
        clock.advance(hours=1)
        testing.settle()
        testing.settle()
        assert told() == [("order_paid", EMAIL)]


class TestNight:
    """It is 22:30 in Kolkata; ``QUIET_HOURS`` end at 08:00."""

    @pytest.fixture(autouse=True)
    def night(self, clock):
        """Late in the evening."""
        clock.advance(hours=12, minutes=30)

    def test_text_message_about_an_order_waits_for_the_morning(self, clock):
        testing.tell("order_paid", order(channels={"orders": ["sms"]}))
        assert rows() == [("sms", PHONE, "queued", "quiet_hours")]
        clock.advance(hours=9, minutes=29)
        testing.settle()
        assert not testing.sent()
        clock.advance(minutes=31)
        testing.settle()
        assert told() == [("order_paid", PHONE)]

    def test_urgent_text_message_goes_at_once(self):
        testing.tell("order_out_for_delivery", order(channels={"orders": ["sms"]}))
        assert told() == [("order_out_for_delivery", PHONE)]

    def test_nobody_is_called_at_night_however_urgent(self):
        testing.tell("order_out_for_delivery", order(channels={"orders": ["phone"]}))
        assert rows() == [("phone", PHONE, "queued", "quiet_hours")]

    def test_merchant_decides_what_is_urgent(self, settings):
        use(settings, URGENT_KINDS=["order_paid"])
        testing.tell("order_paid", order(channels={"orders": ["sms"]}))
        assert told() == [("order_paid", PHONE)]

    def test_night_is_the_customers_own(self):
        testing.tell("order_paid", order(time_zone="America/New_York", channels={"orders": ["sms"]}))  # it is noon there
        assert told() == [("order_paid", PHONE)]

    def test_mails_about_orders_go_at_any_hour(self):
        testing.tell("order_paid", order())
        assert told() == [("order_paid", EMAIL)]

    def test_call_waits_for_the_times_that_the_customer_gave(self, clock):
        testing.tell("order_paid", order(channels={"orders": ["phone"]}, call_times="18:00-20:00"))
        assert Message.objects.get().due_at.isoformat() == "2026-03-03T12:30:00+00:00"
        clock.set(datetime.fromisoformat("2026-03-03T12:30:00+00:00"))
        testing.settle()
        assert len(testing.sent(RecordingPhoneBackend)) == 1

    def test_call_that_would_be_no_news_by_then_is_not_made(self, clock):
        testing.tell("order_out_for_delivery", order(channels={"orders": ["phone"]}, call_times="22:00-22:15"))
        assert rows() == [("phone", PHONE, "queued", "quiet_hours")]
        clock.advance(hours=24, minutes=1)
        testing.settle()
        assert rows()[0][2:] == ("skipped", "stale")


def test_shop_of_mails_alone_is_not_asked_what_customers_chose(settings):
    def statements(*names):
        use(settings, BACKENDS={name: testing.CHANNELS[name] for name in names})
        testing.tell("order_placed", order(f"of {len(names)}"))
        events.record("order_paid", order(f"of {len(names)}"))
        with CaptureQueriesContext(connection) as asked:
            lifecycle.process_waiting()
        return len(asked)

    assert statements("email", "sms") == statements("email") + 1


def test_timeline_says_on_which_channel():
    testing.tell("order_paid", order(channels={"orders": ["sms"]}))
    assert [entry.channel for entry in entries(Order.objects.get()) if entry.what == "message"] == ["text message"]
