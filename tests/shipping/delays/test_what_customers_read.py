"""The mails about delays: the new date, why in plain words, and what the customer can choose."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.shipping.delays.reasons import KINDS
from ecommerce_comms.snapshots import CustomerSnapshot
from tests.shipping.delays.scripted import Scripted, look, place, ship, tell


def mails(kind):
    testing.settle()
    return [mail for mail in testing.sent() if mail.kind == kind]


def test_a_notice_says_the_new_date_and_why(shop):
    place()
    ship()
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    [mail] = mails("order_delayed")
    assert "13 Mar" in mail.text and "10 Mar" in mail.text
    assert "The carrier is taking longer than usual." in mail.text
    assert "cancel your order" not in mail.text  # it has left


def test_while_it_has_not_left_the_customer_can_change_or_cancel(shop):
    place()
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    [mail] = mails("order_delayed")
    assert "It has not left our warehouse yet." in mail.text
    assert "change or cancel your order, tell us now" in mail.text


def test_it_is_told_in_the_customers_language(shop):
    place(customer=CustomerSnapshot(email="asha@customers.example", language="hi"))
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    assert "यह अभी हमारे गोदाम से नहीं निकला है।" in mails("order_delayed")[0].text


@pytest.mark.parametrize("language", ["en", "hi", "bn"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_reason_is_a_sentence_in_every_language(kind, language):
    text = texts.built_in("order_delayed", language)
    with_reason, without = (
        rendering.compose(text, rendering.parts_of("order_delayed", language, {"event": event}, "UTC"), "merchant").text
        for event in ({"reason_kind": kind}, {})
    )
    assert (with_reason != without) == (kind != "merchant")


def test_the_merchants_own_words_stand_before_ours(shop):
    place()
    shop.advance(hours=1)
    tell("order_delayed", data={"latest": "2026-03-20", "reason": "Our kiln broke.", "reason_kind": "peak"})
    [mail] = mails("order_delayed")
    assert "Our kiln broke." in mail.text and "more orders than usual" not in mail.text


def test_good_news_goes_to_whom_the_delay_was_told(shop):
    place()
    ship()
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    mails("order_delayed")
    Scripted.chance = 0.05
    shop.advance(days=1)
    look()
    [mail] = mails("order_back_on_track")
    assert "10 Mar" in mail.text


def test_good_news_is_not_the_first_that_somebody_hears_of_a_delay(shop):
    place(customer=CustomerSnapshot(email=""))
    ship()
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    Scripted.chance = 0.05
    shop.advance(days=1)
    look()
    assert Message.objects.get(kind="order_back_on_track").state == Message.State.SKIPPED
