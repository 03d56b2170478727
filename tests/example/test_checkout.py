"""From the basket to a placed order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from ecommerce_comms import clock as app_clock
from ecommerce_comms import lifecycle
from ecommerce_comms.messaging import delivery
from ecommerce_comms.models import Consent, Message, OrderEvent
from ecommerce_comms.shipping.options import quote
from example_project.shop.adapter import ShopOrderAdapter
from example_project.shop.models import Order
from tests.example.conftest import ADDRESS, Facts


def fill_basket(client: Client) -> None:
    client.post("/basket/add/monsoon-mug/")
    client.post("/basket/add/monsoon-mug/")
    client.post("/basket/add/kantha-cushion/")


def check_out(client: Client, payment: str = "now", option: str = "standard", **changes: str) -> Order:
    fill_basket(client)
    client.post("/checkout/", {**ADDRESS, **changes})
    response = client.post("/checkout/delivery/", {"shipping_option": option, "payment": payment})
    assert response.status_code == 302, response.content.decode()
    return Order.objects.get()


def test_basket_adds_changes_and_takes_out(client: Client) -> None:
    fill_basket(client)
    assert client.get("/basket/").context["basket"].count == 3
    client.post("/basket/change/monsoon-mug/", {"quantity": "0"})
    client.post("/basket/change/kantha-cushion/", {"quantity": "4"})
    assert client.get("/basket/").context["basket"].total == Decimal(5000)


@pytest.mark.parametrize("nonsense", ["", "many", "-3", "1e9"])
def test_basket_survives_nonsense(client: Client, nonsense: str) -> None:
    fill_basket(client)
    assert client.post("/basket/change/monsoon-mug/", {"quantity": nonsense}).status_code == 302
    assert 0 <= client.get("/basket/").context["basket"].count <= 21


def test_nothing_to_check_out_leads_back_to_the_basket(client: Client) -> None:
    assert client.get("/checkout/").headers["Location"] == client.get("/checkout/delivery/").headers["Location"] == "/basket/"


def test_guest_order_keeps_what_was_shown(client: Client, facts: Facts) -> None:
    option = next(option for option in quote() if option.code == "express")
    order = check_out(client, option="express")
    assert order.user is None
    assert (order.promised_earliest, order.promised_latest) == (option.earliest, option.latest)
    assert order.total == 2 * 690 + 1250 + 220
    assert order.status == Order.Status.PAID
    assert [name for name, _arguments in facts] == ["order_placed", "order_paid"]


def test_account_order_belongs_to_the_account(client: Client) -> None:
    tom = User.objects.get(username="tom")
    client.force_login(tom)
    order = check_out(client)
    assert order.user == tom
    assert order.number in client.get("/orders/").content.decode()


def test_second_order_knows_the_address(client: Client) -> None:
    client.force_login(User.objects.get(username="tom"))
    check_out(client)
    client.session.flush()
    client.force_login(User.objects.get(username="tom"))
    fill_basket(client)
    assert 'value="7 Lake Road"' in client.get("/checkout/").content.decode()


def test_order_speaks_the_language_of_its_checkout(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "bn"})
    order = check_out(client)
    assert order.language == "bn"
    assert [item.title for item in order.items.all()] == ["বর্ষা মগ", "কাঁথা কুশন"]


@pytest.mark.parametrize(("payment", "status", "fact"), [
    ("now", Order.Status.PAID, "order_paid"),
    ("refused", Order.Status.PAYMENT_FAILED, "payment_failed"),
    ("later", Order.Status.PLACED, "order_placed"),
])
def test_payment_decides_the_state(client: Client, facts: Facts, payment: str, status: str, fact: str) -> None:
    assert check_out(client, payment=payment).status == status
    assert facts[-1][0] == fact


def test_options_follow_the_destination(client: Client) -> None:
    fill_basket(client)
    client.post("/checkout/", {**ADDRESS, "country": "BD"})
    prices = {option.code: option.price for option in client.get("/checkout/delivery/").context["options"]}
    assert prices["standard"] == 450


def test_changed_window_is_shown_before_it_is_promised(client: Client, shop: app_clock.ManualClock) -> None:
    fill_basket(client)
    client.post("/checkout/", ADDRESS)
    shown = client.get("/checkout/delivery/").context["shown"]
    shop.advance(days=1)
    answer = client.post("/checkout/delivery/", {"shipping_option": "standard", "payment": "now", "shown": shown})
    assert "have just changed" in answer.content.decode()
    assert not Order.objects.exists()
    fresh = answer.context["shown"]
    assert client.post("/checkout/delivery/", {"shipping_option": "standard", "payment": "now", "shown": fresh}).status_code == 302


def test_unknown_option_places_nothing(client: Client) -> None:
    fill_basket(client)
    client.post("/checkout/", ADDRESS)
    assert client.post("/checkout/delivery/", {"shipping_option": "rocket", "payment": "now"}).status_code == 200
    assert not Order.objects.exists()


def test_incomplete_address_is_marked(client: Client) -> None:
    fill_basket(client)
    page = client.post("/checkout/", {**ADDRESS, "street": "", "phone": "call me"}).content.decode()
    assert page.count("field street wrong") == page.count("field phone wrong") == 1


def test_who_wants_text_messages_is_asked_for_a_number(client: Client) -> None:
    fill_basket(client)
    for number, complaint in (("", "Please tell us the number."), ("000 000", "with the country code")):
        page = client.post("/checkout/", {**ADDRESS, "news_by": "sms", "phone": number}).content.decode()
        assert complaint in page
    assert client.post("/checkout/", {**ADDRESS, "news_by": "sms", "phone": "+91 98300 12345"}).status_code == 302


def test_channel_that_was_chosen_comes_first_and_mail_stands_by(client: Client, facts: Facts) -> None:
    order = check_out(client, news_by="phone", phone="+91 98300 12345", call_times="17:00-20:00")
    customer = ShopOrderAdapter().snapshot(order).customer
    assert (customer.channels, customer.call_times) == ({"orders": ["phone", "email"]}, "17:00-20:00")


def test_receiver_of_a_gift_is_told_too(client: Client, facts: Facts) -> None:
    order = check_out(client, gift_name="Ravi", gift_email="ravi@customers.example")
    [receiver] = ShopOrderAdapter().snapshot(order).recipients
    assert (receiver.role, receiver.name, receiver.email) == ("receiver", "Ravi", "ravi@customers.example")


def test_receiver_without_an_address_is_asked_for(client: Client) -> None:
    fill_basket(client)
    assert "leave both lines empty" in client.post("/checkout/", {**ADDRESS, "gift_name": "Ravi"}).content.decode()


def test_offers_are_sent_only_to_who_ticked_them(client: Client, facts: Facts) -> None:
    check_out(client, offers="on")
    [consent] = Consent.objects.all()
    assert (consent.topic, consent.where, consent.granted) == ("marketing", "checkout", True)
    assert consent.words == "Tell me about new things and offers by e-mail, now and then."


def test_nobody_who_left_the_box_empty_has_agreed(client: Client, facts: Facts) -> None:
    check_out(client)
    assert not Consent.objects.exists()


def test_basket_is_empty_after_ordering(client: Client) -> None:
    check_out(client)
    assert client.get("/basket/").context["basket"].count == 0


def test_customer_gets_a_confirmation_in_their_language(client: Client, shop: app_clock.ManualClock) -> None:
    client.post("/i18n/setlang/", {"language": "hi"})
    order = check_out(client)
    lifecycle.process_waiting()
    shop.advance(minutes=1)
    delivery.deliver_due()
    confirmation = Message.objects.get(kind="order_placed")
    assert confirmation.order.number == order.number
    assert (confirmation.language, confirmation.state) == ("hi", "sent")
    assert any("मानसून मग" in sent.body for sent in mail.outbox)


def test_promise_of_the_app_is_the_window_of_the_checkout(client: Client, shop: app_clock.ManualClock) -> None:
    order = check_out(client)
    shop.advance(seconds=timedelta(minutes=1).total_seconds())
    event = OrderEvent.objects.get(kind="order_placed")
    lifecycle.process_waiting()
    event.refresh_from_db()
    promise = event.order.promises.get()
    assert (promise.earliest, promise.latest) == (order.promised_earliest, order.promised_latest)
    assert (promise.source, promise.quoted_at) == ("rule", order.placed_at.replace(microsecond=0))
    assert promise.reason.startswith("Ordered by 14:00 on Mon 2 Mar, leaves Kumartuli workshop")


def test_pickup_points_near_the_address_are_named(client: Client) -> None:
    fill_basket(client)
    client.post("/checkout/", ADDRESS)
    page = client.get("/checkout/delivery/").content.decode()
    assert "The nearest: Chai &amp; Parcels, 21 Rash Behari Avenue; College Street Books, 8 College Street" in page
    assert "Lajpat Corner" not in page


def test_a_large_basket_is_sent_for_nothing(client: Client) -> None:
    for _once in range(8):
        client.post("/basket/add/monsoon-mug/")
    assert {option.code: option.price for option in client.get("/basket/").context["options"]}["standard"] == 0
