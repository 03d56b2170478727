"""Complaints about a merchant's text, before a customer sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing.linting import Complaint, lint, own_languages, trying
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.speaking.words import compiled
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text

GOOD = {"subject": "We have your order", "preview": "Here is what you ordered.", "body": "Thank you for your order."}


def found(kind="order_placed", language="en", **parts):
    return lint(Text(**{**GOOD, **parts}), kind, language)


def errors(*args, **parts):
    return [str(one) for one in found(*args, **parts) if one.severity == "error"]


def warnings(*args, **parts):
    return [str(one) for one in found(*args, **parts) if one.severity == "warning"]


def test_a_good_text_has_no_complaints():
    assert found() == []


@pytest.mark.parametrize("parts, complaint", [
    ({"subject": " "}, "The subject is empty."),
    ({"body": ""}, "The body is empty."),
    ({"subject": "{{ oder.number }}"},
     "uses {{ oder.number }} (line 1, column 4), which is not a fact that a message knows; did you mean {{ order.number }}?"),
    ({"subject": "{{ first_name }}"}, "did you mean {{ customer.first_name }}?"),
    ({"subject": "{{ zebra }}"}, "which is not a fact that a message knows; the list beside the text shows those it knows."),
    ({"subject": "{{ order }}"}, "The subject uses {{ order }} (line 1, column 4), which is not a fact that a message knows"),
    ({"short": "{{ order.owner.password }}"}, "The short form uses {{ order.owner.password }} (line 1, column 4), which is not a fact"),
    ({"body": "{{ order.number.first }}"}, "The body uses {{ order.number.first }}"),
    ({"body": "{{ order[customer.first_name] }}"}, "by another fact; please name the fact itself"),
    ({"body": "{% if order.totl %}x{% endif %}y"}, "did you mean {{ order.total }}?"),
    ({"body": "{% for line in order.lines %}{{ line.titel }}{% endfor %}"},
     "uses {{ line.titel }} (line 1, column 33), which is not a fact"),
    ({"body": "{% for line in order.lines %}{{ line.titel }}{% endfor %}"}, "did you mean {{ line.title }}?"),
    ({"body": "{% assign o = order.lines | first %}{{ o.titel }}"}, "did you mean {{ o.title }}?"),
    ({"body": "{% for line in order.lines %}{{ forloop.number }}{% endfor %}"}, "which a loop does not know."),
    ({"body": "{{ order.lines }}"}, "which is a list; please write {% for one in order.lines %}{{ one.title }}{% endfor %}."),
    ({"body": "{{ event.amount }}"}, "which a message of the kind “order placed” never knows; please leave it out."),
    ({"body": "one\n\n{{ order. }}"}, "A name is missing at the end of what stands in braces (line 3, column 1)."),
    ({"body": "one\n  {% if order.number %}"},
     "The {% if %} that begins here is never closed; please write {% endif %} where it ends (line 2, column 3)."),
    ({"body": "one\n {{ order.number }"}, "The {{ that begins here is never closed; please write }} where it ends (line 2, column 2)."),
    ({"body": "{{ order.number } and {{ order.total }}"},
     "The {{ that begins here is never closed; please write }} where it ends (line 1, column 1)."),
    ({"body": "Hi { customer.first_name }"},
     "The body has { customer.first_name } in single braces (line 1, column 4), so customers read just that; please write "
     "{{ customer.first_name }}."),
    ({"body": "{ order.number }}"}, "The body has }} without {{ before it (line 1, column 16)"),
    ({"body": "{% if order.number = 3 %}x{% endif %}"}, "A single = compares nothing; please write == (line 1, column 20)."),
    ({"body": "{{ 'Hello }}"}, "The quotation mark ' that begins here is never closed (line 1, column 4)."),
    ({"body": "{% raw %}x"}, "The {% raw %} that begins here is never closed"),
    ({"body": "{% include 'x' %}"},
     "The body uses the tag “include” (line 1, column 1), which is not allowed here: there are no other templates to read."),
    ({"body": "{% explode %}"}, "The body uses the tag “explode” (line 1, column 1), which is not allowed here."),
    ({"body": "{% if a %}{% else if b %}{% endif %}"}, "uses {% else if %} (line 1, column 11); please write {% elsif … %} instead."),
    ({"body": "{{ order.placed_on | date: '%d' }}"},
     "uses the filter “date” (line 1, column 22), which is not allowed here: dates come out"),
    ({"body": "{{ order.number | upcas }}"}, "did you mean “upcase”."),
    ({"body": "see http://shop.example/a"},
     "links to http://shop.example/a (line 1, column 5); please use https:// so that the link is safe."),
    ({"body": "[here](javascript:alert(1))"},
     "links to javascript:alert(1) (line 1, column 6); please begin a link with https://, mailto: or tel:."),
    ({"body": "[here](&#106;avascript:alert(1))"}, "links to javascript:alert(1)"),
    ({"body": "[help](/help)"}, "please begin a link with https://, mailto: or tel:."),
    ({"body": "[us](www.shop.example)"}, "The body links to www.shop.example"),
    ({"body": "[us](\n</help>)"}, "The body links to /help"),
    ({"body": "[us]()"}, "The body links to nothing"),
    ({"body": "[us](https://)"}, "The body links to https://"),
    ({"body": "<ftp://shop.example>"}, "The body links to ftp://shop.example"),
    ({"body": "[x]({{ customer.first_name }})"},
     "links to {{ customer.first_name }} (line 1, column 3), which is no link; please take a fact such as"),
    ({"body": "[x](https://{{ customer.first_name }}/a)"}, "which hides where it leads; please write the whole address of one place."),
    ({"body": "[x](https://shop.example@evil.example/)"}, "which hides where it leads"),
    ({"body": "[x]({{ 'java' | append: 'script:alert(1)' }})"}, "A link in the body leads nowhere"),
    ({"body": "<b>x"}, "The body holds the HTML tag <b> (line 1, column 1); please write Markdown instead."),
    ({"body": "{{ '<script>' }}x"}, "please write Markdown instead."),
    ({"body": "x" * 20_001}, "The body is too long: 20001 characters, at most 20000 are allowed."),
    ({"subject": "x" * 121}, "The subject comes out 121 characters long; please keep it under 120."),
    ({"subject": "{{ customer.first_name }}"}, "The text does not work when the customer has no name: Its subject came out empty."),
    ({"body": "{{ 1 | divided_by: 0 }}"}, "Divided_by: can't divide by 0 (line 1, column 8)."),
    ({"body": "{% if customer.name %}Hello{% endif %}"},
     "The body comes out empty when the customer has no name, so the mail has no text part"),
    ({"body": "Pay\u202eyap"}, "holds a sign that nobody sees (right-to-left override) (line 1, column 4)"),
    ({"body": "a\x00b"}, "holds a sign that nobody sees (u+0000)"),
    ({"subject": "=?utf-8?q?x?="}, "which mail programs decode"),
    ({"body": "｛｛ order.number ｝｝"}, "looks like a brace and is none"),
    ({"body": "{% for i in (1..1000000000) %}x{% endfor %}"}, "A range may hold at most 1000 numbers"),
    ({"body": "{{ (1..3) | join }}"}, "A range such as (1..5) can stand in a “for” only"),
])
def test_error(parts, complaint):
    told = errors(**parts)
    assert any(complaint in one for one in told), told


@pytest.mark.parametrize("parts, complaint", [
    ({"body": "Hello {{ customer.first_name }}."},
     "uses {{ customer.first_name }} (line 1, column 10) without asking for it; where it is not known, nothing"),
    ({"kind": "order_changed", "body": "x{% if promise.window %}y{% endif %}"},
     "which a message of the kind “order changed” never knows: that part never shows."),
    ({"preview": ""}, "There is no preview line"),
    ({"preview": "We have your order."}, "The preview line repeats the subject"),
    ({"subject": "WE HAVE YOUR ORDER"}, "The subject is all capitals"),
    ({"subject": "x" * 90}, "The subject comes out 90 characters long; phones show about 40"),
    ({"short": "x" * 500}, "The short form takes 4 text messages"),
    ({"short": "ক" * 250, "language": "bn"}, "The short form takes 4 text messages"),
    ({"body": "[Track it](https://shop.example/track)"}, "The body says everything in a link"),
    ({"body": "It comes on 3 December.", "short": ""}, "The body states “3 December” (line 1, column 13), the same for every customer"),
    ({"body": "Only ₹ 1,450.00 today"}, "states “₹ 1,450.00” (line 1, column 6), the same for every customer"),
    ({"body": "यह ३ दिसंबर को आएगा।", "language": "hi"}, "states “३ दिसंबर”"),
    ({"body": "এটি ৫ ডিসেম্বর আসবে", "language": "bn"}, "states “৫ ডিসেম্বর”"),
    ({"body": "दाम ₹१,४५० है", "language": "hi"}, "states “₹१,४५०”"),
    ({"language": "hi"}, "The subject is not written in the script of its language “hi”"),
    ({"short": "Parcel {{ parcel.tracking_number }}", "kind": "order_cancelled"},
     "The short form gives the tracking number, which the mail does not"),
])
def test_warning(parts, complaint):
    told = warnings(**parts)
    if "script of its language" in complaint:
        told = warnings(subject="We have your order and thank you", **parts)
    assert any(complaint in one for one in told), told
    assert not errors(**parts)


class TestLinks:
    def test_host_of_somebody_else_is_pointed_out(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": "https://www.shop.example"}
        assert warnings(body="x [a](https://shop.example/a) [b](https://help.shop.example)") == []
        assert "which is not your shop (shop.example). Please" in warnings(body="x [a](https://elsewhere.test/a)")[0]
        assert "it looks like shop.example and is not" in warnings(body="x [a](https://sh0p.example/a)")[0]

    @pytest.mark.parametrize("body", [
        "[help](https://shop.example/help) <https://shop.example> x",
        "[write](mailto:help@shop.example), [call](tel:+4912345), [shop](HTTPS://shop.example/a_(b)), <mailto:help@shop.example>",
        "[order]({{ order.url }}) [order](<{{ order.url }}>) x",
        "x {% if order.url %}[order]({% if order.url %}{{ order.url }}{% endif %}){% endif %}",
    ])
    def test_good_links_are_no_errors(self, body):
        assert errors(body=body) == []


class TestAsking:
    @pytest.mark.parametrize("body", [
        "{% if order.total %}{{ order.total }}{% elsif order.number %}x{% else %}y{% endif %} z",
        "Hello {{ customer.first_name | default: 'there' }}.",
        "Hello {% unless customer.name == blank %}{{ customer.name }}{% endunless %}.",
        "x {% unless customer.name %}friend{% else %}{{ customer.name }}{% endunless %}",
        "x {% if customer.name and order.total %}{{ customer.name }} {{ order.total }}{% endif %}",
        "x {% if order.total != blank %}{{ order.total }}{% endif %}",
        "x {% if customer.name == nil %}friend{% else %}{{ customer.name }}{% endif %}",
        "x {% case customer.first_name %}{% when 'Asha' %}{{ customer.first_name }}{% else %}you{% endcase %}",
        "x {% for line in order.lines %}{{ line.title }}{% if line.price %}, {{ line.price }}{% endif %}{% endfor %}",
        "x\n\n{{ promise.window }}\n",
        "{% comment %}note{% endcomment %}{% raw %}{{ braces }}{% endraw %}",
        "x {{ order.address | join: ', ' }} {{ order.lines.size }}",
        "x {% assign first = order.lines | first %}{{ first.title }}",
        "x {% assign who = customer.name | default: 'you' %}{{ who }}",
        "x {% capture who %}you{% endcapture %}{{ who }}",
    ])
    def test_sentence_that_holds_without_the_fact_is_no_warning(self, body):
        assert found(body=body) == []

    @pytest.mark.parametrize("body", [
        "x {% if customer.name or order.total %}{{ customer.name }}{% endif %}",
        "x {% if customer.name %}a{% else %}{{ customer.name }}{% endif %}",
        "x {% if customer.name != 'Asha' %}{{ customer.name }}{% endif %}",
        "x {% if order.total %}{{ customer.name }}{% endif %}",
    ])
    def test_asking_for_something_else_does_not_help(self, body):
        assert any("without asking for it" in one for one in warnings(body=body))


class TestChannels:
    """What one channel states, the mail states too."""

    BODY = "You can expect it {{ promise.window }}."

    def test_short_form_with_the_window_before_is_refused(self):
        told = errors(body="x\n\n{{ promise.window }}", short="It comes {{ promise.was_window }}")
        assert any("The short form states the window before (Wed 2 – Thu 3 Dec), which the mail does not" in one for one in told)

    def test_short_form_with_the_old_window_alone_is_refused_even_if_the_mail_tells_both(self):
        told = errors("order_delayed", body="x", short="It comes {% if promise.was_window %}{{ promise.was_window }}{% endif %}")
        said = "tells only the window before (Wed 2 – Thu 3 Dec), while the mail tells the window (Thu 3 – Sat 5 Dec)"
        assert any(said in one for one in told)

    @pytest.mark.parametrize("language, short", [
        ("en", "It comes on 3 December"), ("en", "It comes on Dec 3rd"), ("en", "It comes on 2026-12-03"), ("en", "It comes on 03.12.2026"),
        ("hi", "यह ३ दिसंबर को आएगा"), ("hi", "यह 3 दिसम्बर को आएगा"), ("bn", "এটি ৩ ডিসেম্বর আসবে"),
    ])
    def test_typed_date_that_the_mail_does_not_state_is_refused(self, language, short):
        told = errors(language=language, body="x\n\n{{ promise.window }}", short=short)
        assert any("The short form states “" in one and "which the mail does not" in one for one in told), told

    @pytest.mark.parametrize("part", ["subject", "preview", "heading", "short"])
    @pytest.mark.parametrize("words", ["3 December", "₹ 500", "Rs. 500", "500 rupees", "USD 20.50", "{{ event.amount }}"])
    def test_every_channel_is_compared(self, part, words):
        told = errors("order_refunded", body="We sent you something back.", **{part: f"Your money: {words}"})
        assert any("which the mail does not" in one for one in told), told

    def test_amount_that_differs_is_refused(self):
        told = errors("order_refunded", body="You get ₹ 500 back.", short="You get ₹ 50 back.")
        assert told == ["The short form states “₹ 50”, which the mail does not; please say the same in the body, or leave it out."]

    def test_same_date_or_amount_written_in_another_way_is_the_same(self):
        assert errors(body="It comes 3 December for ₹ 1,450.00.", short="It comes Dec 3, for Rs. 1450") == []

    def test_window_that_the_box_shows_counts_as_said(self):
        assert errors(body="x", short="It comes {{ promise.window }}") == []
        assert any("states the window" in one for one in errors("order_back_on_track", body="x", short="{{ promise.earliest }}"))

    def test_amounts_that_the_list_shows_count_as_said(self):
        assert errors(body="x", short="In all {{ order.total }}") == []

    @pytest.mark.parametrize("words", ["2 of 3 may arrive", "call 1800 123 456", "open 10-18", "Section 3.4.5", "You may 3"])
    def test_numbers_that_are_neither_stay_what_they_are(self, words):
        assert found(body=f"x {words}", short=words) == []


@pytest.mark.parametrize("kind", texts.KINDS)
def test_built_in_texts_are_never_refused(kind):
    for language in texts.languages():
        assert [one for one in lint(texts.built_in(kind, language), kind, language) if one.severity == "error"] == []


def test_complaint_says_where():
    (told,) = [one for one in found(body="one\n\ntwo {{ oder.number }}") if one.severity == "error"]
    assert told == Complaint(severity="error", part="body", message=str(told), line=3, column=8)


def test_complaints_stand_in_the_order_of_the_page():
    told = found(subject="{{ a }}", short="{{ b }}", body="x\n{{ c }}\n{{ d }}")
    assert [one.part for one in told] == ["subject", "body", "body", "short"]


@pytest.mark.django_db
def test_missing_language_is_told():
    Template.objects.create(kind="order_placed", language="en", subject="x", body="x")
    Template.objects.create(kind="order_placed", language="hi", subject="x", body="x", is_active=False)
    assert own_languages("order_placed") == ("en",)
    told = lint(Text(**GOOD), "order_placed", "en", own_languages=own_languages("order_placed"))
    assert [str(one)[:65] for one in told] == ["There is no text of your own for this message in Bangla and Hindi"]
    assert lint(Text(**GOOD), "order_placed", "en", own_languages=("bn", "hi")) == []


def test_kind_of_the_shops_own_is_known(monkeypatch):
    monkeypatch.setattr(texts, "KINDS_OF_SHOP", {"tea_club": type("Kind", (), {"facts": ("customer.first_name",)})}, raising=False)
    assert lint(Text(**GOOD), "tea_club") == []
    assert "never knows" in str(lint(Text(**{**GOOD, "body": "{{ order.total }}"}), "tea_club")[0])


def test_unknown_kind():
    assert [str(one) for one in lint(Text(subject="Hello", body="Hello"), "order_eaten")] == ["There is no message called “order_eaten”."]


def test_a_link_that_may_be_used_stays_a_link():
    text = Text(subject="Hello", body="[call](tel:+4912345) [write](mailto:help@shop.example)")
    made = rendering.compose(text, rendering.parts_of("order_placed", "en", {}, "UTC"), "merchant")
    assert 'href="tel:+4912345"' in made.html and 'href="mailto:help@shop.example"' in made.html


def test_text_that_keeps_its_time_only_once_is_refused(monkeypatch):
    text = texts.built_in("order_placed", "en")

    def spent(view):
        raise TemplateError("It takes too long.")

    # The first filling is another function's; this is the second one.
    monkeypatch.setattr(trying, "compiled", lambda text: replace(compiled(text), body_html=spent))
    assert "The text does not work: It takes too long." in [str(one) for one in lint(text, "order_placed") if one.severity == "error"]
