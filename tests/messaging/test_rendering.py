"""What customers get: the page, the letter, and what neither merchants nor strangers can do to them."""

from __future__ import annotations

import logging
from copy import deepcopy
from email import message_from_string
from email.message import EmailMessage
from html.parser import HTMLParser
from random import Random

import pytest

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing.linting import SAMPLE
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking.layout.shapes import SHAPES
from ecommerce_comms.messaging.speaking.rendering import render
from ecommerce_comms.messaging.writing.texts import KINDS
from tests.messaging.awkward import ORDERS

HOSTILE = "{{ order.total }}<script>alert(1)</script>\r\nBcc: a@b.example **bold** [x](javascript:alert(1))\u2028\x00"


def facts(**groups):
    """The sample facts, some groups of them changed."""
    given = deepcopy(SAMPLE)
    for group, changes in groups.items():
        given[group].update(changes)
    return given


def own(**parts):
    """A merchant's text of ``order_placed``."""
    return Template(**{"kind": "order_placed", "language": "en", "subject": "Our own words", "body": "Dear customer.", **parts})


class Page(HTMLParser):
    """Reads a page: its elements, its links, and whether all that is opened is closed."""

    VOID = frozenset({"meta", "img", "br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.elements, self.links, self.text = [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def attributes(self, wanted):
        """The attributes of each ``wanted`` element."""
        return [attributes for tag, attributes in self.elements if tag == wanted]


# ---- the page and the letter ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "hi", "bn"])
def test_page_is_well_formed_and_says_its_language(language):
    page = Page(render("order_shipped", language, facts()).html)
    assert page.open == []
    (html,) = page.attributes("html")
    assert (html["lang"], html["dir"]) == (language, "ltr")
    assert all(table.get("role") == "presentation" for table in page.attributes("table"))


def test_page_and_letter_tell_the_same_things():
    rendered = render("order_placed", "en", facts())
    page = Page(rendered.html).text
    told = ("Thank you for your order", "1001", "Thu 3 – Sat 5 Dec", "Teapot", "₹1,499.00", "12 Lake Road", "Lotus House", "See your order")
    for words in told:
        assert words in page and words in rendered.text


def test_delay_strikes_the_old_window_through():
    rendered = render("order_delayed", "en", facts())
    assert "<s>Wed 2 – Thu 3 Dec</s>" in rendered.html
    assert "Before: Wed 2 – Thu 3 Dec" in rendered.text


def test_unchanged_window_is_not_called_new():
    same = facts(promise={"was_earliest": "2026-12-03", "was_latest": "2026-12-05"})
    assert "<s>" not in render("order_delayed", "en", same).html
    assert "instead of" not in render("order_delayed", "en", same).text


def test_shipping_mail_tells_which_parcel_of_how_many():
    rendered = render("order_shipped", "en", facts())
    assert rendered.subject == "Asha, your parcel 1 of 2 is on its way"
    assert "Parcel 1 of 2" in rendered.html
    assert render("order_shipped", "en", facts(parcel={"of": 1})).subject == "Asha, your order is on its way"


def test_parcel_with_lines_of_its_own_shows_these():
    rendered = render("order_shipped", "en", facts(parcel={"lines": [{"title": "Lid", "quantity": 3}]}))
    assert "In this parcel\n- 3 × Lid" in rendered.text
    assert "Teapot" not in rendered.html


@pytest.mark.parametrize("kind, address", [
    ("order_placed", "https://shop.example/orders/1001"),
    ("order_shipped", "https://track.example/BD123"),
    ("payment_failed", "https://shop.example/pay/1001"),
])
def test_button_leads_where_the_kind_says(kind, address):
    rendered = render(kind, "en", facts())
    assert address in Page(rendered.html).links
    assert f":\n{address}" in rendered.text


def test_address_told_with_a_refused_payment_comes_first():
    rendered = render("payment_failed", "en", facts(event={"retry_url": "https://pay.example/again"}))
    assert "https://pay.example/again" in Page(rendered.html).links
    assert rendered.short.endswith("Please try again. https://pay.example/again")


def test_how_a_window_was_worked_out_stays_in_the_house():
    assert "warehouse" not in render("order_delayed", "en", facts(promise={"reason": "Leaves the warehouse late"})).text


def test_without_an_address_there_is_no_button():
    assert "btn\"" not in render("order_placed", "en", {}).html


def test_free_shipping_is_called_free():
    assert "Shipping: Free" in render("order_placed", "en", facts(order={"shipping_price": "0.00"})).text


def test_pictures_have_a_text_and_lines_without_one_keep_the_place():
    lines = [{"title": "Cup", "image_url": "https://shop.example/cup.png"}, {"title": "Lid"}]
    page = Page(render("order_placed", "en", facts(order={"lines": lines})).html)
    assert [image["alt"] for image in page.attributes("img")] == ["Cup"]
    assert len([cell for cell in page.attributes("td") if cell.get("width") == "56"]) == 2


def test_letter_lines_are_short_enough_to_read():
    rendered = render("order_shipped", "en", facts(event={"reason": "rain " * 60}, order={"lines": [{"title": "long title " * 20}]}))
    assert max(len(line) for line in rendered.text.splitlines() if "http" not in line) <= 75


def test_largest_order_stays_below_what_mail_programs_clip():
    long = "https://shop.example/" + "x" * 200
    line = {"title": "&" * 300, "quantity": 2, "price": "9.00", "url": long, "image_url": long}
    assert len(render("order_placed", "hi", facts(order={"lines": [line] * 40})).html.encode()) < 102_000


def test_language_without_texts_speaks_english_throughout():
    rendered = render("order_placed", "fr", facts())
    assert rendered.subject.startswith("Thank you") and 'lang="en"' in rendered.html and "Thu 3 – Sat 5 Dec" in rendered.text


def test_region_of_a_language_decides_how_money_is_written():
    assert "₹1,23,456.00" in render("order_placed", "en-IN", facts(order={"total": "123456"})).text


def test_unknown_kind_is_refused():
    with pytest.raises(TemplateError):
        render("order_eaten", "en", {})


# ---- strangers ------------------------------------------------------------------------------------------------


def hostile_facts():
    """Every text a customer or a carrier can write is an attack."""
    return {
        "customer": {"first_name": HOSTILE, "name": HOSTILE},
        "order": {"number": HOSTILE, "url": "javascript:alert(1)", "address": [HOSTILE], "total": "12.00",
                  "lines": [{"title": HOSTILE, "url": "data:text/html,x", "image_url": 'https://x.example/"onerror="alert(1)'}]},
        "parcel": {"carrier": HOSTILE, "tracking_number": HOSTILE, "tracking_url": "JaVaScRiPt:alert(1)", "number": HOSTILE, "of": HOSTILE},
        "promise": {"reason": HOSTILE, "latest": HOSTILE},
        "event": {"reason": HOSTILE, "place": HOSTILE, "instructions": HOSTILE, "label_url": "vbscript:x", "amount": HOSTILE},
        "shop": {"name": HOSTILE, "url": "//evil.example", "email": HOSTILE, "address": HOSTILE},
    }


@pytest.mark.parametrize("kind", ["order_placed", "order_shipped", "order_delayed", "order_ready_for_pickup", "return_requested"])
@pytest.mark.parametrize("language", ["en", "hi", "bn"])
def test_hostile_facts_stay_words(kind, language):
    rendered = render(kind, language, hostile_facts())
    page = Page(rendered.html)
    assert page.links == []
    assert "em" not in {tag for tag, _ in page.elements}
    assert {attributes.get("type") for attributes in page.attributes("script")} <= {"application/ld+json"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "12.00" not in rendered.subject and "{{ order.total }}" in page.text
    assert "**bold**" in page.text


@pytest.mark.parametrize("kind", ["order_placed", "order_delayed", "order_cancelled"])
@pytest.mark.parametrize("name", [HOSTILE, "=?utf-8?q?=0D=0ABcc:_a@b.example?=", "=?utf-8?b?DQpCY2M6IGFAYi5leGFtcGxl?="])
def test_subject_cannot_smuggle_a_header(kind, name):
    rendered = render(kind, "en", {"customer": {"first_name": name}, "order": {"number": name}})
    mail = EmailMessage()
    mail["Subject"] = rendered.subject
    assert message_from_string(mail.as_string()).keys() == ["Subject"]
    assert all(part.isprintable() and len(part) <= 500 for part in (rendered.subject, rendered.preview, rendered.short))


JUNK = [None, 1, -3.5, True, "", [], {}, ["x"], {"a": [1]}, "x" * 5_000, "\ud800", "٣", "²", "NaN", float("inf"), "2026-99-99",
        "9999-12-31T23:59:59-12:00", "1e99", 10**30, "{{"]


def shuffled(value, dice):
    """``value`` with one in four of its parts replaced by junk."""
    def part(item):
        return dice.choice(JUNK) if dice.random() < 0.25 else shuffled(item, dice)

    if isinstance(value, dict):
        return {name: part(item) for name, item in value.items()}
    return [part(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(40))
def test_junk_in_the_facts_never_stops_a_message(seed):
    dice = Random(seed)
    for kind in KINDS:
        rendered = render(kind, dice.choice(["en", "hi", "bn", "en-IN", "xx", ""]), shuffled(SAMPLE, dice))
        assert rendered.subject and f"{rendered.subject}{rendered.html}{rendered.text}{rendered.short}".encode()


# ---- merchants ------------------------------------------------------------------------------------------------


def test_merchants_text_is_used():
    rendered = render("order_placed", "en", facts(), own=own(body="Dear **{{ customer.first_name }}**,\n\n- one\n- two", action="Look"))
    assert rendered.source == "merchant" and rendered.subject == "Our own words" == rendered.short
    assert "<strong" in rendered.html and "Look" in rendered.html
    assert "Dear Asha,\n\n- one\n- two" in rendered.text


def test_button_without_words_takes_the_built_in_ones():
    assert "See your order" in render("order_placed", "en", facts(), own=own()).html


@pytest.mark.parametrize("parts", [
    {"body": "{% if %}"},
    {"body": "{{ customer.first_name | }}"},
    {"body": "{{ 1 | divided_by: 0 }}"},
    {"body": "{% include 'secrets' %}"},
    {"body": "{% for i in (1..99999999) %}x{% endfor %}"},
    {"body": "{% for i in (1..900) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}"},
    {"body": "{% assign a = 'xx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}"},
    {"body": "{{ 'a'" + " | replace: 'a', 'aaaaaaaaaa'" * 12 + " }}"},
    {"subject": "{{ nothing.at_all }}"},
], ids=lambda parts: next(iter(parts.values()))[:40])
def test_merchants_mistake_sends_the_built_in_text(parts, caplog):
    with caplog.at_level(logging.WARNING):
        rendered = render("order_placed", "en", facts(), own=own(**parts))
    assert rendered.source == "fallback"
    assert rendered.subject == render("order_placed", "en", facts()).subject
    assert "built-in one is sent" in caplog.text


def test_changed_text_is_taken_up_at_once():
    text = own()
    render("order_placed", "en", facts(), own=text)
    text.subject = "Newer words"
    assert render("order_placed", "en", facts(), own=text).subject == "Newer words"


def test_merchant_cannot_write_tags_nor_odd_links():
    body = "{{ '<script>x</script><img src=x onerror=x>' }} <i>x</i> [a]({{ customer.first_name }}) [b](javascript:x) [c](https://shop.example/)"
    page = Page(render("order_placed", "en", facts(customer={"first_name": "javascript:x"}, order={"url": ""}), own=own(body=body)).html)
    assert not {"img", "i"} & {tag for tag, _ in page.elements}
    assert [attributes["type"] for attributes in page.attributes("script")] == ["application/ld+json"]
    assert page.links == ["https://shop.example", "https://shop.example/", "https://shop.example/teapot"]


def test_merchants_text_reaches_no_clock():
    assert "Today: !" in render("order_placed", "en", facts(), own=own(body="Today: {{ now }}{{ today }}!")).text


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_no_line_of_a_page_is_longer_than_servers_take(kind):
    # Endless links and prose have no place to break; mails that hold them are coded.
    pages = (render(kind, "bn", given).html for name, given in ORDERS.items() if name not in ("endless link", "long reason"))
    assert max(len(line.encode()) for html in pages for line in html.split("\n")) <= 998
