"""A merchant who has only the admin chooses colours and sees a mail change, with JavaScript and without."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ecommerce_comms.messaging.models import Branding

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def merchant(request, chromium, live_server, tmp_path, settings):
    """A page of a browser in which the shop's owner is signed in; what the browser complains about fails the test."""
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    context = chromium.new_context(viewport={"width": 1600, "height": 1000}, java_script_enabled=request.param)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" and "404" not in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.goto(f"{live_server.url}/admin/ecommerce_comms/branding/add/")
    page.has_script = request.param
    yield page
    context.close()
    assert not complaints


def mail(page):
    """The mail in the picture."""
    return page.frame_locator(".comms-picture iframe:not(.comms-waits)").frame_locator("iframe")


def colour(page):
    """Of its button."""
    return mail(page).locator(".btn td").evaluate("cell => getComputedStyle(cell).backgroundColor")


def test_mail_follows_the_form(merchant):
    mail(merchant).locator("h1").wait_for()
    assert colour(merchant) == "rgb(31, 79, 216)"
    merchant.locator("#id_accent").fill("#7b2ff7")
    if not merchant.has_script:
        merchant.get_by_role("button", name="Preview").click()
    mail(merchant).locator(".btn td[style*='#7b2ff7']").wait_for()
    assert colour(merchant) == "rgb(123, 47, 247)"
    assert not Branding.objects.exists()
    assert merchant.locator("iframe").count() == 1


def test_merchant_saves_with_the_keyboard(merchant):
    merchant.locator("#id_footer_address").focus()
    merchant.keyboard.type("Lotus Ltd, 4 Lake Road")
    with merchant.expect_navigation(url="**/branding/"):
        merchant.keyboard.press("Enter")
    assert Branding.objects.get().footer_address == "Lotus Ltd, 4 Lake Road"
