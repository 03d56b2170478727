"""Making and checking the catalogues that translators fill in."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from ecommerce_comms import __version__, clock
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.writing import catalogues, liquid
from ecommerce_comms.messaging.writing.catalogues import DOMAIN, Source
from ecommerce_comms.messaging.writing.texts import LABELS, SOURCES

_HEADER = """\
# The words of every message, for customers. English is the source: see docs/how-to/add-a-language.md.
# What stands in {{ … }}, {% … %} or {…} is filled in by the program and stays as it is."""
_NOTES = {
    "short": "A text message. Two of them hold 134 characters in most scripts, the facts and the link included: be brief.",
    "preview": "What a list of mails shows beside the subject.",
    "action": "On a button.",
}
_LINK = re.compile(r"\]\(([^)]*)\)|(?:https?|mailto|tel):[^\s)>\"]+", re.IGNORECASE)
_TAG = re.compile(r"\{%-?\s*(\w+|#)")


@dataclass(frozen=True)
class Update:
    """What became of a catalogue when it was made or brought up to date: how many messages."""

    path: Path
    translated: int
    untranslated: int
    fuzzy: int
    obsolete: int


def path_of(language: str, folder: Path) -> Path:
    """Where the catalogue of ``language`` lies in a folder of catalogues: ``pt_BR/LC_MESSAGES/comms_texts.po``."""
    return folder / str(locale_of(language)) / "LC_MESSAGES" / f"{DOMAIN}.po"


def locale_of(language: str) -> Locale:
    """The locale of an IETF tag; raises ``ValueError`` for a language that nobody knows."""
    try:
        return Locale.parse(language.strip().replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise ValueError(f"There is no language {language!r}; write a tag such as ta, pt-BR or zh-Hans.") from error


def update(language: str, folder: Path) -> Update:
    """Write the catalogue of ``language`` in ``folder`` with every text of today, and keep what is translated in it.

    A translation of words that have changed is marked as fuzzy, one of words that are told no more is kept as obsolete. Raises
    ``ValueError`` for an unknown language or a file that is no catalogue.
    """
    path = path_of(language, folder)
    old = catalogues.load(path) if path.exists() else None
    new = _empty(locale_of(language), old)
    known = catalogues.by_context(old, SOURCES) if old else {}
    for context, source in SOURCES.items():
        _add(new, context, source, known.get(context))
    _keep_obsolete(new, old)
    made = io.BytesIO()
    write_po(made, new, width=0, include_previous=True)
    _replace(path, made.getvalue())
    told = [message for message in new if message.id]
    fuzzy = sum(message.fuzzy for message in told)
    done = sum(catalogues.is_translated(message, new) and not message.fuzzy for message in told)
    return Update(path, done, len(told) - done - fuzzy, fuzzy, len(new.obsolete))


def _empty(locale: Locale, old: Catalog | None) -> Catalog:
    return Catalog(
        locale=locale, domain=DOMAIN, project="django-ecommerce-comms", version=__version__, fuzzy=False,
        header_comment=old.header_comment if old else _HEADER,
        creation_date=old.creation_date if old else clock.now(), revision_date=old.revision_date if old else clock.now(),
        last_translator=old.last_translator if old else "", language_team=old.language_team if old else "",
        msgid_bugs_address="https://pypi.org/project/django-ecommerce-comms/",
    )


def _add(new: Catalog, context: str, source: Source, old: Message | None) -> None:
    comments = _comments(context)
    if old is None or not any(catalogues.forms(old)):
        message = new.add(source, context=context, auto_comments=comments, user_comments=old.user_comments if old else ())
    else:
        is_same = catalogues.as_source(old.id) == source
        message = new.add(
            source, _formed(catalogues.forms(old), source, new.num_plurals), context=context,
            auto_comments=comments, user_comments=old.user_comments,
            flags=set(old.flags) if is_same else {*old.flags, "fuzzy"}, previous_id=() if is_same else old.id,
        )
    # Babel takes Liquid for a format of Python's; translators' tools would then refuse what is right.
    message.flags.difference_update(("python-format",) if context.startswith(f"{LABELS}.") else ("python-format", "python-brace-format"))


def _formed(forms: tuple[str, ...], source: Source, plurals: int) -> str | tuple[str, ...]:
    """A translation in as many forms as its source asks for today."""
    if not isinstance(source, tuple):
        return forms[-1]
    return (*forms, *(forms[-1:] * plurals))[:plurals]


def _comments(context: str) -> tuple[str, ...]:
    """What a translator cannot see."""
    return (_NOTES[part],) if (part := context.rpartition(".")[2]) in _NOTES and not context.startswith(f"{LABELS}.") else ()


def _keep_obsolete(new: Catalog, old: Catalog | None) -> None:
    if old is None:
        return
    for message in (*old, *old.obsolete.values()):
        if message.id and message.context not in SOURCES and any(catalogues.forms(message)):
            new.obsolete[(message.id, message.context)] = message


def _replace(path: Path, content: bytes) -> None:
    """Write all of the file, or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def complaints(path: Path, *, is_whole: bool = True) -> Iterator[str]:
    """What is wrong with a catalogue; that something is missing only of one that has to be ``is_whole``."""
    try:
        catalog = catalogues.load(path)
    except (OSError, ValueError) as error:
        yield f"The file cannot be read: {error}"
        return
    known = catalogues.by_context(catalog, SOURCES)
    for context, source in SOURCES.items():
        message = known.get(context)
        if message is None or not catalogues.is_translated(message, catalog):
            if is_whole:
                yield f"{context} is not translated."
        elif message.fuzzy or catalogues.as_source(message.id) != source:
            yield f"{context} is stale: the English words have changed. Look at it again, and take the mark “fuzzy” away."
        else:
            said = catalogues.forms(message)
            yield from dict.fromkeys(f"{context} {what}" for words in said for what in _differences(context, source, words))


def _differences(context: str, source: Source, words: str) -> Iterator[str]:
    """What ``words`` say that their English source does not, and the other way round."""
    english = source if isinstance(source, str) else source[-1]
    if context.startswith(f"{LABELS}."):
        yield from _compared(_fields(english), _fields(words), "{%s}")
        return
    try:
        here = liquid.facts_in(words)
    except TemplateError as error:
        yield f"has a mistake in its braces: {error.detail}"
        return
    yield from _compared(liquid.facts_in(english), here, "{{ %s }}")
    # How many conditions a sentence takes is a matter of its grammar; which tags it uses is not.
    yield from (f"uses {{% {tag} %}}, which the English words do not." for tag in sorted(_tags(words) - _tags(english)))
    links = Counter(_links(words)) - Counter(_links(english))
    yield from (f"links to {link}, which the English words do not." for link in sorted(links))


def _compared(english: set[str], here: set[str], shown: str) -> Iterator[str]:
    yield from (f"names {shown % name}, which the English words do not." for name in sorted(here - english))
    yield from (f"does not name {shown % name}, which the English words do." for name in sorted(english - here))


def _fields(words: str) -> set[str]:
    """What stands in single braces; an opening brace alone counts as a name that nobody knows."""
    try:
        return {name for _, name, _, _ in Formatter().parse(words) if name is not None}
    except ValueError:
        return {"…"}


def _tags(words: str) -> set[str]:
    # “elsif” and “else” come with “if”.
    return {tag for tag in _TAG.findall(words) if tag not in ("else", "elsif") and not tag.startswith("end")}


def _links(words: str) -> list[str]:
    return [match[1] or match[0] for match in _LINK.finditer(words)]
