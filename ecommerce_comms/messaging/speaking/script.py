"""What somebody says who calls a customer: the words and facts of the mail, in the order in which a call goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.messaging.speaking.layout.parts import Facts, Parts, reach
from ecommerce_comms.messaging.speaking.words import Words

# "label: https://…" of a letter; nobody reads an address of the web to a customer.
_LINK = re.compile(r"(?::\s*|\s*)https?://[^\s)\]]*[^\s)\].,;:!?।]")
# A full stop, a danda or the like, not that of "Mr. Rao" or "Rs. 500", and a beginning after it.
_END = re.compile(r"(?<=[.!?।॥])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bNo\.)(?<!\bRs\.)\s+(?=[^\sa-z])")
_BULLET = re.compile(r"(?:- |\d{1,3}\. )")


@dataclass(frozen=True, kw_only=True)
class Script:
    """One call, part by part, in the customer's language; plain text throughout."""

    language: str
    direction: str = "ltr"
    about: str
    """What it is about: the heading of the mail."""
    who: str = ""
    """Who to ask for."""
    opening: str
    say: tuple[str, ...]
    """What to say, sentence by sentence."""
    facts: tuple[tuple[str, str], ...] = ()
    """What to have at hand: label and value."""
    offer: str = ""
    """What to offer: what the mail's button does."""
    ask: str
    """What to ask before the call ends."""
    link: str = ""
    """Where the button leads, for whoever wants it sent."""
    closing: str
    voicemail: str
    """What to leave on an answering machine; it tells nothing but the order's number, for others may hear it."""
    titles: dict[str, str]
    """The heading of each part, by its name."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "say": list(self.say), "facts": [list(row) for row in self.facts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Script:
        """The script that ``to_json`` made into ``data``."""
        return cls(**{**data, "say": tuple(data["say"]), "facts": tuple((str(label), str(value)) for label, value in data["facts"])})

    def __str__(self) -> str:
        """The whole call as text: each part under its heading."""
        offer = [part for part in (self.offer, self.link) if part]
        parts = {
            "who": [self.who], "open": [self.opening], "say": list(self.say), "facts": [f"{label}: {value}" for label, value in self.facts],
            "offer": [*([": ".join(offer)] if offer else []), self.ask], "close": [self.closing], "voicemail": [self.voicemail],
        }
        blocks = ["\n".join([self.titles[name].upper(), *lines]) for name, lines in parts.items() if any(lines)]
        return "\n\n".join([self.about, *blocks]) + "\n"


BLANK = "…"
"""Stands where the shop has not told its name; whoever calls knows it."""
PARTS = ("who", "open", "say", "facts", "offer", "close", "voicemail")


def script(words: Words, parts: Parts) -> Script:
    """The call for one message."""
    labels, name = parts.labels, reach(parts.facts, "customer.name")
    known = _Known(
        name=name, shop=parts.shop or BLANK, order=parts.order, number=reach(parts.facts, "order.number"), heading=words.heading,
        email=reach(parts.facts, "shop.email"), short=words.short, subject=words.subject,
    )
    return Script(
        language=parts.language, direction=parts.direction, about=words.heading,
        who=_said(labels, "script_who", known) if name else "",
        opening=_said(labels, "script_open" if name else "script_open_unnamed", known),
        say=tuple(sentences(words.letter)), facts=tuple(_facts(parts, words)),
        offer=words.action if parts.link else "", link=parts.link, ask=_said(labels, "script_ask", known),
        closing=_said(labels, "script_close", known),
        voicemail=_said(labels, f"script_voicemail{_whose(parts, known)}", known),
        titles={part: labels[f"script_title_{part}"] for part in PARTS},
    )


def _whose(parts: Parts, known: Mapping[str, str]) -> str:
    """Which label tells an answering machine what it is about: who did not order has neither an order nor its page."""
    return "_others" if parts.shape.others else "" if known["number"] else "_unnumbered"


class _Known(dict[str, str]):
    """What a label may name; what is not known is left out of it."""

    def __missing__(self, name: str) -> str:
        return ""


def _said(labels: Mapping[str, str], label: str, known: _Known) -> str:
    return one_line(labels[label].format_map(known), 1_000)


def sentences(letter: str) -> Iterator[str]:
    """The sentences of a body in plain text, each of them short enough to be said in a breath, without addresses of the web."""
    for block in letter.split("\n"):
        start = _BULLET.match(block.lstrip())
        text = _LINK.sub("", block.strip()).strip()
        bullet = start.group() if start else ""
        for number, sentence in enumerate(_END.split(text[len(bullet) :].strip())):
            if sentence.strip(" .,;:-–"):
                yield f"{bullet if number == 0 else ''}{sentence.strip()}"


def _facts(parts: Parts, words: Words) -> Iterator[tuple[str, str]]:
    """What the mail shows besides its words, and the number of the order."""
    labels, number = parts.labels, reach(parts.facts, "order.number")
    if number:
        yield labels["order_number"], number
    if parts.window:
        yield parts.window_label, parts.window
    if parts.was_window:
        yield labels["before"].rstrip(": "), parts.was_window
    amount = reach(parts.facts, "event.amount")
    if amount and amount in words.letter:
        yield labels["amount"], amount
    if parts.shape.tracking and parts.facts["parcel"].get("of", 0) > 1:
        yield labels["parcel"], parts.parcel_title
    for label, value, _address in parts.tracking:
        yield label, value
    if parts.address:
        yield labels["address"], ", ".join(parts.address)
    if parts.lines:
        yield parts.items_title, "; ".join([*(_thing(line, parts) for line in parts.lines), *([parts.more] if parts.more else [])])
    for label, value, _is_total in parts.sums:
        yield label, value


def _thing(line: Facts, parts: Parts) -> str:
    price = line.get("price") if parts.shape.prices else None
    return f"{line.get('quantity', 1)} × {line['title']}{f', {price}' if price else ''}"
