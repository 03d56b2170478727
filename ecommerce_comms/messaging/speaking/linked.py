"""What programs read in a mail: the order or the parcel as data of schema.org (JSON-LD), as Gmail and others show it beside the mail.

Which properties there are, and which Google wants: https://developers.google.com/workspace/gmail/markup/reference/order and
https://developers.google.com/workspace/gmail/markup/reference/parcel-delivery.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from ecommerce_comms.messaging.plain import one_line, web_address
from ecommerce_comms.messaging.speaking.layout.parts import Facts, Parts
from ecommerce_comms.messaging.speaking.localise import MAX_LINES

LONGEST_TEXT = 80
LARGEST = 12_000
"""Characters of the whole; beyond, lines are left out."""
LONGEST_LINK = 800
"""A longer address is left out: it would fill a line of the mail that servers may refuse."""
# In a script only these could end it, or begin a comment in it; JSON may write every letter as its number.
_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",\n", ":"))
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def linked(parts: Parts) -> str:
    """The script for the head of a mail; empty if this kind of message has none, or if too little is known."""
    make = _MAKERS.get(parts.shape.linked)
    if make is None or not parts.order or not parts.shop:
        return ""
    lines = _lines(parts)
    while True:
        data = _full({"@context": "https://schema.org", "@type": parts.shape.linked, **make(parts, lines)})
        text = _JSON.encode(data).translate(_ESCAPES)
        if len(text) <= LARGEST:
            return f'<script type="application/ld+json">{text}</script>\n'
        if not lines:
            return ""
        lines = lines[: len(lines) // 2]


def _lines(parts: Parts) -> list[Facts]:
    """The lines as they were collected: those of the parcel where it has its own, else those of the order."""
    groups = ("parcel", "order") if parts.shape.linked == "ParcelDelivery" else ("order",)
    if parts.shape.others and not parts.tells_items:
        return []
    for group in groups:
        given = _group(parts.given, group).get("lines")
        if lines := [line for line in given if isinstance(line, dict) and _text(line, "title")] if isinstance(given, list) else []:
            return lines[:MAX_LINES]
    return []


def _order(parts: Parts, lines: list[Facts]) -> Facts:
    given = _group(parts.given, "order")
    return {
        **_named(parts), **_prices(given, "total", parts), "url": _link(given, "url"), "orderDate": _text(given, "placed_at"),
        "acceptedOffer": [_offer(parts, line) for line in lines],
        "orderDelivery": {"@type": "ParcelDelivery", **window} if (window := _window(parts)) else "",
    }


def _offer(parts: Parts, line: Facts) -> Facts:
    quantity = line.get("quantity", 1)
    return {
        "@type": "Offer", "itemOffered": _product(line), **_prices(line, "price", parts),
        "eligibleQuantity": {"@type": "QuantitativeValue", "value": quantity if isinstance(quantity, int) else 1},
    }


def _parcel(parts: Parts, lines: list[Facts]) -> Facts:
    parcel = parts.facts["parcel"]
    carrier = _text(parcel, "carrier")
    return {
        "trackingNumber": _text(parcel, "tracking_number"), "trackingUrl": _link(parcel, "tracking_url"),
        "carrier": {"@type": "Organization", "name": carrier} if carrier else "",
        **_window(parts), "deliveryAddress": _address(parts), "itemShipped": [_product(line) for line in lines],
        "partOfOrder": {"@type": "Order", **_named(parts), "url": "" if parts.shape.others else _link(parts.facts["order"], "url")},
    }


_MAKERS: dict[str, Callable[[Parts, list[Facts]], Facts]] = {"Order": _order, "ParcelDelivery": _parcel}


def _named(parts: Parts) -> Facts:
    status, shop = parts.shape.status, parts.facts["shop"]
    return {
        "orderNumber": _text(parts.facts["order"], "number"), "orderStatus": f"https://schema.org/{status}" if status else "",
        "merchant": {"@type": "Organization", "name": _text(shop, "name"), "url": _link(shop, "url")},
    }


def _product(line: Facts) -> Facts:
    return {"@type": "Product", "name": _text(line, "title"), "url": _link(line, "url")}


def _window(parts: Parts) -> Facts:
    promise = parts.facts["promise"] if parts.shape.window else {}
    days = {"expectedArrivalFrom": _text(promise, "earliest"), "expectedArrivalUntil": _text(promise, "latest")}
    return days if parts.window else {}


def _address(parts: Parts) -> Facts:
    """Where it goes; with a window also where the mail does not show it, for Google shows no window without it."""
    is_told = parts.shape.address or (parts.window and not parts.shape.others)
    postal = _group(_group(parts.given, "order"), "postal") if is_told else {}
    known = {name: words for name, fact in _POSTAL.items() if (words := _text(postal, fact))}
    return {"@type": "PostalAddress", **known} if known else {}


_POSTAL = {
    "name": "name", "streetAddress": "street", "postalCode": "postcode", "addressLocality": "city", "addressRegion": "region",
    "addressCountry": "country",
}


def _prices(given: Facts, name: str, parts: Parts) -> Facts:
    """An amount and its currency; nothing where they are not known, and nothing for people other than the customer."""
    currency = str(_group(parts.given, "order").get("currency", "")).upper()
    amount = _amount(given.get(name))
    return {} if parts.shape.others or not amount or len(currency) != 3 else {"price": amount, "priceCurrency": currency}


def _amount(value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ""
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) <= 15 else ""


def _text(group: Facts, name: str) -> str:
    value = group.get(name)
    return one_line(str(value), LONGEST_TEXT) if isinstance(value, (str, int)) else ""


def _link(group: Facts, name: str) -> str:
    address = web_address(group.get(name))
    return address if len(address) <= LONGEST_LINK else ""


def _group(facts: Any, name: Any) -> Facts:
    """A group of facts as they were collected, which nobody has looked at yet."""
    group = facts.get(name) if isinstance(facts, dict) else None
    return group if isinstance(group, dict) else {}


def _full(data: Facts) -> Facts:
    """``data`` without what is empty, to any depth."""
    kept: Facts = {}
    for name, value in data.items():
        if type(value) is dict:
            value = _full(value)
        elif type(value) is list:
            value = [_full(each) for each in value]
        if value or value == 0:
            kept[name] = value
    return kept
