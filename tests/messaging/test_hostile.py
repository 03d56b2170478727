"""Whatever an author writes is refused or harmless; whatever a customer writes is printed as it stands."""

from __future__ import annotations

import html
import json
import re
import time
import tracemalloc
from copy import deepcopy
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import plain
from ecommerce_comms.messaging.editing import linting
from ecommerce_comms.messaging.speaking import forms, rendering
from ecommerce_comms.messaging.speaking.words import Words, compiled, fill
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text
from tests.messaging import hostile

BODY_TAGS = {
    "p", "ul", "ol", "li", "a", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "strong", "em", "br", "bdi", "span", "code",
}
GOOD_LINK = re.compile(r"(?:https?://|mailto:|tel:|#$)", re.IGNORECASE)
ONE_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
SECONDS = 5.0
"""Nothing hostile runs on: a loose bound in seconds of the processor, which a busy machine keeps too. Without limits it is hours."""
BYTES = 64 * 2**20
PARTS_OF_ONE_LINE = ("subject", "preview", "heading", "action", "short")
BODIES = [(family, number) for family, sources in hostile.BODIES.items() for number in range(len(sources))]
KIND = "order_delayed"


class Strict(HTMLParser):
    """Refuses whatever a mail must not hold."""

    def __init__(self, tags=None):
        super().__init__(convert_charrefs=True)
        self.tags, self.found, self.data, self.inside = tags, [], [], ""

    def handle_starttag(self, tag, attrs):
        self.inside = tag if tag in ("script", "style") else self.inside
        self.found.append(tag)
        assert self.tags is None or tag in self.tags, tag
        assert tag not in {"iframe", "object", "embed", "svg", "math", "form", "input", "base", "noscript"}
        assert tag != "script" or dict(attrs) == {"type": "application/ld+json"}
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in ("href", "src"):
                assert GOOD_LINK.match(value or "#"), value
            if name == "style":
                assert not re.search(r"url\(|expression|position|javascript", value)

    def handle_endtag(self, tag):
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data):
        if self.inside == "script":
            json.loads(data)
        self.data.append(data)


def check_page(page, tags=None):
    parser = Strict(tags)
    parser.feed(page)
    parser.close()
    return parser


def seconds_of(work):
    begun = time.thread_time()
    try:
        result = work()
    except TemplateError as error:
        result = error
    return time.thread_time() - begun, result


def check_harmless(text, kind=KIND):
    """In every circumstance: within the bounds, and nothing in it that could do harm; or it fails as a text that does not work."""
    for facts in (linting.sample(kind), {}):
        parts = rendering.parts_of(kind, "en", deepcopy(facts), "UTC")
        for source in ("merchant", "built-in"):
            compiled(text)
            spent, words = seconds_of(lambda source=source, parts=parts: fill(text, parts.facts, source))
            assert spent < SECONDS, text.body[:80]
            if isinstance(words, TemplateError):
                continue
            check_page(words.body, BODY_TAGS)
            made = rendering.spoken(words, parts)
            check_page(made.html)
            assert len(made.html) < 1_000_000 and len(made.text) < 80_000
            for line in (words.subject, words.preview, words.heading, words.action, words.short, made.sms, made.chat):
                assert not ONE_LINE.search(line) and not re.search(r"=\?[^?]*\?[bq]\?", line, re.IGNORECASE), line


def bounded(work):
    """What ``work`` gives, and how many bytes it took at the most."""
    tracemalloc.start()
    try:
        result = work()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("family, number", BODIES, ids=[f"{family}-{number}" for family, number in BODIES])
def test_hostile_body_is_refused_or_harmless(family, number):
    text = Text(subject="Hello", preview="There", body=hostile.BODIES[family][number])
    spent, found = seconds_of(lambda: linting.lint(text, KIND))
    assert spent < SECONDS
    assert all(str(one).strip() and len(str(one)) < 3_000 for one in found)
    check_harmless(text)


@pytest.mark.parametrize("number", range(len(hostile.LINES)))
@pytest.mark.parametrize("part", PARTS_OF_ONE_LINE)
def test_hostile_line_is_refused_or_harmless(part, number):
    text = Text(**{"subject": "Hello", "body": "Hello", part: hostile.LINES[number]})
    spent, _ = seconds_of(lambda: linting.lint(text, KIND))
    assert spent < SECONDS
    check_harmless(text)


@pytest.mark.parametrize("family", ["loops", "bombs", "big"])
def test_nothing_takes_much_memory(family):
    for source in hostile.BODIES[family]:
        if source.count("{%") > 500:  # these take rounds, not memory, and counting bytes is slow
            continue
        text = Text(subject="Hello", body=source)

        def work(text=text):
            linting.lint(text, KIND)
            try:
                fill(text, rendering.parts_of(KIND, "en", linting.sample(KIND), "UTC").facts, "merchant")
            except TemplateError:
                pass

        assert bounded(work)[1] < BYTES, source[:80]


@pytest.mark.parametrize("family", ["walks", "loaders", "loops", "links", "markup", "broken"])
def test_most_of_it_is_refused_at_publishing(family):
    """What is not refused says nothing that the facts do not."""
    sources = hostile.BODIES[family]
    refused = [source for source in sources if any(
        one.severity == "error" for one in linting.lint(Text(subject="Hello", body=source), KIND))]
    assert len(refused) >= len(sources) * 0.6, [source[:60] for source in sources if source not in refused]


def hostile_facts(value):
    line = {"title": value, "quantity": value, "price": value, "url": value, "image_url": value}
    return {
        "customer": {"first_name": value, "last_name": value, "name": value}, "buyer": {"first_name": value, "name": value},
        "recipient": {"role": value},
        "order": {"number": value, "placed_at": value, "url": value, "retry_payment_url": value, "currency": value, "total": value,
                  "shipping_price": value, "address": [value, value], "country": value, "lines": [line, line]},
        "parcel": {"reference": value, "number": value, "of": value, "carrier": value, "service": value, "tracking_number": value,
                   "tracking_url": value, "lines": [line]},
        "promise": {"earliest": value, "latest": value, "was_earliest": value, "was_latest": value, "reason": value, "confidence": value},
        "event": {"occurred_at": value, "reason": value, "reason_kind": value, "choices": value, "amount": value, "instructions": value,
                  "label_url": value, "retry_url": value, "place": value},
        "shop": {"name": value, "url": value, "email": value, "address": value, "unsubscribe_url": value},
        "suggestions": [{"title": value, "price": value, "url": value, "image_url": value}],
    }


def squeezed(text):
    """Without blanks: a letter is wrapped, and ends of lines are blanks in HTML."""
    return re.sub(r"\s+", "", text)


def check_literal(kind, language, value):
    """The message of ``kind`` to a customer who calls everything ``value``."""
    facts = hostile_facts(value)
    parts = rendering.parts_of(kind, language, deepcopy(facts), "UTC")
    words = fill(texts.built_in(kind, language), parts.facts, "built-in")
    made = rendering.spoken(words, parts)
    page = check_page(made.html)
    expected = squeezed(str(parts.facts["customer"].get("name", "")))
    number = squeezed(str(parts.facts["order"].get("number", "")))
    for name in filter(None, (number,)):
        assert name in squeezed("".join(page.data)), (kind, value)
        assert name in squeezed(made.text)
    for line in (words.subject, words.preview, words.heading, words.action, words.short, made.sms, made.chat):
        assert not ONE_LINE.search(line) and not re.search(r"=\?[^?]*\?[bq]\?", line, re.IGNORECASE), (kind, value, line)
    if "{" in value:
        assert expected in squeezed("".join(page.data)) or "customer" not in texts.built_in(kind, language).body
    again = Words.from_json(json.loads(json.dumps(words.to_json(), ensure_ascii=True)))
    assert rendering.spoken(again, parts) == made
    assert all(forms.FORMS[form](again, parts) == forms.FORMS[form](words, parts) for form in forms.FORMS)
    made.html.encode(), made.text.encode(), made.short.encode()


@pytest.mark.parametrize("kind", texts.KINDS)
@pytest.mark.parametrize("language", texts.languages())
def test_what_customers_write_is_printed_and_never_read(kind, language):
    for value in hostile.VALUES:
        check_literal(kind, language, value)


SIGNS = "{}%<>\"'&[]()|=?\r\n\u202e\x00\ud800"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=st.text(st.characters() | st.sampled_from(SIGNS), max_size=60), kind=st.sampled_from(texts.KINDS))
def test_any_text_is_printed_and_never_read(value, kind):
    check_literal(kind, "en", value)


FRAGMENTS = [
    "{{", "}}", "{%", "%}", "{% if ", "{% endif %}", "{% for a in ", "{% endfor %}", "order.lines", "order.number",
    "customer.first_name", "|",
    " append: ", " split: ''", " times: 9", "'", '"', "<script>", "[x](", ")", "javascript:", "**", "\n\n", "`", "\\", "&#123;",
    "{% raw %}", "{% endraw %}", "{% capture a %}", "{% endcapture %}", "{{ a }}", "(1..9)", "lq0z", " ", "x", "\u202e", "\r\n",
    "=?utf-8?q?", "- ", "> ",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.sampled_from(FRAGMENTS), max_size=30), part=st.sampled_from(["body", *PARTS_OF_ONE_LINE]))
def test_any_template_is_refused_or_harmless(pieces, part):
    text = Text(**{"subject": "Hello", "body": "Hello", part: "".join(pieces)})
    linting.lint(text, KIND)
    check_harmless(text)


@pytest.mark.parametrize("language", texts.languages())
def test_labels_fill_in_what_customers_write_once(language):
    facts = {"order": {"number": "{number.__class__}{count}", "lines": [{"title": "{shop}", "quantity": "{0}"}]},
             "shop": {"name": "{email}{shop.__class__}", "email": "{shop}@x.example"}}
    made = rendering.render("order_placed", language, facts)
    for literal in ("{number.__class__}{count}", "{shop}", "{0}", "{email}{shop.__class__}", "{shop}@x.example"):
        assert literal in made.html and literal in made.text


def test_every_value_stays_what_plain_makes_of_it():
    assert html.escape(plain.one_line("{{ order.total }}")) == "{{ order.total }}"
