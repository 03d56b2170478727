"""Phone numbers in E.164, the form that every gateway takes: "+", country code and number, 15 digits at most."""

from __future__ import annotations

import importlib
import importlib.util
import re
import unicodedata
from typing import Any

from ecommerce_comms.conf import conf

IS_KNOWING = importlib.util.find_spec("phonenumbers") is not None
"""Whether the extra ``sms`` is there, which knows how the numbers of each country are written."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_LONGEST = 60
"""Characters of what somebody may have written; no number with its country, blanks and an extension is longer."""
_numbers: Any = importlib.import_module("phonenumbers") if IS_KNOWING else None


def e164(number: str, country: str = "") -> str:
    """``number`` in E.164; empty if it cannot be told what is meant.

    ``country`` (ISO 3166 alpha-2; else the setting ``PHONE_COUNTRY``) is where a number without "+" lives. Without the extra ``sms``
    only numbers that begin with "+" or "00" are understood. A number with "+" must have a length that its country knows, no more:
    lists of numbers that were given out grow old, and to refuse a customer's real number is worse than to be refused by a gateway.
    A national number must be one that its country gives out, or the guess of the country was wrong.
    """
    plain = _digits(number)
    if not plain or len(plain) > _LONGEST:
        return ""
    if _numbers is None:
        return plain if _E164.fullmatch(plain) else ""
    return _understood(plain, (country or conf.PHONE_COUNTRY or "").strip().upper())


def is_country(code: str) -> bool:
    """Whether national numbers of the country ``code`` (ISO 3166 alpha-2, capital letters) are understood; without the extra none is."""
    return _numbers is not None and code in _numbers.SUPPORTED_REGIONS


def _digits(number: str) -> str:
    """``number`` without what people write between digits, in the digits of ASCII, and with "+" for "00"."""
    narrow = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in unicodedata.normalize("NFKC", number))
    invisible = "".join(sign for sign in narrow if unicodedata.category(sign) != "Cf")
    plain = _BETWEEN.sub("", re.sub(r"^(\s*\+[\d\s]*)\(0\)", r"\1", invisible))
    return f"+{plain[2:]}" if plain.startswith("00") else plain


def _understood(plain: str, country: str) -> str:
    is_national = not plain.startswith("+")
    try:
        found = _numbers.parse(plain, country if is_national else None)
    except _numbers.NumberParseException:
        return ""
    is_right = _numbers.is_valid_number(found) if is_national else _numbers.is_possible_number(found)
    if not is_right or found.extension:
        return ""
    whole = str(_numbers.format_number(found, _numbers.PhoneNumberFormat.E164))
    return whole if _E164.fullmatch(whole) else ""
