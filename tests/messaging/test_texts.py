"""Every text, in every language, with all facts and with hardly any."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from liquid import Environment

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.speaking import localise, rendering
from ecommerce_comms.messaging.speaking.layout.shapes import SHAPES
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.signals import EVENT_SIGNALS

ALL_TEXTS = [(kind, language) for kind in texts.KINDS for language in texts.languages()]
FULL = linting.SAMPLE
CIRCUMSTANCES = {
    "everything": FULL,
    "nothing": {},
    "no name": {**FULL, "customer": {}},
    "no window": {**FULL, "promise": {}},
    "no order": {**FULL, "order": {}},
    "no parcel": {**FULL, "parcel": {}},
    "nulls": {"customer": {"first_name": None}, "order": {"number": None, "lines": None}, "promise": None, "parcel": {"of": None}},
    "blanks": {"customer": {"first_name": " "}, "order": {"number": "", "lines": []}, "promise": {"latest": ""}, "parcel": {"of": ""}},
}
# What a hole in a sentence looks like: signs of a template, "None", two blanks, a sign that belongs to a word that is not there.
HOLES = re.compile(r"\{\{|\{%|None|%\(|\blq+\d|\S  \S|[ (][,.!?।)]|,,|\.\.|: ?[।.]")


def readable(rendered):
    """Everything that a reader may see, one part to an entry."""
    page = re.sub(r"<style>(?s:.*?)</style>|&[#\w]+;|</?(?:bdi|strong|span)\b[^>]*>", "", rendered.html)
    return [rendered.subject, rendered.preview, rendered.short, rendered.text, re.sub(r"<[^>]+>", "\n", page)]


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_missing_facts_leave_no_holes(kind, language, circumstance):
    rendered = rendering.render(kind, language, deepcopy(CIRCUMSTANCES[circumstance]))
    assert rendered.subject and rendered.short and rendered.source == "built-in"
    assert [hole.group() for part in readable(rendered) for hole in HOLES.finditer(part)] == []


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_built_in_texts_pass_their_own_linter(kind, language):
    assert [str(one) for one in linting.lint(texts.built_in(kind, language), kind, language) if one.severity == "error"] == []


@pytest.mark.parametrize("kind, language", ALL_TEXTS)
def test_a_text_states_the_same_facts_in_every_language(kind, language):
    def used(part):
        parsed = Environment().from_string(part)
        return {".".join(map(str, one.segments)) for ones in parsed.analyze().globals.values() for one in ones}

    here, english = texts.built_in(kind, language), texts.built_in(kind, "en")
    assert all(getattr(here, part) for part in linting.LONGEST)
    assert used(here.body) == used(english.body)
    assert used(here.short) == used(english.short)


def test_every_language_has_every_kind_and_every_label():
    for language in texts.languages():
        assert texts.labels(language).keys() == texts.labels("en").keys()
        assert all(texts.built_in(kind, language) for kind in texts.KINDS)


def test_every_event_has_a_text_and_every_text_a_shape():
    assert set(EVENT_SIGNALS) <= set(texts.KINDS)
    assert set(SHAPES) == set(texts.KINDS)


def test_window_is_told_in_each_part_where_the_kind_has_one():
    for language in texts.languages():
        window = localise.window("2026-12-03", "2026-12-05", language, 2026)
        for kind in ("order_placed", "order_shipped", "order_delayed", "order_back_on_track"):
            rendered = rendering.render(kind, language, FULL)
            assert all(window in part for part in (rendered.preview, rendered.short, rendered.text, rendered.html))


THE_REST = {"en": "The rest of your order", "hi": "बाकी सामान", "bn": "বাকি জিনিস"}


@pytest.mark.parametrize("parcel, told", [
    ({"number": 1, "of": 2}, True), ({"number": "1", "of": "3"}, True), ({"number": 2, "of": 2}, False), ({"number": 1, "of": 1}, False),
    ({"number": 1}, False), ({"of": 2}, False), ({"number": "x", "of": 2}, False), ({}, False),
])
@pytest.mark.parametrize("language", THE_REST)
def test_rest_of_the_order_is_told_until_the_last_parcel(language, parcel, told):
    rendered = rendering.render("order_shipped", language, {"parcel": parcel})
    assert (THE_REST[language] in rendered.text) is (THE_REST[language] in rendered.html) is told


@pytest.mark.parametrize("language, claim", [("en", "ready"), ("hi", "तैयार"), ("bn", "তৈরি")])
def test_order_that_was_placed_may_still_be_unpaid(language, claim):
    assert claim not in rendering.render("order_placed", language, FULL).text


@pytest.mark.parametrize("language", texts.languages())
def test_failed_delivery_says_which_of_several_parcels(language):
    of_two, only = (rendering.render("delivery_failed", language, {"parcel": {"number": 1, "of": of}}).subject for of in (2, 1))
    assert "1" in of_two and "2" in of_two
    assert "1" not in only


@pytest.mark.parametrize("language", texts.languages())
def test_failed_delivery_speaks_of_an_address_below_only_if_there_is_one(language):
    below = {"en": "below", "hi": "नीचे", "bn": "নিচের"}[language]
    for event in ({}, {"instructions": "Call the depot."}):
        assert below not in rendering.render("delivery_failed", language, {"event": event}).text
    assert below in rendering.render("delivery_failed", language, {"order": {"address": ["4 Lake Road"]}}).text
    told = rendering.render("delivery_failed", language, {"event": {"instructions": "Call the depot.", "reason": "Nobody was in."}}).text
    assert "Call the depot." in told and "Nobody was in." in told


@pytest.mark.parametrize("tags, language", [
    (("hi",), "hi"), (("hi-IN",), "hi"), (("hi_IN",), "hi"), (("HI",), "hi"), (("bn-BD", "hi"), "bn"),
    (("fr", "bn"), "bn"), (("fr",), "en"), ((), "en"), (("", " "), "en"), (("hindi",), "en"),
])
def test_best_language_is_the_first_that_is_spoken(tags, language):
    assert texts.best_language(*tags) == language


def test_languages_are_those_of_the_files():
    assert texts.languages() == ("bn", "en", "hi")


def test_unknown_kind_is_refused():
    with pytest.raises(TemplateError, match="no built-in text for 'order_eaten'"):
        texts.built_in("order_eaten", "en")
