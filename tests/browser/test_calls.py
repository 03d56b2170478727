"""The call list in a browser: on a phone and on a desk, without JavaScript, with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms.contact import calls
from ecommerce_comms.contact.models import CallbackRequest, CallTry

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_policy(route: Any) -> None:
    """Every page comes with a strict policy, and with a picture for its tab, which the admin has not."""
    if route.request.resource_type != "document":
        route.continue_()
        return
    answer = route.fetch(max_redirects=0)
    body = answer.text().replace("<head>", '<head><link rel="icon" href="/static/admin/img/icon-yes.svg">')
    route.fulfill(status=answer.status, headers={**answer.headers, "content-security-policy": POLICY}, body=body)


@pytest.fixture
def opened(page: Any, live_server: Any, client: Any, settings: Any) -> Iterator[Any]:
    """The list of somebody who may work it off, with one who asked to be called."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CALL_HOURS": "00:00-24:00", "QUIET_HOURS": ""}
    calls.request("+919876543210", name="Asha Sharma", language="hi", reason="Which mug is it? " * 20, time_zone="Europe/Berlin")
    client.force_login(User.objects.create_superuser("mira"))
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.set_default_timeout(10_000)
    page.context.route("**/*", with_policy)
    page.goto(live_server.url + reverse("admin:ecommerce_comms_calls"))
    yield page


def fits(page: Any) -> bool:
    page.wait_for_load_state("networkidle")
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_call_is_taken_and_noted(opened):
    assert fits(opened)
    opened.get_by_role("button", name="Take: Asha Sharma").click()
    assert fits(opened)
    assert opened.get_by_role("link", name="Call +919876543210").get_attribute("href") == "tel:+919876543210"
    opened.get_by_label("Note (if you like)").first.fill("The blue one.")
    opened.get_by_role("button", name="Reached", exact=True).click()
    assert opened.get_by_text("Noted. This call is done.").is_visible()
    assert CallTry.objects.get().note == "The blue one."


def test_enter_in_the_time_asks_for_another_call_and_nothing_else(opened):
    opened.get_by_role("button", name="Take: Asha Sharma").click()
    when = opened.get_by_label("When, by the customer's clock")
    when.fill("2020-01-01T10:00")
    when.press("Enter")
    assert opened.get_by_role("alert").get_by_text("must lie ahead").is_visible()
    assert not CallTry.objects.exists()


def test_keyboard_is_enough(opened):
    opened.get_by_role("button", name="Take: Asha Sharma").focus()
    opened.keyboard.press("Enter")
    opened.get_by_role("button", name="No answer").focus()
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/call-list/")
    assert CallbackRequest.objects.get().tries == 1


def test_buttons_are_big_enough_for_a_thumb(opened):
    opened.get_by_role("button", name="Take: Asha Sharma").click()
    boxes = [button.bounding_box() for button in opened.locator(".comms-call-outcome button").all()]
    assert min(box["height"] for box in boxes) >= 44
