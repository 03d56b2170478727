"""Every text, in every language, with all facts and with hardly any."""

from __future__ import annotations

import re
import unicodedata
from copy import deepcopy
from functools import cache

import pytest
from liquid import Environment

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.speaking import localise, rendering
from ecommerce_comms.messaging.speaking.layout.shapes import SHAPES
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.signals import EVENT_SIGNALS

BUILT_IN = ("bn", "en", "hi")
ALL_TEXTS = [(kind, language) for kind in texts.KINDS for language in BUILT_IN]
FOR_OTHERS = [kind for kind in texts.KINDS if kind.endswith(texts.OTHERS)]
SAMPLE = {**linting.SAMPLE, "buyer": {"first_name": "Rina", "name": "Rina Sen"}, "recipient": {"role": "receiver"}}
LINE = {"title": "Teapot", "quantity": 2, "price": "1450.00"}


def order(**changes):
    return {**SAMPLE, "order": {**SAMPLE["order"], **changes}}


def named(name):
    return {**SAMPLE, "customer": {"first_name": name, "name": name}, "buyer": {"first_name": name, "name": name}}


def event(**changes):
    return {**SAMPLE, "event": {**SAMPLE["event"], **changes}}


CIRCUMSTANCES = {
    "everything": SAMPLE,
    "nothing": {},
    "no name": {**SAMPLE, "customer": {}, "buyer": {}},
    "no window": {**SAMPLE, "promise": {}},
    "no order": {**SAMPLE, "order": {}},
    "no parcel": {**SAMPLE, "parcel": {}},
    "no event": {**SAMPLE, "event": {}},
    "nulls": {"customer": {"first_name": None}, "order": {"number": None, "lines": None}, "promise": None, "parcel": {"of": None}},
    "blanks": {"customer": {"first_name": " "}, "order": {"number": "", "lines": []}, "promise": {"latest": ""}, "parcel": {"of": ""}},
    "one line": order(lines=[LINE]),
    "5,000 lines": order(lines=[{**LINE, "title": f"Teapot {number}"} for number in range(25)], more_lines=4_975),
    "emoji": named("🪷 Asha 👩🏽‍🚀"),
    "Indic name": named("ঐন্দ্রিলা চট্টোপাধ্যায়"),
    "right-to-left name": named("عائشة بنت محمد"),
    "zero amounts": {**order(total="0", shipping_price="0.00"), "event": {"amount": "0"}},
    "huge amounts": {**order(total="98765432109.99", currency="IDR"), "event": {"amount": "98765432109.99"}},
    "window in the past": {**SAMPLE, "promise": {"earliest": "2019-02-27", "latest": "2019-03-01", "was_latest": "2018-12-31"}},
    "one day": {**SAMPLE, "promise": {"earliest": "2026-12-31", "latest": "2026-12-31"}},
    "a desk": {**SAMPLE, "recipient": {"role": "desk"}},
    "instructions": event(instructions="Call the depot.", label_url="https://shop.example/label", reason=""),
}
# What a hole in a sentence looks like: signs of a template, "None", two blanks, a sign that belongs to a word that is not there.
HOLES = re.compile(r"\{\{|\{%|None|%\(|\blq+\d|\*\*|\S  \S|[ (][,.!?।)]|,,|\.\.|।।|: ?[।.]|\(\)")


@cache
def rendered(kind, language, circumstance):
    """Each message is made once for all tests that look at it."""
    return rendering.render(kind, language, deepcopy(CIRCUMSTANCES[circumstance]))


def readable(message):
    """Everything that a reader may see, one part to an entry."""
    page = re.sub(r"<(style|script)\b[^>]*>(?s:.*?)</\1>|&[#\w]+;|</?(?:bdi|strong|span)\b[^>]*>", "", message.html)
    return [message.subject, message.preview, message.short, message.text, re.sub(r"<[^>]+>", "\n", page)]


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_awkward_orders_leave_no_holes(kind, language):
    for circumstance in CIRCUMSTANCES:
        message = rendered(kind, language, circumstance)
        assert message.subject and message.short and message.source == "built-in"
        holes = [(circumstance, hole.group()) for part in readable(message) for hole in HOLES.finditer(part)]
        assert holes == []


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_built_in_texts_pass_their_own_linter(kind, language):
    assert [str(one) for one in linting.lint(texts.built_in(kind, language), kind, language) if one.severity == "error"] == []


def used(part):
    """The facts that a part of a text names, by Liquid's own account."""
    analysed = Environment().from_string(part).analyze().globals.values()
    return {".".join(map(str, one.segments)) for ones in analysed for one in ones}


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_a_text_states_the_same_facts_in_every_language(kind, language):
    here, english = texts.built_in(kind, language), texts.built_in(kind, "en")
    for part in linting.LONGEST:
        assert getattr(here, part)
        assert used(getattr(here, part)) == used(getattr(english, part)), part


def test_every_language_has_every_kind_and_every_label():
    assert [row for row in texts.completeness() if row.language in BUILT_IN and row.state != "built-in"] == []
    for language in BUILT_IN:
        assert texts.labels(language).keys() == texts.labels("en").keys()
        assert texts.told_in("order_placed", language) == language


def test_words_are_written_in_the_one_normal_form():
    for context, words in ((kind, str(texts.built_in(kind, language))) for kind, language in ALL_TEXTS):
        assert unicodedata.is_normalized("NFC", words), context
    assert all(unicodedata.is_normalized("NFC", label) for language in BUILT_IN for label in texts.labels(language).values())


def test_every_event_has_a_text_and_every_text_a_shape():
    assert set(EVENT_SIGNALS) <= set(texts.KINDS)
    assert set(SHAPES) == set(texts.KINDS)


def test_5000_lines_are_counted_and_not_listed():
    for language in BUILT_IN:
        letter = rendering.render("order_placed", language, order(lines=[LINE] * 5_000)).text
        assert letter.count("Teapot") == 20 and "4980" in letter


# ---- what is said, and where --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_short_form_and_letter_tell_the_same_window_and_amount(kind, language):
    text = texts.built_in(kind, language)
    for fact in ("promise.window", "promise.was_window", "event.amount"):
        assert (fact in used(text.short)) is (fact in used(text.body)), fact


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_greeting_is_not_written_into_the_text(kind, language):
    """It is printed by itself above the body, as the branding wishes."""
    text = texts.built_in(kind, language)
    assert not any(name in text.body for name in ("customer.first_name", "customer.name"))
    assert not re.search(r"Hello|Dear|नमस्ते|প্রিয়", text.body)


@pytest.mark.parametrize("language", BUILT_IN)
def test_greetings_take_the_name(language):
    labels = texts.labels(language)
    for tone in ("friendly", "formal"):
        assert "Asha" in labels[f"greeting_{tone}"].format(name="Asha")
        assert labels[f"greeting_{tone}_unnamed"].endswith(",")


USUAL = {
    "customer": {"first_name": "Priyanka", "name": "Priyanka Chakraborty"},
    "buyer": {"first_name": "Priyanka", "name": "Priyanka Sen"},
    "order": {"number": "LH-10234", "url": "https://lotushouse.example/orders/10234", "currency": "INR", "total": "12499.00",
              "retry_payment_url": "https://lotushouse.example/pay/10234"},
    "parcel": {"number": 1, "of": 2, "carrier": "Blue Dart", "tracking_url": "https://track.example/BD123456789"},
    # Windows over the end of a month are the longest.
    "promise": {"earliest": "2026-11-28", "latest": "2026-12-02", "was_earliest": "2026-11-25", "was_latest": "2026-11-28"},
    "event": {"occurred_at": "2026-11-24T10:00:00+00:00", "amount": "1249.00", "place": "Lake Road 12, Kolkata",
              "label_url": "https://lotushouse.example/labels/10234"},
    "shop": {"name": "Lotus House"},
}
TWO_SEGMENTS = 2 * 67
"""UTF-16 units in two text messages in any script but Latin."""


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_short_form_with_usual_facts_fits_two_text_messages(kind, language):
    for role in ("receiver", "desk"):
        short = rendering.render(kind, language, {**USUAL, "recipient": {"role": role}}).short
        assert len(short.encode("utf-16-le")) // 2 <= TWO_SEGMENTS, short


def test_window_is_told_in_each_part_where_the_kind_has_one():
    for language in BUILT_IN:
        window = localise.window("2026-12-03", "2026-12-05", language, 2026)
        for kind in ("order_placed", "order_shipped", "order_delayed", "order_back_on_track", "order_shipped.others"):
            message = rendered(kind, language, "everything")
            assert all(window in part for part in (message.preview, message.short, message.text, message.html))


THE_REST = {"en": "The rest of your order", "hi": "बाकी सामान", "bn": "বাকি জিনিস"}


@pytest.mark.parametrize("parcel, told", [
    ({"number": 1, "of": 2}, True), ({"number": "1", "of": "3"}, True), ({"number": 2, "of": 2}, False), ({"number": 1, "of": 1}, False),
    ({"number": 1}, False), ({"of": 2}, False), ({"number": "x", "of": 2}, False), ({}, False),
])
@pytest.mark.parametrize("language", THE_REST)
def test_rest_of_the_order_is_told_until_the_last_parcel(language, parcel, told):
    message = rendering.render("order_shipped", language, {"parcel": parcel})
    assert (THE_REST[language] in message.text) is (THE_REST[language] in message.html) is told


@pytest.mark.parametrize("language, claim", [("en", "ready"), ("hi", "तैयार"), ("bn", "তৈরি")])
def test_order_that_was_placed_may_still_be_unpaid(language, claim):
    assert claim not in rendered("order_placed", language, "everything").text


@pytest.mark.parametrize("language", BUILT_IN)
def test_failed_delivery_says_which_of_several_parcels(language):
    of_two, only = (rendering.render("delivery_failed", language, {"parcel": {"number": 1, "of": of}}).subject for of in (2, 1))
    assert "1" in of_two and "2" in of_two
    assert "1" not in only


@pytest.mark.parametrize("kind", ["delivery_failed", "delivery_failed.others"])
@pytest.mark.parametrize("language", BUILT_IN)
def test_failed_delivery_asks_for_a_look_at_the_address_only_if_one_is_known(kind, language):
    asks = {"en": "the address we have", "hi": "आपका पूरा पता", "bn": "আপনার পুরো ঠিকানা"}[language]

    def told(**facts):
        return " ".join(rendering.render(kind, language, facts).text.split())

    assert asks not in told(event={}) and asks not in told(event={"instructions": "Call the depot."})
    assert asks in told(order={"address": ["4 Lake Road"]})
    both = told(event={"instructions": "Call the depot.", "reason": "Nobody was in."})
    assert "Call the depot." in both and "Nobody was in." in both


# ---- people other than the customer -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", BUILT_IN)
@pytest.mark.parametrize("kind", FOR_OTHERS)
def test_others_hear_who_it_is_from_and_nothing_of_prices_items_and_the_order_page(kind, language):
    message = rendered(kind, language, "everything")
    everything = "\n".join(readable(message)) + message.html
    assert "Rina Sen" in message.subject and "Rina Sen" in message.text and "Rina Sen" in message.short
    for secret in ("Teapot", "1,499", "1,450", "49.00", "https://shop.example/orders/1001", "https://shop.example/pay"):
        assert secret not in everything


@pytest.mark.parametrize("kind", FOR_OTHERS)
def test_a_desk_is_not_told_of_a_gift(kind):
    assert "ordered by Rina Sen" in rendered(kind, "en", "a desk").subject
    assert "from Rina Sen" in rendered(kind, "en", "everything").subject


@pytest.mark.parametrize("language", BUILT_IN)
def test_others_are_not_told_that_they_ordered(language):
    labels = texts.labels(language)
    foot = " ".join(rendered("order_shipped.others", language, "everything").text.split())
    assert labels["because_others"].format(shop="Lotus House") in foot
    assert labels["because"].format(shop="Lotus House") not in foot
    assert labels["because_others_unnamed"] in " ".join(rendering.render("order_shipped.others", language, {}).text.split())


@pytest.mark.parametrize("kind, role, key", [
    ("order_shipped", "", "order_shipped"), ("order_shipped", "desk", "order_shipped.others"),
    ("order_delayed", "receiver", "order_delayed.others"), ("order_paid", "desk", "order_paid"),
])
def test_whoever_is_not_the_customer_has_a_text_of_their_own_where_there_is_one(kind, role, key):
    assert texts.key(kind, role) == key


def test_unknown_kind_is_refused():
    with pytest.raises(TemplateError, match="no built-in text for 'order_eaten'"):
        texts.built_in("order_eaten", "en")
