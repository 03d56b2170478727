"""What a text message costs, and how a line is brought to the length that one may have.

A message of one part holds 160 characters of the GSM alphabet or 70 UTF-16 code units; of several parts each holds 153 or 67,
since six of its 140 bytes tell the phone how to join them (3GPP TS 23.040, 9.2.3.24.1). The alphabet is that of 3GPP TS 23.038,
6.2.1 and 6.2.1.1; its national tables are not used, as few networks take them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ecommerce_comms.messaging import plain
from ecommerce_comms.messaging.speaking import shortening

GSM, UCS2 = "GSM-7", "UCS-2"
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Characters of the GSM alphabet that take one septet."""
ESCAPED = frozenset("\f^{}\\[~]|€")
"""Those of its extension table, which take an escape and a septet."""
SINGLE = {GSM: 160, UCS2: 70}
PART = {GSM: 153, UCS2: 67}

TYPOGRAPHY = str.maketrans({
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "…": "...", "•": "-", "·": "-", "×": "x", "\u00ad": "",
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " "),
})
"""Marks of the typesetter's, and what stands for them in plain writing. Letters and the signs of currencies are facts, and stay."""
LONGEST_NAME = 30
"""Of a name no more is said where the message would be too long."""


class Segments(NamedTuple):
    """What a text message takes."""

    encoding: str
    """``GSM-7`` or ``UCS-2``."""
    characters: int
    """Septets or UTF-16 code units: an emoji takes two of these."""
    segments: int
    """How many messages a phone company counts; an empty text takes one."""


def measure(text: str) -> Segments:
    """What ``text`` takes, as it stands."""
    encoding = _encoding(text)
    sizes = [_size(letter, encoding) for letter in text]
    total = sum(sizes)
    return Segments(encoding, total, 1 if total <= SINGLE[encoding] else len(_parts(sizes, PART[encoding])))


def split(text: str) -> list[str]:
    """``text`` as the parts in which it travels: neither an escape nor a pair of surrogates is torn apart."""
    encoding = _encoding(text)
    sizes = [_size(letter, encoding) for letter in text]
    if sum(sizes) <= SINGLE[encoding]:
        return [text]
    starts = _parts(sizes, PART[encoding])
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def text_message(
    text: str, most: int, *, ending: str = "", exact: Iterable[str] = (), whole: Iterable[str] = (), names: Iterable[str] = (),
) -> str:
    """``text`` as a text message of at most ``most`` segments, on one line, with ``ending`` (how to opt out) behind it.

    Marks of the typesetter's are written plainly where that saves a segment, but not in a link or in what has to be ``exact``, such
    as the number of an order. A message that is too long loses words at its end; a link is never cut, nor is one of the facts that
    are to stay ``whole``. Before that, long ``names`` are clipped.
    """
    writing = Writing([fact for fact in exact if fact != fact.translate(TYPOGRAPHY)], f" {ending}" if ending else "", most)
    said = writing.cheaper(plain.one_line(text, len(text)))
    if writing.fits(said):
        return writing.ended(said)
    for name in names:
        if len(name) > LONGEST_NAME:
            less = plain.clip(name, LONGEST_NAME)
            said = said.replace(name, less).replace(writing.plainly(name), writing.plainly(less))
    atoms = [form for fact in (*whole, *exact) for form in (fact, writing.plainly(fact))]
    return writing.ended(shortening.shortened(said, writing.fits, atoms))


def needed(text: str) -> int:
    """How many segments ``text`` would take if nothing of it had to be left out."""
    return measure(Writing((), "", 1).cheaper(plain.one_line(text, len(text)))).segments


class Writing:
    """How one message is written: what must stay as it is, what ends it, and how long it may be."""

    def __init__(self, exact: Iterable[str], tail: str, most: int) -> None:
        self._kept = re.compile("|".join([r"https?://\S+", *(re.escape(fact) for fact in exact)]))
        self._tail, self._most = tail, most

    def fits(self, text: str) -> bool:
        """Whether ``text`` and the end take no more segments than they may."""
        return measure(self.cheaper(text) + self._tail).segments <= self._most

    def ended(self, text: str) -> str:
        """The whole message."""
        return (self.cheaper(text) + self._tail).strip()

    def cheaper(self, text: str) -> str:
        """``text`` in plain writing where that saves a segment, and as it is where it saves none."""
        written = self.plainly(text)
        return written if measure(written + self._tail).segments < measure(text + self._tail).segments else text

    def plainly(self, text: str) -> str:
        """``text`` with straight quotes, hyphens and blanks."""
        said, end = "", 0
        for match in self._kept.finditer(text):
            said += text[end : match.start()].translate(TYPOGRAPHY) + match.group()
            end = match.end()
        return said + text[end:].translate(TYPOGRAPHY)


def _encoding(text: str) -> str:
    return GSM if all(letter in BASIC or letter in ESCAPED for letter in text) else UCS2


def _size(letter: str, encoding: str) -> int:
    return 2 if (letter in ESCAPED if encoding == GSM else letter > "\uffff") else 1


def _parts(sizes: list[int], room: int) -> list[int]:
    """Where each part begins."""
    starts, used = [0], 0
    for place, size in enumerate(sizes):
        if used + size > room:
            starts.append(place)
            used = 0
        used += size
    return starts
