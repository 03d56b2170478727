"""Finds the dates and amounts that a text states: those of facts, and those that somebody typed, in the words of any language we speak."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from ecommerce_comms.messaging.speaking import localise

_LABELS = {
    "promise.window": "the window", "promise.was_window": "the window before", "order.placed_on": "the day of the order",
    "event.occurred_on": "the day on which it happened", "order.total": "the total", "order.shipping_price": "what the delivery costs",
    "event.amount": "the amount", "promise.earliest": "the window's first day", "promise.latest": "the window's last day",
    "promise.was_earliest": "the first day of the window before", "promise.was_latest": "the last day of the window before",
    "order.placed_at": "the moment of the order", "event.occurred_at": "the moment at which it happened",
}
"""The facts that state a date or an amount, as they are spoken of."""
# As people write them, besides the ways in which Babel does.
_MONTHS_BESIDES: dict[str, dict[int, tuple[str, ...]]] = {
    "hi": {2: ("फरवरी",), 9: ("सितम्बर",), 10: ("अक्तूबर",), 11: ("नवम्बर",), 12: ("दिसम्बर",)},
    "bn": {1: ("জানুয়ারী", "জানুয়ারি"), 2: ("ফেব্রুয়ারী", "ফেব্রুয়ারি"), 8: ("অগাস্ট",)},
}
_MONEY_WORDS = (
    r"₹|\$|€|£|¥|৳|Rs\.?|INR|USD|EUR|GBP|BDT|rupees?|taka|dollars?|euros?|pounds?|रु\.?|रुपये|रुपए|रुपया|टका|টাকা|রুপি|রুপী|डॉलर|ডলার|यूरो|ইউরো"
)
_NUMBER = r"\d{1,12}(?:[.,\u00a0\u202f' ]\d{1,3}){0,6}(?!\d)"
_MONEY = re.compile(
    rf"(?<![\w.,])(?:(?:{_MONEY_WORDS})[\s\u00a0]?({_NUMBER})|({_NUMBER})[\s\u00a0]?(?:{_MONEY_WORDS})(?!\w))", re.IGNORECASE
)
_ISO = re.compile(r"(?<!\d)\d{4}-(\d\d)-(\d\d)(?!\d)")
_SHORT = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(?:\d{4}|\d\d)(?!\d)")
_BLANKS = re.compile(r"\s+")


class Said(NamedTuple):
    """One date or amount in a text."""

    meaning: str
    """The same for each way of writing it: the fact's name, ``3.12.`` or ``1450``."""
    words: str
    """As it is written."""
    start: int


def ascii_digits(text: str) -> str:
    """``text`` with the digits of every script as 0 to 9, each letter in its place."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter, "")) or letter if letter > "\x7f" else letter for letter in text)


@lru_cache(maxsize=32)
def _months(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """A pattern for a day with its month, and the month of each name."""
    names: dict[str, int] = {}
    for tag in {language, "en"}:
        locale = localise.locale_of(tag)
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in locale.months[use][width].items():
                    names |= {name: month, name.upper(): month, name.rstrip("."): month}
        for month, more in _MONTHS_BESIDES.get(locale.language, {}).items():
            names |= dict.fromkeys(more, month)
    names = {unicodedata.normalize("NFC", name): month for name, month in names.items() if not name.isdecimal()}
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    day = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?"
    return re.compile(rf"{day}(?: of|,)?[\s\u00a0]({either})(?![^\W\d_])|(?<![^\W\d_])({either})\.?[\s\u00a0](?:the )?{day}(?!\d)"), names


def typed(text: str, language: str) -> Iterator[Said]:
    """The dates and amounts written in ``text``, in words and digits of ``language`` or in English."""
    read = unicodedata.normalize("NFC", ascii_digits(text))
    read = read if len(read) == len(text) else ascii_digits(text)
    pattern, months = _months(language)
    for match in pattern.finditer(read):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        yield Said(f"{int(day)}.{months[month]}.", text[match.start() : match.end()], match.start())
    for match in _ISO.finditer(read):
        yield Said(f"{int(match[2])}.{int(match[1])}.", match.group(), match.start())
    for match in _SHORT.finditer(read):
        yield Said(f"{int(match[1])}.{int(match[3])}.", match.group(), match.start())
    for match in _MONEY.finditer(read):
        if amount := _amount(match[1] or match[2]):
            yield Said(amount, text[match.start() : match.end()].strip(), match.start())


def _amount(written: str) -> str:
    whole, point, cents = re.sub(r"[\s\u00a0\u202f']", "", written), "", ""
    if ending := re.search(r"[.,](\d{1,2})$", whole):
        whole, point, cents = whole[: ending.start()], ".", ending[1]
    try:
        return f"{Decimal(re.sub('[.,]', '', whole) + point + cents).normalize():f}"
    except InvalidOperation:
        return ""


def words_of(view: dict[str, Any]) -> dict[str, str]:
    """What each fact that states a date or an amount looks like in ``view``, by its name."""
    found = {}
    for name in _LABELS:
        group, _, short = name.partition(".")
        if told := view[group].get(short):
            found[name] = flat(str(told))
    return found


def stated(text: str, facts: dict[str, str], language: str) -> dict[str, str]:
    """What ``text`` states: facts by their names, other dates and amounts by their meanings, each with the words it uses."""
    text = flat(text)
    said: dict[str, str] = {}
    for name, words in sorted(facts.items(), key=lambda fact: len(fact[1]), reverse=True):
        if words in text:
            said |= {name: words}
            said |= {f"{name}: {one.meaning}": words for one in typed(words, language)}
            text = text.replace(words, " … ")
    return said | {one.meaning: one.words for one in typed(text, language)}


def named(meaning: str, words: str) -> str:
    """How a complaint speaks of what was stated."""
    return f"{_LABELS[meaning]} ({words})" if meaning in _LABELS else f"“{words}”"


def flat(text: str) -> str:
    """``text`` on one line, with one blank between words."""
    return _BLANKS.sub(" ", text).strip()


