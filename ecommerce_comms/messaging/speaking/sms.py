"""What a text message costs.

A message of one part holds 160 characters of the GSM alphabet or 70 UTF-16 code units; of several parts each holds 153 or 67
(3GPP TS 23.040, 9.2.3.24.1). The alphabet is that of 3GPP TS 23.038, 6.2.1 and 6.2.1.1.
"""

from __future__ import annotations

from typing import NamedTuple

GSM, UCS2 = "GSM-7", "UCS-2"
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")
SINGLE = {GSM: 160, UCS2: 70}
PART = {GSM: 153, UCS2: 67}


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
    return Segments(encoding, sum(_size(letter, encoding) for letter in text), len(split(text)))


def split(text: str) -> list[str]:
    """``text`` as the parts in which it travels."""
    encoding = _encoding(text)
    sizes = [_size(letter, encoding) for letter in text]
    if sum(sizes) <= SINGLE[encoding]:
        return [text]
    parts, used = [""], 0
    for letter, size in zip(text, sizes, strict=True):
        if used + size > PART[encoding]:
            parts.append("")
            used = 0
        parts[-1] += letter
        used += size
    return parts


def _encoding(text: str) -> str:
    return GSM if all(letter in BASIC or letter in ESCAPED for letter in text) else UCS2


def _size(letter: str, encoding: str) -> int:
    return 2 if (letter in ESCAPED if encoding == GSM else letter > "\uffff") else 1
