"""Translations of the built-in texts: gettext catalogues of the app and of the shop, read when a language is first spoken."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.conf.locale import LANG_INFO

from ecommerce_comms import masking

DOMAIN = "comms_texts"
BUILT_IN = Path(__file__).parents[2] / "locale"
logger = masking.logger(__name__)

Source = str | tuple[str, str]
"""What is translated: a text, or what is said of one thing and what is said of several."""


class Counted(str):
    """A label that depends on a number: ``format(count=3)`` takes the form for three, as gettext's plural rule says."""

    forms: tuple[str, ...]
    rule: Callable[[int], int]

    def __new__(cls, forms: tuple[str, ...], rule: Callable[[int], int]) -> Counted:
        """The form for many is what one sees of it as a plain text."""
        made = super().__new__(cls, forms[-1])
        made.forms, made.rule = forms, rule
        return made

    def format(self, *args: object, **named: Any) -> str:
        """The form for ``count``, filled in."""
        form = self.forms[min(self.rule(int(named["count"])), len(self.forms) - 1)]
        return form.format(*args, **named)


@dataclass(frozen=True)
class Book:
    """What is translated into one language, by context ("order_placed.subject")."""

    said: dict[str, str] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()
    """Contexts of which there is a translation of older English words, or one marked as fuzzy."""


def folders() -> tuple[str, ...]:
    """Where catalogues lie: the app's own folder first, then the shop's; what is found later goes before."""
    return (str(BUILT_IN), *(str(path) for path in reversed(settings.LOCALE_PATHS)))


@lru_cache(maxsize=16)
def found(places: tuple[str, ...]) -> dict[str, tuple[Path, ...]]:
    """The catalogues in ``places`` (of ``folders``), by IETF tag of their language, in the order of the places."""
    files: dict[str, tuple[Path, ...]] = {}
    for place in places:
        for path in sorted(Path(place).glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
            tag = path.parents[1].name.replace("_", "-")
            files[tag] = (*files.get(tag, ()), path)
    return files


@lru_cache(maxsize=1_024)
def ways(tag: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the languages ``known`` that serve a reader of ``tag``, the most exact first: ``pt-BR``, then ``pt``."""
    asked = (tag or "").strip().replace("_", "-").lower()
    parts = asked.split("-")
    shorter = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    # Django knows which script is read where: zh-cn is zh-hans.
    wanted = [shorter[0], *LANG_INFO.get(asked, {}).get("fallback", ()), *shorter[1:]]
    by_tag = {each.lower(): each for each in known}
    return tuple(by_tag[each] for each in dict.fromkeys(wanted) if each in by_tag)


def read(paths: tuple[Path, ...], sources: Mapping[str, Source]) -> Book:
    """The catalogues of one language as one book: what a later one says of today's ``sources`` goes before.

    A file that cannot be read is left out, and the log says so.
    """
    said: dict[str, str] = {}
    stale: set[str] = set()
    for path in paths:
        try:
            catalog = load(path)
        except (OSError, ValueError) as error:
            logger.error("The catalogue %s is not used: %s", path, error)
            continue
        rule = gettext.c2py(catalog.plural_expr)
        for context, message in by_context(catalog, sources).items():
            if not is_translated(message, catalog):
                continue
            if message.fuzzy or as_source(message.id) != sources[context]:
                stale.add(context)
            else:
                said[context] = Counted(forms(message), rule) if message.pluralizable else forms(message)[0]
    return Book(said, frozenset(stale - said.keys()))


def load(path: Path) -> Catalog:
    """The catalogue in a file; raises ``OSError`` or, if it is not one, ``ValueError`` with the line."""
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
        gettext.c2py(catalog.plural_expr)
    except PoFileError as error:
        raise ValueError(f"line {error.lineno + 1}: {error}") from error
    return catalog


def by_context(catalog: Catalog, sources: Mapping[str, Source]) -> dict[str, Message]:
    """The message of each context that is still told; of two, that of today's words."""
    messages: dict[str, Message] = {}
    for message in catalog:
        context = message.context or ""
        if context in sources and (context not in messages or as_source(message.id) == sources[context]):
            messages[context] = message
    return messages


def is_translated(message: Message, catalog: Catalog) -> bool:
    """Whether there are words, for every number that the language tells apart."""
    return all(forms(message)) and len(forms(message)) >= (catalog.num_plurals if message.pluralizable else 1)


def forms(message: Message) -> tuple[str, ...]:
    """The translation, one form for each number that the language tells apart; empty texts where there is none."""
    return (message.string or "",) if isinstance(message.string, (str, type(None))) else tuple(message.string)


def as_source(words: Any) -> Source:
    """A message's id in a form that can be compared."""
    return (str(words[0]), str(words[1])) if isinstance(words, (tuple, list)) else str(words)
