"""A guest orders on a phone and on a desktop, without JavaScript, in their own language."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.models import Message
from example_project.shop import seed
from example_project.translations import compile_messages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GUEST = {"email": "lata@customers.example", "first_name": "লতা", "street": "3 College Street", "city": "Kolkata", "postcode": "700073"}


@pytest.fixture
def shop(example_shop, live_server):
    """The example shop with its shelves full."""
    compile_messages()
    seed.seed()
    return live_server


def overflow(page):
    """By how many pixels the page is wider than the window; without scripts only the box itself can tell."""
    box = page.locator("body").bounding_box()
    return box["x"] + box["width"] - page.viewport_size["width"]


def test_guest_orders_and_is_written_to_in_the_same_language(shop, page, mailoutbox):
    page.goto(shop.url)
    page.get_by_role("button", name="বাংলা").click()
    assert page.locator("html").get_attribute("lang") == "bn"
    assert overflow(page) <= 0
    page.locator("main a[href*='/things/']").first.click()
    page.locator("main form button").first.click()
    page.wait_for_url("**/basket/")
    page.goto(f"{shop.url}/checkout/")
    for name, value in GUEST.items():
        page.fill(f"[name={name}]", value)
    page.locator("main form button").first.click()
    page.locator("main input[name=option], main input[type=radio]").first.wait_for()
    assert overflow(page) <= 0
    page.locator("main form button").first.click()
    page.wait_for_url("**/thank-you/")
    assert overflow(page) <= 0
    testing.settle()
    confirmation = Message.objects.get(kind="order_placed")
    assert (confirmation.state, confirmation.language, confirmation.recipient) == ("sent", "bn", GUEST["email"])
    assert mailoutbox[0].to == ['"লতা" <lata@customers.example>']
