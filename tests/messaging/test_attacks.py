"""Families of attacks, put together from their parts: what is not refused is harmless, and nobody waits for it."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from ecommerce_comms.exceptions import LayoutError, PermanentDeliveryError
from ecommerce_comms.messaging.backends.messengers import filled
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.speaking.layout import own
from ecommerce_comms.messaging.speaking.layout.look import Look
from ecommerce_comms.messaging.writing.texts import Text
from tests.messaging import attacks

KIND = "order_delayed"
SECONDS = 5.0
"""Many times what is usual: the machine that tests may be a slow and busy one."""
SCHEME = re.compile(r"(?![/\\]{2})(?:https?:|mailto:|tel:|sms:|cid:|(?![a-z][a-z0-9+.-]*:))", re.IGNORECASE)
EVERY = 7
"""Of so many attacks that are alike one is tried; those that once worked have a test of their own."""
FORBIDDEN = {
    "iframe", "frame", "object", "embed", "form", "base", "svg", "math", "button", "select", "textarea", "details", "video", "audio",
    "noscript", "template", "xmp", "plaintext", "input",
}
FACTS = {
    **linting.sample(KIND), "customer": {"first_name": "{{ shop.name }}<script>alert(1)</script>", "last_name": "[x](javascript:alert(1))"},
}


class Looking(HTMLParser):
    """Refuses what runs, and what leads to an odd place."""

    def handle_starttag(self, tag, attrs):
        named = {name: value or "" for name, value in attrs}
        assert tag not in FORBIDDEN, tag
        assert tag != "script" or named == {"type": "application/ld+json"}
        assert named.get("http-equiv", "").lower() != "refresh"
        for name, value in named.items():
            assert not name.startswith("on") and name not in {"srcdoc", "formaction"}, name
            if name.endswith(("href", "src", "background")):
                assert SCHEME.match(re.sub("[\x00-\x20]", "", value)), value


def look_at(page):
    looking = Looking()
    looking.feed(page)
    looking.close()


def own_text(text):
    return Template(kind=KIND, language="en", version=1, **{part: getattr(text, part) for part in linting.PARTS})


def test_texts_are_refused_or_harmless():
    for text in attacks.texts()[::EVERY]:
        begun = time.thread_time()
        complaints = linting.lint(text, KIND)
        made = rendering.render(KIND, "en", FACTS, own=own_text(text))
        assert time.thread_time() - begun < SECONDS, text
        assert made.source == "merchant" or any(one.severity == "error" for one in complaints), text
        look_at(made.html)


def test_loop_that_calls_its_things_forloop_is_no_failure():
    text = Text(subject="x", body="x {% for forloop in order.lines %}{{ forloop.title }}{% endfor %} {{ forloop.index }}")
    [found] = [one for one in linting.lint(text, KIND) if one.severity == "error"]
    assert "forloop.index" in found.message  # outside of the loop nobody knows it


def test_layouts_are_refused_or_harmless():
    for source in attacks.layouts()[::EVERY]:
        begun = time.thread_time()
        try:
            html = own.compiled(source)
        except LayoutError:
            continue
        finally:
            assert time.thread_time() - begun < SECONDS, source
        look_at(rendering.render(KIND, "en", FACTS, look=Look(frame=html)).html)


@pytest.mark.parametrize("address", [
    "java&#9;script:alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)", "&#1;javascript:alert(1)", "file:///etc/passwd", "intent://x",
    "blob:https://x.example/", "/\\evil.example", "\\\\evil.example", "java&#173;script:alert(1)", "feed:javascript:alert(1)",
])
def test_layout_leads_to_web_addresses_only(address):
    with pytest.raises(LayoutError, match="please begin an address with https://"):
        own.compiled(attacks.layout(f'<mj-section><mj-column><mj-button href="{address}">x</mj-button></mj-column></mj-section>'))


@pytest.mark.parametrize("address", ["https://shop.example/?a=b:c", "mailto:a@shop.example", "tel:+4930123", "#top", "/help", "[[dir]]"])
def test_layout_may_lead_to_these(address):
    assert own.compiled(attacks.layout(f'<mj-section><mj-column><mj-button href="{address}">x</mj-button></mj-column></mj-section>'))


def test_attribute_of_a_layout_cannot_become_an_element():
    with pytest.raises(LayoutError, match="cannot stand in background-color of <mj-body>"):
        own.compiled(attacks.layout(body='background-color="x\'><script>alert(1)</script>"'))


def test_title_of_a_layout_cannot_become_an_attribute():
    with pytest.raises(LayoutError, match="When it is compiled: onmouseover=… is a script"):
        own.compiled(attacks.layout(head='<mj-title>" onmouseover=alert(1) x="</mj-title>'))


def test_title_fonts_and_menus_of_a_layout_are_no_attack():
    head = '<mj-title>Tea &amp; more</mj-title><mj-font name="Inter" href="https://fonts.example/inter.css"/>'
    menu = '<mj-navbar hamburger="hamburger"><mj-navbar-link href="https://shop.example/">Shop</mj-navbar-link></mj-navbar>'
    assert own.compiled(attacks.layout(f"<mj-section><mj-column>{menu}</mj-column></mj-section>", head=head))


def test_comment_that_browsers_end_early_is_refused():
    for comment in ("<!-- --!><b>x</b> -->", "<!--><b>x</b>-->", "<!---><b>x</b>-->"):
        with pytest.raises(LayoutError, match="a comment ends before its -->"):
            own.compiled(attacks.layout(text=comment))


@pytest.mark.parametrize("recipient", ["", ".", "..", "a/b", "a?b", "a#b", "a%2Fb", "a,b", "a b"])
def test_customer_does_not_say_where_on_a_messenger_a_message_goes(recipient):
    with pytest.raises(PermanentDeliveryError):
        filled("json://host.example/people/{customer}", recipient)
