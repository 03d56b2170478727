"""The built-in texts: written in English, one table for each kind of message, and told in every language that translates them whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import catalogues
from ecommerce_comms.messaging.writing.catalogues import Counted, Source
from ecommerce_comms.messaging.writing.shop_kinds import ShopKinds

FALLBACK = "en"
ENGLISH = Path(__file__).parent / "texts" / "en.toml"
LABELS = "labels"


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


def _sources() -> dict[str, Source]:
    tables = tomllib.loads(ENGLISH.read_text(encoding="utf-8"))
    return {
        f"{table}.{name}": (words[0], words[1]) if isinstance(words, list) else words.strip()
        for table, named in tables.items() for name, words in named.items()
    }


SOURCES = _sources()
"""Every English text by its context, "order_placed.subject": what catalogues translate. A pair is told of one and of several things."""
KINDS: tuple[str, ...] = tuple(dict.fromkeys(context.rpartition(".")[0] for context in SOURCES if not context.startswith(f"{LABELS}.")))
"""Every kind that has a built-in text."""
KINDS_OF_SHOP = ShopKinds()
"""Every kind that the shop has declared in ``MESSAGE_KINDS``; these have no built-in text."""
OTHERS = ".others"
"""Ends the key of a text for people other than the customer."""


def key(kind: str, role: str) -> str:
    """Under which key the text of a message of ``kind`` stands, for the customer or for somebody with another ``role``."""
    return f"{kind}{OTHERS}" if role and f"{kind}{OTHERS}" in KINDS else kind


class Spoken(NamedTuple):
    """What can be said in one language: all of a table, or nothing of it."""

    labels: dict[str, str]
    """Empty if they are not whole; then nothing else is said in this language either."""
    texts: dict[str, Text]
    missing: dict[str, tuple[str, ...]]
    """By kind (and for the labels), the contexts without a translation."""
    stale: dict[str, tuple[str, ...]]
    """The same for translations of older English words."""


@lru_cache(maxsize=256)
def _spoken(language: str, places: tuple[str, ...]) -> Spoken:
    paths = catalogues.found(places).get(language, ())
    book = catalogues.read(paths, SOURCES)
    said = {**_english(), **book.said} if language == FALLBACK else book.said
    spoken = Spoken({}, {}, {}, {})
    for table in (LABELS, *KINDS):
        contexts = [context for context in SOURCES if context.rpartition(".")[0] == table]
        without = [context for context in contexts if context not in said]
        spoken.stale[table] = tuple(context for context in without if context in book.stale)
        spoken.missing[table] = tuple(context for context in without if context not in book.stale)
        if without:
            continue
        words = {context.rpartition(".")[2]: said[context] for context in contexts}
        if table == LABELS:
            spoken.labels.update(words)
        else:
            spoken.texts[table] = Text(**words)
    return spoken


def _english() -> dict[str, str]:
    def told(words: Source) -> str:
        return Counted(words, lambda count: int(count != 1)) if isinstance(words, tuple) else words

    return {context: told(words) for context, words in SOURCES.items()}


def languages() -> tuple[str, ...]:
    """The languages of which there are catalogues, whole or not, and English."""
    return _languages(catalogues.folders())


@lru_cache(maxsize=16)
def _languages(places: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({FALLBACK, *catalogues.found(places)}))


def _told(*tags: str) -> tuple[tuple[str, Spoken], ...]:
    return _telling(tags, catalogues.folders())


@lru_cache(maxsize=1_024)
def _telling(tags: tuple[str, ...], places: tuple[str, ...]) -> tuple[tuple[str, Spoken], ...]:
    """The languages that serve the readers of ``tags`` and whose labels are whole, the best first; English at the end."""
    known = _languages(places)
    ways = dict.fromkeys(language for tag in (*tags, FALLBACK) for language in catalogues.ways(tag, known))
    return tuple((language, spoken) for language in ways if (spoken := _spoken(language, places)).labels)


def best_language(*tags: str) -> str:
    """The first of ``tags`` in whose language there are texts; English if there is none. ``hi-IN`` and ``HI`` are ``hi``."""
    return _told(*tags)[0][0]


def told_in(kind: str, language: str, *, own: bool = False) -> str:
    """The language in which a reader of ``language`` is told ``kind``, so that the words and all around them are in one.

    A kind that is not wholly translated is told in the shop's language or else in English; a text of the shop's ``own`` always
    in the reader's.
    """
    if own or kind not in KINDS:
        return best_language(language)
    return _built_in(kind, language)[0]


@lru_cache(maxsize=512)
def primary(tag: str) -> str:
    """The language alone of an IETF tag: ``hi`` of ``hi-IN``, ``hi_IN`` or ``HI``."""
    return (tag or "").strip().replace("_", "-").partition("-")[0].lower()


def labels(language: str) -> dict[str, str]:
    """The words around a message in ``language``. Those that depend on a number (``Counted``) choose their form in ``format``."""
    return _told(language)[0][1].labels


def built_in(kind: str, language: str) -> Text:
    """The built-in text of ``kind`` in the language of ``told_in``; raises ``TemplateError`` for a kind that has none."""
    if kind not in KINDS:
        raise TemplateError(f"There is no built-in text for {kind!r}; the kinds are {', '.join(KINDS)}.")
    return _built_in(kind, language)[1]


def _built_in(kind: str, language: str) -> tuple[str, Text]:
    return next((told, spoken.texts[kind]) for told, spoken in _told(language, conf.language) if kind in spoken.texts)


class Completeness(NamedTuple):
    """Whether a kind of message is told in a language."""

    kind: str
    language: str
    state: str
    """``built-in``, ``missing``, or ``stale``: translated, but the English words have changed since."""
    lacking: tuple[str, ...] = ()
    """What is missing or stale, as "order_placed.subject"; labels too, for without them nothing is told in the language."""


def completeness() -> list[Completeness]:
    """A row for each kind with a built-in text in each language of ``languages``."""
    places = catalogues.folders()
    rows = []
    for language in _languages(places):
        spoken = _spoken(language, places)
        for kind in KINDS:
            missing, stale = (each[LABELS] + each[kind] for each in (spoken.missing, spoken.stale))
            state = "missing" if missing else "stale" if stale else "built-in"
            rows.append(Completeness(kind, language, state, missing + stale))
    return rows


def forget() -> None:
    """Read the catalogues again when they are next needed: files have changed."""
    for kept in (catalogues.found, _languages, _spoken, _telling):
        kept.cache_clear()
