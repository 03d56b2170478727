"""Nobody's channels are guessed: who was asked gets what they chose, the newest choice counts, and a "no" is one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms import testing
from ecommerce_comms.customers import consents, identity, preferences
from ecommerce_comms.customers.models import Consent, Customer
from ecommerce_comms.snapshots import CustomerSnapshot

pytestmark = pytest.mark.django_db
EMAIL, PHONE = "asha@customers.example", "+919876543210"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings):
    """A shop with e-mail and text messages."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.CHANNELS, "CHANNELS": {"orders": ["email", "phone"]}}


@pytest.fixture
def asha():
    """She has an e-mail address and a telephone."""
    return Customer.objects.create(key="guest:asha", email=EMAIL, phone=PHONE)


def told(at=None, **changes):
    """Asha, as an order told of her."""
    return identity.recognise(CustomerSnapshot(email=EMAIL, **changes), at)


class TestChosen:
    def test_who_was_never_asked_gets_the_usual_channels(self, asha):
        assert preferences.chosen(asha, "orders") == preferences.chosen(None, "orders") == ("email", "phone")
        # a topic that the setting leaves out has its built-in channels
        assert preferences.chosen(asha, "offers") == ("email",)

    def test_who_was_asked_gets_what_they_chose(self, asha):
        preferences.choose(asha, "orders", ["sms", "email"], where="preference page")
        assert preferences.chosen(asha, "orders") == ("sms", "email")

    def test_channel_that_the_shop_gave_up_is_passed_over(self, asha, settings):
        preferences.choose(asha, "orders", ["sms", "email"], where="preference page")
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": {"email": testing.CHANNELS["email"]}}
        assert preferences.chosen(asha, "orders") == ("email",)

    def test_losing_every_chosen_channel_is_no_no(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": {"email": testing.CHANNELS["email"]}}
        assert preferences.chosen({"orders": ["sms"]}, "orders") == ("email",)
        assert preferences.chosen({"orders": []}, "orders") == ()


class TestChoose:
    def test_choice_is_kept_with_when_where_and_by_whom(self, asha, clock):
        preferences.choose(asha, "orders", ["sms"], where="telephone", by="Meera")
        kept = Customer.objects.get()
        assert kept.channels == asha.channels == {"orders": ["sms"]}
        assert kept.chosen["orders"] == {"at": clock().isoformat(), "where": "telephone", "by": "Meera"}

    @pytest.mark.parametrize(("topic", "channels", "where", "words"), [
        ("news", ["email"], "page", "There is no topic 'news'; there are orders, offers."),
        ("orders", ["fax"], "page", "There is no channel 'fax'.* has email, sms, phone, chat. Topics are orders, offers."),
        ("orders", ["sms", "email", "sms"], "page", "'sms' is named twice"),
        ("orders", "sms", "page", r"Channels are a list, such as \['sms'\]"),
        ("orders", ["sms"], " ", "needs the place"),
    ])
    def test_what_cannot_be_meant_is_refused_and_changes_nothing(self, asha, topic, channels, where, words):
        with pytest.raises(ValueError, match=words):
            preferences.choose(asha, topic, channels, where=where)
        assert Customer.objects.get().channels == {}

    def test_call_times_are_checked(self, asha):
        preferences.choose_call_times(asha, "18:00-20:00, 9:00-12:00", where="page")
        assert Customer.objects.get().call_times == asha.call_times == "09:00-12:00, 18:00-20:00"
        with pytest.raises(ValueError, match="evening"):
            preferences.choose_call_times(asha, "evening", where="page")


class TestOffers:
    def test_choosing_a_channel_is_no_yes_without_the_words(self, asha):
        preferences.choose(asha, "offers", ["sms"], where="preference page")
        assert not consents.has(PHONE, "marketing", "sms")

    def test_words_make_it_a_yes_on_each_chosen_channel(self, asha):
        preferences.choose(asha, "offers", ["sms"], where="preference page", words="Yes, text me offers.")
        assert consents.has(PHONE, "marketing", "sms")
        assert not consents.has(EMAIL, "marketing", "email")
        assert Consent.objects.get().words == "Yes, text me offers."

    def test_channel_left_out_is_a_no_to_it(self, asha):
        consents.grant(EMAIL, topic="marketing", where="checkout", words="Yes.")
        preferences.choose(asha, "offers", ["sms"], where="preference page", by="Meera")
        assert not consents.has(EMAIL, "marketing")
        last = Consent.objects.latest("pk")
        assert (last.granted, last.where, last.by, last.customer) == (False, "preference page", "Meera", asha)

    def test_no_offers_at_all_is_written_down_on_every_channel(self, asha):
        consents.grant(PHONE, topic="marketing", where="checkout", words="Yes.", channel="sms")
        preferences.choose(asha, "offers", [], where="preference page")
        assert not consents.has(PHONE, "marketing", "sms")
        assert set(Consent.objects.filter(granted=False).values_list("channel", flat=True)) == {"email", "sms", "phone", "chat"}

    def test_same_no_twice_is_written_once(self, asha):
        for _time in range(2):
            preferences.choose(asha, "offers", [], where="preference page")
        assert Consent.objects.count() == 4

    def test_orders_are_no_matter_of_consent(self, asha):
        preferences.choose(asha, "orders", [], where="preference page")
        assert not Consent.objects.exists()


class TestCheckout:
    def test_choice_at_the_checkout_is_taken_over(self, clock):
        asha = told(clock(), channels={"orders": ["sms", "email"]}, call_times="18:00-20:00")
        assert (asha.channels, asha.call_times) == ({"orders": ["sms", "email"]}, "18:00-20:00")
        assert asha.chosen["orders"]["where"] == "checkout"

    def test_later_choice_on_the_page_is_not_undone_by_an_old_order(self, clock):
        ordered = clock()
        asha = told(ordered, channels={"orders": ["sms"]}, call_times="18:00-20:00")
        clock.advance(days=1)
        preferences.choose(asha, "orders", ["email"], where="preference page")
        preferences.choose_call_times(asha, "", where="preference page")
        asha = told(ordered, channels={"orders": ["sms"]}, call_times="18:00-20:00", first_name="Asha")
        assert (asha.first_name, asha.channels, asha.call_times) == ("Asha", {"orders": ["email"]}, "")

    def test_next_checkout_counts_again(self, clock):
        asha = told(clock(), channels={"orders": ["sms"]})
        preferences.choose(asha, "orders", ["email"], where="preference page")
        assert told(clock() + timedelta(days=2), channels={"orders": ["phone"]}).channels == {"orders": ["phone"]}

    def test_order_that_says_nothing_changes_nothing(self, clock):
        told(clock(), channels={"orders": ["sms"]})
        assert told(clock() + timedelta(days=2)).channels == {"orders": ["sms"]}

    @pytest.mark.parametrize("odd", [{"orders": ["fax"]}, {"orders": "sms"}, {"news": ["sms"]}, {"orders": None}, {"orders": [["sms"]]}])
    def test_what_nobody_can_have_meant_is_neither_a_choice_nor_a_no(self, odd):
        assert told(channels=odd, call_times="evening").channels == {}

    def test_name_of_a_channel_may_be_written_in_capitals(self):
        assert preferences.chosen(told(channels={"orders": ["SMS", " Email"]}), "orders") == ("sms", "email")

    def test_log_says_that_names_are_passed_over_and_which_there_are(self, caplog):
        told(channels={"orders": ["asha@customers.example", "sms"]})
        assert "left out" in caplog.text and "email, sms" in caplog.text
        assert "asha" not in caplog.text

    def test_no_at_the_checkout_is_one(self):
        assert told(channels={"offers": []}).channels == {"offers": []}
