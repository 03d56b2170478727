"""Complaints about a merchant's text, before a customer sees it."""

from __future__ import annotations

import pytest

from ecommerce_comms.messaging.editing.linting import lint
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.writing.texts import Text


@pytest.mark.parametrize("parts, complaint", [
    ({"subject": " "}, "The subject is empty."),
    ({"body": ""}, "The body is empty."),
    ({"subject": "{{ oder.number }}"}, "The subject uses {{ oder.number }}, which is not a fact that a message knows."),
    ({"short": "{{ order.owner.password }}"}, "The short uses {{ order.owner }}, which is not a fact that a message knows."),
    ({"body": "one\n\n{{ order. }}"}, "The body has a mistake in its braces: Expected an identifier, found end of expression (line 3)."),
    ({"body": "one\n{% if order.number %}"}, "(line 2)."),
    ({"body": "{% include 'x' %}"}, "The body uses the tag “include”, which is not allowed here."),
    ({"body": "see http://shop.example/a"}, "The body links to http://shop.example/a; please use https:// so that the link is safe."),
    ({"body": "[here](javascript:alert(1))"}, "The body links to javascript:alert(1); please begin a link with https://, mailto: or tel:."),
    ({"body": "[help](/help)"}, "The body links to /help; please begin a link with https://, mailto: or tel:."),
    ({"body": "[us](www.shop.example)"}, "The body links to www.shop.example; please begin a link with https://, mailto: or tel:."),
    ({"body": "[us](\n</help>)"}, "The body links to /help; please begin a link with https://, mailto: or tel:."),
    ({"body": "[us]()"}, "The body links to nothing; please begin a link with https://, mailto: or tel:."),
    ({"body": "<ftp://shop.example>"}, "The body links to ftp://shop.example; please begin a link with https://, mailto: or tel:."),
    ({"body": "<b>x"}, "The body holds the HTML tag <b>; please write Markdown instead."),
    ({"body": "x" * 20_001}, "The body is too long: 20001 characters, at most 20000 are allowed."),
    ({"subject": "x" * 121}, "The subject comes out 121 characters long; please keep it under 120."),
    ({"subject": "{{ customer.first_name }}"}, "The text does not work when no facts are known: Its subject came out empty."),
    ({"body": "{{ 1 | divided_by: 0 }}"}, "The text does not work: Divided_by: can't divide by 0 (line 1)."),
])
def test_complaint(parts, complaint):
    found = lint(Text(**{"subject": "Hello", "body": "Hello", **parts}), "order_placed")
    assert any(one.endswith(complaint) for one in found), found


@pytest.mark.parametrize("body", [
    "{% for line in order.lines %}{{ line.title }}{% endfor %}",
    "{% if order.total %}{{ order.total }}{% elsif order.number %}x{% else %}y{% endif %}",
    "{% comment %}note{% endcomment %}{% raw %}{{ braces }}{% endraw %}",
    "[help](https://shop.example/help) <https://shop.example>",
    "[write](mailto:help@shop.example), [call](tel:+4912345), [shop](HTTPS://shop.example/a_(b)), <mailto:help@shop.example>",
    "[order]({{ order.url }}) [order](<{{ order.url }}>)",
    "{% if order.url %}[order]({% if order.url %}{{ order.url }}{% endif %}){% endif %}",
])
def test_good_text_has_no_complaints(body):
    assert lint(Text(subject="Hello", body=body), "order_placed") == []


def test_a_link_that_may_be_used_stays_a_link():
    text = Text(subject="Hello", body="[call](tel:+4912345) [write](mailto:help@shop.example)")
    made = rendering.compose(text, rendering.parts_of("order_placed", "en", {}, "UTC"), "merchant")
    assert 'href="tel:+4912345"' in made.html and 'href="mailto:help@shop.example"' in made.html


def test_unknown_kind():
    assert lint(Text(subject="Hello", body="Hello"), "order_eaten") == ["There is no message called “order_eaten”."]
