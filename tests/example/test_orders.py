"""An order's own pages."""

from __future__ import annotations

import pytest
from django.test import Client

from example_project.shop import services
from example_project.shop.models import Order
from tests.example.conftest import Facts


def test_guest_opens_the_order_by_its_address(client: Client, order: Order) -> None:
    assert order.number in client.get(order.get_absolute_url()).content.decode()
    assert client.get(f"/orders/{order.token}/thank-you/").status_code == 200


@pytest.mark.parametrize("token", ["guess", "BC-1001", "1"])
def test_nobody_guesses_an_order(client: Client, order: Order, token: str) -> None:
    assert client.get(f"/orders/{token}/").status_code == 404


def test_list_of_orders_needs_an_account(client: Client) -> None:
    assert client.get("/orders/").headers["Location"].startswith("/account/login/")


def test_refused_order_can_be_paid_once(client: Client, order: Order, facts: Facts) -> None:
    services.refuse_payment(order)
    assert client.get(order.get_payment_url()).status_code == 200
    client.post(order.get_payment_url())
    client.post(f"/orders/{order.token}/pay/")
    assert [name for name, _arguments in facts] == ["payment_failed", "order_paid"]


def test_customer_cancels_until_it_is_shipped(client: Client, order: Order, facts: Facts) -> None:
    services.ship(order)
    client.post(f"/orders/{order.token}/cancel/")
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert [name for name, _arguments in facts] == ["order_shipped"]


def test_customer_sends_back_what_arrived(client: Client, order: Order, facts: Facts) -> None:
    services.deliver(services.ship(order))
    client.post(f"/orders/{order.token}/return/")
    assert facts[-1][0] == "return_requested"
    assert "post office" in facts[-1][1]["data"]["instructions"]


@pytest.mark.parametrize("verb", ["cancel", "return"])
def test_looking_changes_nothing(client: Client, order: Order, verb: str) -> None:
    assert client.get(f"/orders/{order.token}/{verb}/").status_code == 405


def test_order_page_shows_parcels_and_the_new_window(client: Client, order: Order) -> None:
    first, second = order.items.all()
    parcel = services.ship(order, {first: 1}, of=2)
    services.ship(order, {second: 1}, of=2)
    late = order.promised_latest.replace(day=28)
    services.delay(order, parcel, earliest=late, latest=late, reason="A flood.")
    page = client.get(order.get_absolute_url()).content.decode()
    assert all(text in page for text in ("Parcel 1 of 2", "Parcel 2 of 2", parcel.tracking_number, "Now arrives", "A flood."))


def test_customers_text_is_never_markup(client: Client, order: Order) -> None:
    Order.objects.update(first_name="<script>alert(1)</script>", city="{{ settings.SECRET_KEY }}")
    page = client.get(order.get_absolute_url()).content.decode()
    assert "<script>" not in page
    assert "{{ settings.SECRET_KEY }}" in page


def test_register_signs_in(client: Client) -> None:
    fields = {"username": "nila", "first_name": "Nila", "email": "nila@customers.example", "password1": "clay-pot", "password2": "clay-pot"}
    assert client.post("/account/register/", fields).headers["Location"] == "/orders/"
    assert client.get("/orders/").status_code == 200


def test_account_brings_its_language_along(client: Client) -> None:
    client.post("/account/login/", {"username": "asha", "password": "asha"})
    assert '<html lang="hi">' in client.get("/").content.decode()
    client.post("/account/language/", {"language": "bn", "next": "/"})
    client.post("/account/logout/")
    client.cookies.clear()
    client.post("/account/login/", {"username": "asha", "password": "asha"})
    assert '<html lang="bn">' in client.get("/").content.decode()
