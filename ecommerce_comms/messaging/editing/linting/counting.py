"""How many text messages a line takes (3GPP TS 23.038: the GSM alphabet in septets, all else as UTF-16)."""

from __future__ import annotations

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("\f^{}\\[~]|€")
_PLAIN = str.maketrans("–—‘’“”…\u00a0", "--''\"\". ")


def segments(text: str) -> int:
    """The number of messages that a phone company counts for ``text``."""
    text = text.translate(_PLAIN)
    if all(letter in _GSM or letter in _TWICE for letter in text):
        size, alone, part = sum(2 if letter in _TWICE else 1 for letter in text), 160, 153
    else:
        size, alone, part = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return 1 if size <= alone else -(-size // part)
