"""The built-in texts: one file for each language, one table in it for each kind of message."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

from ecommerce_comms.exceptions import TemplateError

FALLBACK = "en"
FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, kw_only=True)
class Text:
    """The words of one message in one language, as their author wrote them."""

    subject: str
    body: str
    """Markdown."""
    preview: str = ""
    """What lists of mails show beside the subject."""
    heading: str = ""
    """The subject, if empty."""
    action: str = ""
    """What the button says; the built-in words, if empty."""
    short: str = ""
    """One line, for a text message or the order's page; the subject, if empty."""

    @classmethod
    def of(cls, source: object) -> Self:
        """The text held by an object with fields of these names, such as a merchant's ``Template``."""
        return cls(**{item.name: str(getattr(source, item.name, "") or "") for item in fields(cls)})

    def completed(self, built_in: Text) -> Text:
        """This text, with the built-in words on the button if the author left them out."""
        return self if self.action.strip() else replace(self, action=built_in.action)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Text]]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    labels = tables.pop("labels")
    return labels, {kind: Text(**table) for kind, table in tables.items()}


_FILES = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}
KINDS: tuple[str, ...] = tuple(_FILES[FALLBACK][1])
"""Every kind that has a built-in text."""


OTHERS = ".others"
"""Ends the key of a text for people other than the customer."""


def key(kind: str, role: str) -> str:
    """Under which key the text of a message of ``kind`` stands, for the customer or for somebody with another ``role``."""
    return f"{kind}{OTHERS}" if role and f"{kind}{OTHERS}" in KINDS else kind


def languages() -> tuple[str, ...]:
    """The languages in which there are built-in texts."""
    return tuple(_FILES)


def best_language(*tags: str) -> str:
    """The first of ``tags`` in whose language there are texts; English if there is none. ``hi-IN`` and ``HI`` are ``hi``."""
    known = (primary(tag) for tag in tags)
    return next((language for language in known if language in _FILES), FALLBACK)


@lru_cache(maxsize=512)
def primary(tag: str) -> str:
    """The language alone of an IETF tag: ``hi`` of ``hi-IN``, ``hi_IN`` or ``HI``."""
    return (tag or "").strip().replace("_", "-").partition("-")[0].lower()


def labels(language: str) -> dict[str, str]:
    """The words around a message in ``language``."""
    return _FILES[best_language(language)][0]


def built_in(kind: str, language: str) -> Text:
    """The built-in text of ``kind``; raises ``TemplateError`` for a kind that has none."""
    try:
        return _FILES[best_language(language)][1][kind]
    except KeyError:
        raise TemplateError(f"There is no built-in text for {kind!r}; the kinds are {', '.join(KINDS)}.") from None
