"""Orders that are hard to speak of, and a reader that finds out which dates, amounts and numbers a text states."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from babel import Locale

from ecommerce_comms.messaging.editing.linting import SAMPLE


def order(**groups: Any) -> dict[str, Any]:
    """The sample's facts with some of them changed; a fact that is ``None`` is not known."""
    facts = deepcopy(SAMPLE)
    for group, changes in groups.items():
        facts[group].update(changes)
        facts[group] = {name: value for name, value in facts[group].items() if value is not None}
    return facts


def _named(first: str | None, last: str | None = None) -> dict[str, Any]:
    both = " ".join(filter(None, (first, last)))
    return {"customer": {"first_name": first, "last_name": last, "name": both or None}}


_NO_WINDOW = {"earliest": None, "latest": None, "was_earliest": None, "was_latest": None}
_LINE = {"title": "Teapot", "quantity": 1, "price": "1450.00"}
ORDERS: dict[str, dict[str, Any]] = {
    "ordinary": order(),
    "no name": order(**_named(None)),
    "emoji": order(**_named("👩🏽‍💻🦄", "🇮🇳")),
    "Hindi name": order(**_named("श्रीकृष्ण", "द्विवेदी")),
    "Bengali name": order(**_named("ক্ষিতীশ", "ভট্টাচার্য")),
    "right to left": order(**_named("محمد", "עברית"), parcel={"carrier": "أرامكس"}),
    "endless name": order(**_named("Wolfeschlegelsteinhausenbergerdorff" * 6, "X" * 90)),
    "one line": order(order={"lines": [_LINE]}),
    "5000 lines": order(order={"lines": [_LINE] * 5000}),
    "nothing to pay": order(order={"total": "0.00", "shipping_price": "0", "lines": [{**_LINE, "price": "0"}]}, event={"amount": "0.00"}),
    "huge": order(order={"total": "987654321012.34", "shipping_price": "99999.99"}, event={"amount": "12345678.90"}),
    "yen": order(order={"currency": "JPY", "total": "149900", "shipping_price": "500", "lines": [{**_LINE, "price": "149900"}]}),
    "no window": order(promise=_NO_WINDOW),
    "window in the past": order(promise={"earliest": "2019-02-27", "latest": "2019-03-01"}),
    "window over new year": order(promise={"earliest": "2026-12-30", "latest": "2027-01-02"}),
    "one day": order(promise={"earliest": "2026-12-05", "latest": "2026-12-05"}),
    "no number": order(order={"number": None}),
    "odd number": order(order={"number": "A/2026-«007» {{ x }}"}, parcel={"tracking_number": "1Z 999 AA1 01 2345 6784"}),
    "no links": order(order={"url": None, "retry_payment_url": None}, parcel={"tracking_url": None}),
    "endless link": order(order={"url": f"https://shop.example/{'x' * 800}"}, parcel={"tracking_url": f"https://t.example/{'y' * 800}"}),
    "long reason": order(event={"reason": "Rain, snow and flooded roads. " * 30, "instructions": "Ring twice. " * 80}),
}


class Stated(NamedTuple):
    """What a text says for sure."""

    dates: frozenset[str]
    amounts: frozenset[str]


def stated(text: str, language: str) -> Stated:
    """The dates (with their weekday) and amounts in ``text``, whatever dashes and blanks stand between."""
    flat = re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " "))
    return Stated(
        frozenset(match.group().replace(",", "") for match in _dates(language).finditer(flat)),
        frozenset(match.group().replace(" ", "") for match in _AMOUNT.finditer(flat)),
    )


_AMOUNT = re.compile(r"[₹¥$€]\s?\d[\d,.]*\d|[₹¥$€]\s?\d")


@cache
def _dates(language: str) -> re.Pattern[str]:
    locale = Locale.parse(language)
    months = sorted({name for width in ("abbreviated", "wide") for name in locale.months["format"][width].values()}, key=len, reverse=True)
    days = "|".join(map(re.escape, locale.days["format"]["abbreviated"].values()))
    return re.compile(rf"(?:{days}),? \d{{1,2}}(?: (?:{'|'.join(map(re.escape, months))})(?: \d{{4}})?)?")
