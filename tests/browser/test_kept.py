"""The page "Promises kept" in a browser: under a strict policy, on a phone, with the keyboard, in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms import clock
from tests.conftest import MONDAY_MORNING
from tests.insights import making

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"


@pytest.fixture
def opened(page: Any, live_server: Any, client: Any) -> Iterator[Any]:
    """The page of a shop with a year behind it; the policy comes with the page, and a complaint about it fails the test."""

    def with_policy(route: Any) -> None:
        if route.request.resource_type != "document":
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(status=answer.status, headers={**answer.headers, "content-security-policy": POLICY}, body=answer.body())

    with clock.using(clock.ManualClock(MONDAY_MORNING)):
        making.year(60)
        client.force_login(User.objects.create_superuser("mira"))
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page.route("**/*", with_policy)
        page.goto(live_server.url + reverse("admin:ecommerce_comms_kept") + "?by=lane")
        yield page


def test_page_fits_the_screen(opened):
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.locator("svg.comms-chart").count() == 4


def test_texts_of_charts_can_be_read(opened):
    sizes = opened.evaluate("""[...document.querySelectorAll('svg.comms-chart')].map(
        chart => 12 * chart.getBoundingClientRect().width / chart.viewBox.baseVal.width)""")
    assert min(sizes) >= 9


def test_colours_follow_the_style_sheet_in_the_dark(opened):
    colour = "getComputedStyle(document.querySelector('.comms-chart-fill.comms-chart-good')).fill"
    light = opened.evaluate(colour)
    opened.emulate_media(color_scheme="dark")
    assert opened.evaluate(colour) != light


def test_wide_tables_are_reached_and_moved_with_the_keyboard(opened):
    table = opened.locator(".comms-scroll").last
    table.focus()
    assert opened.evaluate("document.activeElement.className") == "comms-scroll"


def test_form_shows_another_grouping(opened):
    opened.get_by_label("Put together by").select_option("carrier")
    opened.get_by_role("button", name="Show").click()
    opened.wait_for_load_state("networkidle")
    assert opened.get_by_role("region", name="Carrier").get_by_role("rowheader").first.inner_text() in making.CARRIERS
