"""The staff's buttons."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ecommerce_comms import models as comms
from ecommerce_comms import testing
from example_project.shop import services
from example_project.shop.models import Order
from tests.example.conftest import Facts

DELAY = {"earliest": "2026-03-10", "latest": "2026-03-12", "reason": "A flood."}
BUTTONS: list[tuple[str, dict[str, str], str]] = [
    ("pay", {}, "order_paid"),
    ("refuse-payment", {"reason": "No money."}, "payment_failed"),
    ("prepare", {}, "order_processed"),
    ("ship", {}, "order_shipped"),
    ("delay", DELAY, "order_delayed"),
    ("back-on-track", {}, "order_back_on_track"),
    ("cancel", {"reason": "Sold out."}, "order_cancelled"),
]


def press(staff: Client, order: Order, verb: str, **values: str) -> int:
    return staff.post(f"/staff/orders/{order.pk}/{verb}/", values).status_code


@pytest.mark.parametrize(("verb", "values", "fact"), BUTTONS, ids=[row[0] for row in BUTTONS])
def test_button_tells_its_fact(staff: Client, order: Order, facts: Facts, verb: str, values: dict[str, str], fact: str) -> None:
    assert press(staff, order, verb, **values) == 302
    assert [name for name, _arguments in facts] == [fact]


def test_whole_life_of_an_order_by_buttons(staff: Client, order: Order, facts: Facts) -> None:
    for verb in ("pay", "prepare", "ship"):
        press(staff, order, verb)
    for verb in ("out-for-delivery", "fail-delivery", "out-for-delivery", "deliver"):
        press(staff, order, verb, parcel=order.parcels.get().tracking_number)
    for verb in ("request-return", "receive-return"):
        press(staff, order, verb)
    press(staff, order, "refund", amount="100")
    assert [name for name, _arguments in facts] == [
        "order_paid", "order_processed", "order_shipped", "order_out_for_delivery", "delivery_failed", "order_out_for_delivery",
        "order_delivered", "return_requested", "return_received", "order_refunded"]
    assert facts[-1][1]["data"] == {"amount": "100"}


def test_shipping_in_parcels_says_how_many(staff: Client, order: Order) -> None:
    first, second = order.items.all()
    press(staff, order, "split", **{f"item_{first.pk}": "1", f"item_{second.pk}": "2"})
    assert [(parcel.reference, parcel.of) for parcel in order.parcels.all()] == [("1", 2), ("2", 2)]


def test_what_stays_behind_leaves_the_number_open(staff: Client, order: Order) -> None:
    first, _second = order.items.all()
    press(staff, order, "split", **{f"item_{first.pk}": "1"})
    assert [(parcel.reference, parcel.of) for parcel in order.parcels.all()] == [("1", 0)]


def test_impossible_button_is_refused_in_words(staff: Client, order: Order, facts: Facts) -> None:
    services.cancel(order)
    facts.clear()
    page = staff.post(f"/staff/orders/{order.pk}/ship/", follow=True).content.decode()
    assert "this is not possible now" in page
    assert facts == []


def test_window_that_ends_before_it_begins_is_refused(staff: Client, order: Order, facts: Facts) -> None:
    assert press(staff, order, "delay", earliest="2026-03-12", latest="2026-03-10") == 400
    assert facts == []


@pytest.mark.parametrize("path", ["/staff/", "/staff/orders/{pk}/"])
def test_customers_do_not_see_the_staff_pages(client: Client, order: Order, path: str) -> None:
    client.force_login(User.objects.get(username="tom"))
    assert client.get(path.format(pk=order.pk)).status_code == 302


def test_customers_press_no_buttons(client: Client, order: Order, facts: Facts) -> None:
    client.force_login(User.objects.get(username="tom"))
    press(client, order, "pay")
    assert facts == []


def test_looking_presses_no_button(staff: Client, order: Order) -> None:
    assert staff.get(f"/staff/orders/{order.pk}/pay/").status_code == 405


def test_foreign_site_presses_no_button(order: Order, facts: Facts) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(username="admin"))
    assert browser.post(f"/staff/orders/{order.pk}/pay/").status_code == 403
    assert facts == []


def test_unknown_button_and_foreign_parcel_are_not_found(staff: Client, order: Order) -> None:
    assert press(staff, order, "destroy") == press(staff, order, "deliver", parcel="999") == 404


def test_list_shows_state_and_promise(staff: Client, order: Order) -> None:
    page = staff.get("/staff/").content.decode()
    assert order.number in page
    assert "Waiting for payment" in page


def test_order_page_links_to_what_was_said(staff: Client, order: Order) -> None:
    testing.settle()
    known = comms.Order.objects.get(reference=str(order.pk))
    assert f"/admin/ecommerce_comms/order/{known.pk}/change/" in staff.get(f"/staff/orders/{order.pk}/").content.decode()
