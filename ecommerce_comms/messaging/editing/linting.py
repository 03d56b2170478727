"""What is wrong with a text, told in whole sentences before a customer sees it."""

from __future__ import annotations

import re
from typing import Any

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.speaking import rendering
from ecommerce_comms.messaging.speaking.localise import FACTS
from ecommerce_comms.messaging.writing import liquid, texts
from ecommerce_comms.messaging.writing.texts import Text

LONGEST = {"subject": 600, "preview": 600, "heading": 400, "body": 20_000, "action": 200, "short": 1_500}
"""How many characters of source each part may have."""
LONGEST_SHOWN = 120
"""How many characters of a subject mail programs show at most."""

_HTTP = re.compile(r"http://[^\s)>\"]+", re.IGNORECASE)
_TARGET = re.compile(r"\]\(\s*<?((?:\{\{.*?\}\}|\([^()\s]*\)|[^()\s>])*)|<([a-z][a-z0-9+.-]*:[^\s<>]*)>", re.IGNORECASE)
_GOOD_TARGET = re.compile(r"https?://|mailto:|tel:|\{\{|\{%", re.IGNORECASE)
_RAW_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>")
_TAG = re.compile(r"\{%-?\s*(\w+|#)")
_CLOSING = re.compile(r"end\w+|else|elsif|when")

SAMPLE: dict[str, Any] = {
    "customer": {"first_name": "Asha", "last_name": "Rao", "name": "Asha Rao"},
    "order": {
        "number": "1001", "placed_at": "2026-12-01T10:00:00+00:00", "url": "https://shop.example/orders/1001", "currency": "INR",
        "retry_payment_url": "https://shop.example/pay/1001", "total": "1499.00", "shipping_price": "49.00",
        "address": ["Asha Rao", "12 Lake Road", "700001 Kolkata"],
        "lines": [{"title": "Teapot", "quantity": 1, "price": "1450.00", "url": "https://shop.example/teapot"}],
    },
    "parcel": {
        "reference": "1", "number": 1, "of": 2, "carrier": "Blue Dart", "tracking_number": "BD123", "tracking_url": "https://track.example/BD123",
    },
    "promise": {"earliest": "2026-12-03", "latest": "2026-12-05", "was_earliest": "2026-12-02", "was_latest": "2026-12-03"},
    "event": {"occurred_at": "2026-12-02T10:00:00+00:00", "reason": "Heavy rain", "reason_kind": "weather", "choices": "wait change cancel",
              "amount": "499.00", "place": "Lake Road 12"},
    "shop": {"name": "Lotus House", "url": "https://shop.example", "email": "help@shop.example"},
}
"""Facts of an order that does not exist, for trying a text out."""


def lint(text: Text, kind: str) -> list[str]:
    """Every complaint about ``text`` as a message of ``kind``; none means it may be used."""
    if kind not in texts.KINDS:
        return [f"There is no message called “{kind}”."]
    found = [f"The {name} is empty." for name in ("subject", "body") if not getattr(text, name).strip()]
    for name, limit in LONGEST.items():
        found += _in_part(name, getattr(text, name), limit)
    return found or _when_tried(text, kind)


def _in_part(name: str, source: str, limit: int) -> list[str]:
    """The complaints about one part, from reading it."""
    found = [f"The {name} is too long: {len(source)} characters, at most {limit} are allowed."] if len(source) > limit else []
    found += [f"The {name} links to {link}; please use https:// so that the link is safe." for link in sorted(set(_HTTP.findall(source)))]
    found += [f"The {name} links to {link}; please begin a link with https://, mailto: or tel:." for link in _odd_targets(source)]
    found += [f"The {name} holds the HTML tag {tag}; please write Markdown instead." for tag in sorted(set(_RAW_HTML.findall(source)))]
    forbidden = sorted({tag for tag in _TAG.findall(source) if tag not in liquid.TAGS and not _CLOSING.fullmatch(tag)})
    if forbidden:
        return [*found, *(f"The {name} uses the tag “{tag}”, which is not allowed here." for tag in forbidden)]
    return found + _unknown_facts(name, source)


def _odd_targets(source: str) -> list[str]:
    """Where the links of one part lead, if that is no place that a mail can lead to."""
    targets = {link or address for link, address in _TARGET.findall(source)}
    return sorted(target or "nothing" for target in targets if not _GOOD_TARGET.match(target))


def _unknown_facts(name: str, source: str) -> list[str]:
    """The complaints about what stands in braces in one part."""
    try:
        used = liquid.facts_in(source)
    except TemplateError as error:
        return [f"The {name} has a mistake in its braces: {error.detail}"]
    unknown = sorted(used - FACTS)
    if any(fact.partition(".")[0] == "suggestions" for fact in unknown):
        return [f"The {name} uses the suggestions; they are advertising, and stand by themselves below the order."]
    return [f"The {name} uses {{{{ {fact} }}}}, which is not a fact that a message knows." for fact in unknown]


def _when_tried(text: Text, kind: str) -> list[str]:
    """The complaints that show only when the text is used, with all facts and with none."""
    found: list[str] = []
    for facts, circumstance in ((SAMPLE, ""), ({}, " when no facts are known")):
        try:
            made = rendering.compose(text, rendering.parts_of(kind, "en", facts, "UTC"), "merchant")
        except TemplateError as error:
            found.append(f"The text does not work{circumstance}: {error.detail}")
            continue
        if len(made.subject) > LONGEST_SHOWN:
            found.append(f"The subject comes out {len(made.subject)} characters long{circumstance}; please keep it under {LONGEST_SHOWN}.")
    return found
