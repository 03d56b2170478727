"""Strangers' text made harmless: no control characters, no reversed writing, no odd links, no broken letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

MAX_FACT = 300
LONGER = {"instructions": 1_000, "reason": 1_000}
MAX_URL = 2_000
MAX_LINE = 200

# Everything that ends a line or steers a terminal or a mail header: C0, DEL, C1, the line and paragraph separators,
# lone surrogates (which no mail can carry).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Marks that turn the direction of writing: with them a name could make a subject read as something else.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
# The start of an encoded word. Python's own mail package decodes one inside a subject, line ends and all, into new headers.
_ENCODED = re.compile(r"=\?(?=[^?]*\?[bq]\?)", re.IGNORECASE)
_SPACES = re.compile(r" {2,}")
_WEB = re.compile(r"(?:https?://[^\s<>\"'\\]+|mailto:[^\s<>\"'\\]+)\Z", re.IGNORECASE)
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_JOINERS = frozenset("\u200d\u094d\u09cd")
"""Zero-width joiner, and the signs by which Devanagari and Bengali tie two consonants together."""


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """``text`` on a single line, trimmed, at most ``limit`` characters and never cut through a letter."""
    if not (text.isascii() and text.isprintable()):
        text = _TURNING.sub("", _CONTROL.sub(" ", text))
    if "=?" in text:
        text = _ENCODED.sub("= ?", text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    text = text.strip()
    return text if len(text) <= limit else clip(text, limit)


def clip(text: str, limit: int) -> str:
    """The first ``limit`` characters of ``text``, the last being "…" if something was cut off."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and _belongs_together(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def _belongs_together(before: str, after: str) -> bool:
    """Whether a cut between the two characters would break what people see as one letter or one picture."""
    is_mark = unicodedata.category(after).startswith("M") or after == "\u200d" or "\U0001f3fb" <= after <= "\U0001f3ff"
    are_flags = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    return is_mark or before in _JOINERS or are_flags


def web_address(value: Any) -> str:
    """``value`` if it is an http, https or mailto link; otherwise nothing."""
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= MAX_URL and _WEB.match(text) and not _CONTROL.search(text) else ""


def clean(value: Any, name: str = "") -> Any:
    """Plain data with harmless strings; whatever is neither text, number, list nor dict is left out as ``None``."""
    if name.endswith("url"):
        return web_address(value)
    if isinstance(value, str):
        return value.strip() if _is_harmless(value) else one_line(value, LONGER.get(name, MAX_FACT))
    if isinstance(value, dict):
        return _clean_group(value)
    if isinstance(value, (list, tuple)):
        return [kept for item in value if (kept := _clean_group(item) if type(item) is dict else clean(item, name)) or _is_full(kept)]
    return value if isinstance(value, (int, float)) else None


def _clean_group(group: dict[Any, Any]) -> dict[str, Any]:
    """The facts of one group; nearly all are short strings without anything odd, or empty, and those take the short way."""
    kept: dict[str, Any] = {}
    for key, item in group.items():
        if item is None or item == "":
            continue
        name = key if type(key) is str else str(key)
        if type(item) is not str or name[-3:] == "url" or not _is_harmless(item):
            item = clean(item, name)
        elif item[0] == " " or item[-1] == " ":
            item = item.strip()
        if item or _is_full(item):
            kept[name] = item
    return kept


def _is_harmless(text: str) -> bool:
    """Whether ``one_line`` would only trim it."""
    return len(text) <= MAX_FACT and text.isascii() and text.isprintable() and "  " not in text and "=?" not in text


def _is_full(value: Any) -> bool:
    """Whether there is anything in ``value``; a zero is something."""
    return bool(value) or value not in _EMPTY
