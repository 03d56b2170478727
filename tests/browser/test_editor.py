"""The editor in a browser: written with the keyboard alone, seen with a real order, under a strict policy, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.editor import subjects
from ecommerce_comms.messaging.models import Template, TemplateVersion
from ecommerce_comms.snapshots import CustomerSnapshot, LineSnapshot
from tests.browser.conftest import sync_api

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect = sync_api.expect
KIND = "order_shipped"
ATTACKS = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "</textarea><script>alert(3)</script>", "javascript:alert(4)",
    "'><svg/onload=alert(5)>", "]]><iframe srcdoc='<script>top.alert(6)</script>'>", "{{ shop.url }}{% include 'x' %}",
    "<a href=javascript:alert(7)>x</a>", "</style><script>alert(8)</script>", "&lt;script&gt;alert(9)&lt;/script&gt;",
)


@pytest.fixture
def shop(fake_shop: Any, clock: Any) -> None:
    """Two orders that have left, one of them by somebody who means no good."""
    subjects._MEMORY.clear()
    for order in (testing.order("666", customer=CustomerSnapshot(email="x@customers.example", first_name=ATTACKS[0], last_name=ATTACKS[1]),
                                lines=tuple(LineSnapshot(sku=str(n), title=attack, quantity=1) for n, attack in enumerate(ATTACKS))),
                  testing.order("1001")):
        testing.tell("order_placed", order)
        testing.tell(KIND, order)
    testing.forget()


@pytest.fixture
def opened(request: pytest.FixtureRequest, chromium: Any, live_server: Any, client: Any, shop: None) -> Iterator[Any]:
    """The editor's page; whatever the browser complains about, and every ``alert``, fails the test."""
    width, has_scripts = getattr(request, "param", (1280, True))
    context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=has_scripts)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(dialog: Any) -> None:
        if dialog.type != "beforeunload":
            complaints.append(dialog.message)
        dialog.accept()

    page.on("dialog", hear)
    page.on("console", lambda message: complaints.append(message.text)
            if message.type == "error" and "sandboxed" not in message.text and "409" not in message.text else None)
    client.force_login(User.objects.create_superuser("mira", "mira@shop.example"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(live_server.url + reverse("admin:ecommerce_comms_template_edit", args=[KIND, "en"]))
    yield page
    context.close()
    assert not complaints


def body(page: Any) -> Any:
    return page.get_by_label("Body")


def write(page: Any, words: str) -> None:
    """Put ``words`` into the field that has the focus, in place of what stands there."""
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(words)


def focus(page: Any, wanted: str) -> None:
    """Press Tab until the element with the id ``wanted`` has the focus."""
    for _press in range(80):
        if page.evaluate("document.activeElement.id") == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard does not reach {wanted}.")


def test_text_is_written_mended_published_and_rolled_back_with_the_keyboard_alone(opened: Any) -> None:
    focus(opened, "id_subject")
    write(opened, "Hooray for {{ order.nmber }}")
    told = opened.locator("#complaints-subject")
    expect(told).to_contain_text("order.nmber")
    expect(opened.get_by_label("Subject")).to_have_attribute("aria-invalid", "true")
    expect(opened.locator("#ed-summary")).to_contain_text("cannot be published yet")

    opened.keyboard.press("Tab")  # from the field to its complaint, which leads to its place
    opened.keyboard.press("Enter")
    assert opened.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["id_subject", 14]
    write(opened, "Hooray for {{ order.number }}")
    expect(told).to_have_text("")
    expect(opened.locator("#ed-inbox")).to_contain_text("Hooray for 1001")

    opened.keyboard.press("Control+S")
    expect(opened.get_by_text("Saved as version 1, a draft")).to_be_visible()
    opened.wait_for_function("document.activeElement.id === 'id_subject'")
    assert not Template.objects.get().is_active

    publish = opened.get_by_role("button", name="Publish")
    publish.focus()
    opened.keyboard.press("Enter")
    expect(opened.get_by_text("Version 1 is in use")).to_be_visible()
    focus(opened, "id_subject")
    write(opened, "Hurrah for {{ order.number }}")
    opened.get_by_role("button", name="Publish").press("Enter")
    expect(opened.get_by_text("Version 2 is in use")).to_be_visible()

    opened.get_by_role("link", name="History").press("Enter")
    opened.get_by_role("button", name="Use version 1 again").press("Enter")
    expect(opened.get_by_text("The words of version 1 are in use again")).to_be_visible()
    assert Template.objects.get().subject == "Hooray for {{ order.number }}"
    opened.get_by_role("button", name="Undo: use version 2 again").press("Enter")
    expect(opened.get_by_text("The words of version 2 are in use again")).to_be_visible()


def test_fact_is_found_and_inserted_where_one_was_writing(opened: Any) -> None:
    body(opened).focus()
    write(opened, "Hello , good day")
    for _step in range(len(", good day")):
        opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("Control+Space")
    opened.keyboard.insert_text("first name")
    opened.keyboard.press("Enter")
    expect(body(opened)).to_have_value("Hello {{ customer.first_name }}, good day")
    assert opened.evaluate("document.activeElement.id") == "id_body"
    expect(opened.locator("#ed-heard")).to_contain_text("Inserted: {{ customer.first_name }}")


def test_facts_are_one_stop_and_arrows_move_between_them(opened: Any) -> None:
    opened.locator("#ed-find").focus()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    assert "customer.last_name" in opened.evaluate("document.activeElement.textContent")
    opened.keyboard.press("Tab")
    assert not opened.evaluate("document.activeElement.closest('#ed-facts li')")


def test_tabs_follow_the_arrow_keys_and_show_each_channel(opened: Any) -> None:
    opened.get_by_role("tab", name="E-mail").focus()
    seen = []
    for _tab in range(7):
        seen.append((opened.evaluate("document.activeElement.textContent"), opened.locator("[role=tabpanel]:visible").count()))
        opened.keyboard.press("ArrowRight")
    assert seen == [(name, 1) for name in ("E-mail", "Plain", "SMS", "Chat", "Order page", "Call", "Changes")]
    assert opened.evaluate("document.activeElement.textContent") == "E-mail"  # round again
    opened.keyboard.press("End")
    assert opened.get_by_role("tabpanel").get_by_text("No difference.").is_visible()


def test_preview_shows_the_chosen_order_in_the_dark_and_without_pictures(opened: Any) -> None:
    mail = opened.frame_locator("#ed-mail")
    expect(mail.locator("body")).to_contain_text("1001")
    light = mail.locator(".card").first.evaluate("card => getComputedStyle(card).backgroundColor")
    opened.get_by_label("Dark").press("Space")
    expect(mail.locator(".card").first).not_to_have_css("background-color", light)
    opened.get_by_label("Phone").press("Space")
    assert opened.locator("#ed-mail").evaluate("frame => frame.clientWidth") < 400
    opened.get_by_label("Find an order").fill("666")
    expect(opened.get_by_label("Order", exact=True)).to_have_value(re.compile("order:"))
    expect(mail.locator("body")).to_contain_text("666")
    opened.get_by_label("Language", exact=True).select_option("hi")
    expect(opened.locator("#ed-shows")).to_contain_text("Hindi")


def test_order_is_shown_that_is_found_after_a_search_in_vain(opened: Any) -> None:
    opened.get_by_label("Find an order").fill("nobody")
    expect(opened.locator("#ed-sought")).to_have_text("No order found")
    opened.get_by_label("Find an order").fill("666")
    expect(opened.frame_locator("#ed-mail").locator("body")).to_contain_text("666")
    expect(opened.locator("#ed-sought")).to_have_text("")
    opened.get_by_label("Order", exact=True).select_option("sample:nameless")
    opened.get_by_label("Find an order").fill("1001")
    expect(opened.frame_locator("#ed-mail").locator("body")).to_contain_text("1001")


def test_nothing_that_customers_or_authors_wrote_ever_runs(opened: Any) -> None:
    opened.get_by_label("Find an order").fill("666")
    expect(opened.frame_locator("#ed-mail").locator("body")).to_contain_text("666")
    for attack in ATTACKS:
        body(opened).fill(f"Hello {{{{ customer.name }}}} {attack} {{{{ '{attack.replace(chr(39), '')}' }}}} [x]({attack})")
        with opened.expect_response("**/preview/"):
            opened.keyboard.press("Control+Enter")
    body(opened).fill("Hello {{ customer.name }} {% for line in order.lines %}{{ line.title }} {% endfor %}")
    with opened.expect_response("**/preview/"):
        opened.keyboard.press("Control+Enter")
    for tab in opened.get_by_role("tab").all():
        tab.click()
    frame = opened.locator("#ed-mail")
    assert frame.get_attribute("sandbox") == ""
    assert opened.locator("#ed-panes script, #ed-panes svg, #ed-panes img").count() == 0
    opened.wait_for_timeout(300)  # an alert would have come by now; the fixture fails the test for any


def test_link_in_the_preview_leads_nowhere(opened: Any) -> None:
    mail = opened.frame_locator("#ed-mail")
    expect(mail.locator("a").first).to_be_visible()
    mail.locator("a").first.click()
    opened.wait_for_timeout(200)
    expect(mail.locator("body")).to_contain_text("1001")
    assert len(opened.context.pages) == 1


def test_test_is_sent_to_oneself(opened: Any) -> None:
    opened.get_by_role("button", name="Send a test to me").press("Enter")
    expect(opened.get_by_text("addressed to you: mira@shop.example")).to_be_visible()
    assert [(mail.recipient, mail.subject[:6]) for mail in testing.sent()] == [("mira@shop.example", "[Test]")]


def test_who_saves_second_sees_what_differs(opened: Any) -> None:
    TemplateVersion.objects.create(template=Template.objects.create(kind=KIND, language="en", is_active=False), number=1, by="asha",
                                   subject="Hers", body="Hers.")
    opened.get_by_label("Subject").fill("His")
    opened.keyboard.press("Control+S")
    expect(opened.get_by_role("alert")).to_contain_text("asha saved version 1 while you were writing")
    expect(opened.get_by_label("Subject")).to_have_value("His")
    opened.get_by_role("button", name="Save draft").press("Enter")
    expect(opened.get_by_text("Saved as version 2")).to_be_visible()


@pytest.mark.parametrize("opened", [(320, True), (360, True), (768, True), (1280, True)], indirect=True, ids=lambda given: str(given[0]))
def test_page_fits_the_screen_and_everything_has_a_name(opened: Any) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    nameless = opened.evaluate("""[...document.querySelectorAll('#content-main :is(input, select, textarea, button, iframe)')]
        .filter(each => each.type !== 'hidden' && !each.closest('[aria-hidden], [hidden]'))
        .filter(each => !(each.labels && each.labels.length) && !each.getAttribute('aria-label') && !each.title && !each.textContent.trim())
        .map(each => each.outerHTML.slice(0, 80))""")
    assert nameless == []


def test_keyboard_gets_through_the_whole_page_and_out_again(opened: Any) -> None:
    seen = []
    for _press in range(120):
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate("document.activeElement.id || document.activeElement.value || document.activeElement.tagName"))
        if "publish" in seen and seen[-1] == "BODY":
            break
    assert {"id_subject", "id_body", "ed-find", "id_about", "ed-mail", "save", "publish"} <= set(seen), seen
    assert seen[-1] == "BODY"


@pytest.mark.parametrize("opened", [(360, False), (1280, False)], indirect=True, ids=["phone", "desktop"])
def test_everything_works_without_scripts(opened: Any) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    opened.get_by_label("Subject").fill("Hooray for {{ order.nmber }}")
    opened.get_by_role("button", name="Update preview").last.click()
    expect(opened.locator("#complaints-subject")).to_contain_text("line 1")
    opened.get_by_label("Subject").fill("Hooray for {{ order.number }}")
    opened.get_by_label("Dark").check()
    opened.get_by_label("Subject").press("Control+End")
    opened.get_by_role("button", name="Update preview").last.click()
    expect(opened.locator("#ed-inbox")).to_contain_text("Hooray for 1001")
    for heading in ("E-mail", "Text message", "Chat", "What somebody says who calls"):
        expect(opened.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    opened.get_by_role("button", name="Publish").click()
    expect(opened.get_by_text("Version 1 is in use")).to_be_visible()
    assert Template.objects.get().is_active
