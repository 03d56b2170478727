"""Phone numbers in E.164, the form that every gateway takes: "+", country code and number, 15 digits at most."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_BETWEEN = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")


def e164(number: str, country: str = "") -> str:
    """``number`` in E.164; empty if it cannot be told what is meant. ``country`` (ISO 3166 alpha-2) is where a number without "+" lives."""
    plain = _BETWEEN.sub("", number.strip())
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    return plain if _E164.fullmatch(plain) else ""
