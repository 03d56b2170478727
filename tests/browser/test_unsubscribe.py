"""A customer unsubscribes on a phone and on a desktop, without JavaScript, with the keyboard, in their own language."""

from __future__ import annotations

import pytest

from ecommerce_comms.customers import consents
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.messaging import unsubscribe
from ecommerce_comms.messaging.unsubscribe import Subscription
from ecommerce_comms.messaging.writing import texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATA = "lata@customers.example"


@pytest.fixture
def address(example_shop, live_server):
    """The link in a mail of the given language."""
    consents.grant(LATA, topic="marketing", where="checkout", words="Yes, mail me your offers.")

    def link(language):
        return f"{live_server.url}/comms/unsubscribe/{unsubscribe.token(Subscription(address_hash(LATA), 'marketing', language=language))}/"

    return link


def contrast(element):
    """The ratio of text to background, as WCAG 2.2 counts it; colours are those of the style sheet."""
    colours = element.evaluate("element => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]")
    light, dark = sorted((_luminance(colour) for colour in colours), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("language", texts.languages())
def test_customer_unsubscribes_with_one_button(address, page, language):
    words = texts.labels(language)
    page.goto(address(language))
    assert page.locator("html").get_attribute("lang") == language
    assert page.get_by_role("heading", level=1).inner_text() == words["leave_title"]
    assert consents.has(LATA, "marketing")
    while page.locator("button:focus").count() == 0:
        page.keyboard.press("Tab")
    with page.expect_navigation(wait_until="commit"):
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == words["left_title"]
    assert not consents.has(LATA, "marketing")
    assert page.locator("button").count() == 0
    assert page.context.cookies() == []


def test_page_is_as_wide_as_the_window_and_its_button_fits_a_thumb(address, page):
    page.goto(address("hi"))
    box, button = page.locator("main").bounding_box(), page.get_by_role("button").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    assert button["height"] >= 44 and button["width"] >= 44  # WCAG 2.2, 2.5.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_are_readable_by_day_and_by_night(address, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(address("en"))
    assert page.locator("link[rel=stylesheet]").count() == 1
    for element in (page.get_by_role("button"), page.locator("main"), page.locator("body")):
        assert contrast(element) >= 4.5  # WCAG 2.2, 1.4.3
