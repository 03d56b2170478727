"""A body becomes two templates, and Liquid comes through whole."""

from __future__ import annotations

import re

import pytest

from ecommerce_comms.messaging.speaking.layout.style import BODY
from ecommerce_comms.messaging.writing import markdown


def bare(html):
    """``html`` without the styles."""
    return re.sub(r' style="[^"]*"', "", html).replace("\n", "")


@pytest.mark.parametrize("source, html", [
    ("Dear **{{ a.b }}**", "<p>Dear <strong>{{ a.b }}</strong></p>"),
    ("{% if a < b %}*x*{% endif %}", "<p>{% if a < b %}<em>x</em>{% endif %}</p>"),
    ("{% if a %}\nx\n{% endif %}", "{% if a %}<p>x</p>{% endif %}"),  # tags on their own line leave no paragraph
    ("[go]({{ a.url }}?x=1&y=2)", '<p><a href="{{ a.url }}?x=1&amp;y=2">go</a></p>'),
    ("[go](javascript:x)", "<p>[go](javascript:x)</p>"),
    ("{{ customer.first_name }}", "<p><bdi>{{ customer.first_name }}</bdi></p>"),
    ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
    ("lq0z {{ a }}", "<p>lq0z {{ a }}</p>"),  # a word that looks like a hiding place
    ("{{ a | append: '*x*' }}", "<p>{{ a | append: '*x*' }}</p>"),
    ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
])
def test_html(source, html):
    assert bare(markdown.to_html(source, BODY)) == html


@pytest.mark.parametrize("source, text", [
    ("Dear **{{ a.b }}** & *co*", "Dear {{ a.b }} & co"),
    ("[go]({{ a.url }})", "go: {{ a.url }}"),
    ("<https://shop.example>", "https://shop.example"),
    ("- one\n- two\n  - three\n\nend", "- one\n- two\n  - three\n\nend"),
    ("1. one\n2. two", "1. one\n2. two"),
    ("# Title\n\nx", "Title\n\nx"),
    ("a\nb", "a b"),
])
def test_text(source, text):
    assert markdown.to_text(source) == text
