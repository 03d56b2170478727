"""Strangers' text made harmless."""

from __future__ import annotations

import pytest

from ecommerce_comms.messaging import plain


@pytest.mark.parametrize("raw, tidy", [
    ("a\r\nBcc: b", "a Bcc: b"),
    ("a\u2028b\u2029c\x0bd\x1ce\x00f\x85g", "a b c d e f g"),
    ("  a   b  ", "a b"),
    ("safe \u202eeteled", "safe eteled"),  # writing turned round
    ("क्‍ष", "क्‍ष"),  # joiners belong to the letters
    ("=?utf-8?q?=0D=0ABcc:?=", "= ?utf-8?q?=0D=0ABcc:?="),  # mail programs would decode it
    ("=\u200e?utf-8?B?DQo=?=", "= ?utf-8?B?DQo=?="),
    ("https://shop.example/?a=?b", "https://shop.example/?a=?b"),
    ("a\ud800b", "a b"),  # half a character cannot be sent
])
def test_one_line(raw, tidy):
    assert plain.one_line(raw) == tidy


@pytest.mark.parametrize("text, limit, clipped", [
    ("abcdef", 6, "abcdef"),
    ("abcdef", 5, "abcd…"),
    ("abe\u0301f", 4, "ab…"),  # e and its accent
    ("कक्षा", 4, "क…"),  # क + ् + ष are one letter
    ("a👨‍👩‍👧b", 4, "a…"),  # a family is one picture
    ("a👍🏽b", 3, "a…"),  # a thumb and its colour
])
def test_clip_never_cuts_through_a_letter(text, limit, clipped):
    assert plain.clip(text, limit) == clipped


@pytest.mark.parametrize("address", [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//shop.example", "/orders/1", "ftp://shop.example", "", None, 7,
    "https://shop.example/\r\nx", 'https://shop.example/"onclick="x', "https://shop.example/" + "x" * 2_000, "https:// x",
])
def test_odd_links_are_dropped(address):
    assert plain.web_address(address) == ""


@pytest.mark.parametrize("address", [
    "https://shop.example/o?a=1&b=2", "http://shop.example", "HTTPS://shop.example", "mailto:help@shop.example",
])
def test_usual_links_stay(address):
    assert plain.web_address(address) == address


def test_clean_keeps_plain_data_only():
    assert plain.clean({"a": object(), "b": None, "c": " x ", "url": "javascript:x", "n": 0, "l": [None, "", "y"], "e": []}) == {
        "c": "x", "n": 0, "l": ["y"],
    }
