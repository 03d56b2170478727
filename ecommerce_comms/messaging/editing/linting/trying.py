"""Complaints that show only when a text is used: tried out with all facts, with few, and with none."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import plain
from ecommerce_comms.messaging.editing.linting import comparing
from ecommerce_comms.messaging.editing.linting.complaints import LONGEST_SHOWN, PARTS, Complaint, error, mistaken, warning
from ecommerce_comms.messaging.editing.linting.samples import circumstances
from ecommerce_comms.messaging.speaking import rendering, sms
from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.rendering import Rendered
from ecommerce_comms.messaging.speaking.words import compiled
from ecommerce_comms.messaging.writing import liquid
from ecommerce_comms.messaging.writing.texts import Text

LONG_SUBJECT = 80
"""Of a longer one phones cut off more than half."""
MOST_SEGMENTS = 3
"""Each of a text message's parts is paid for."""
LARGEST_MAIL = 102_000
"""Bytes of HTML; Gmail hides the rest behind a link."""
FEWEST_CAPITALS = 8

_BODY = re.compile(r'<a style="[^"]*" href="[^"]*">.*?</a>|<a href="[^"]*"[^>]*>.*?</a>', re.DOTALL)
_MARK = re.compile(r"<[^>]*>")
_DEAD = re.compile(r'href="(?!https?://|mailto:|tel:|")', re.IGNORECASE)
"""A link that leads to no place on the web; an empty one may have lacked a fact."""


def complaints(text: Text, kind: str, language: str) -> Iterator[Complaint]:
    """What is wrong with ``text`` once its braces are filled; the first circumstance in which something shows is told."""
    seen: set[str] = set()
    for circumstance, parts in _parts(kind, language):
        failed = list(_failing(text, parts.facts, circumstance))
        yield from failed
        if failed:  # the others would fail in the same way, each after as long a time
            return
        for found in _in(text, parts, language, circumstance):
            kernel = found.message.replace(circumstance, "") if circumstance else found.message
            kernel = re.sub(r"\(.*?\)|“.*?”|\d+", "", kernel)
            if kernel not in seen:
                seen.add(kernel)
                yield found


@lru_cache(maxsize=64)
def _parts(kind: str, language: str) -> list[tuple[str, Parts]]:
    return [(words, rendering.parts_of(kind, language, facts, "UTC")) for words, facts in circumstances(kind)]


def _in(text: Text, parts: Parts, language: str, circumstance: str) -> list[Complaint]:
    """A text is filled in several times here: one that only just keeps its time may do so once, and not the next time."""
    try:
        return list(_shown(text, parts, language, circumstance))
    except TemplateError as problem:
        return [error("subject" if "subject" in problem.detail else "body", f"The text does not work{circumstance}: {problem.detail}")]


def _shown(text: Text, parts: Parts, language: str, circumstance: str) -> Iterator[Complaint]:
    made = rendering.compose(text, parts, "merchant")
    yield from _subject(made, circumstance)
    yield from _body(text, parts.facts, circumstance)
    yield from _size(made, circumstance)
    yield from _short(made, circumstance)
    heading = plain.one_line(_filler(text.heading)(parts.facts)) or made.subject
    yield from comparing.complaints(made, heading, parts.facts, language, circumstance)
    if not circumstance:
        yield from comparing.numbers(made, parts.facts)


def _failing(text: Text, view: dict[str, Any], circumstance: str) -> Iterator[Complaint]:
    for part in PARTS:
        try:
            _filler(getattr(text, part))(view)
        except TemplateError as problem:
            yield mistaken(part, problem, circumstance)


@lru_cache(maxsize=256)
def _filler(source: str) -> liquid.Piece:
    return liquid.compile(source)


def _size(made: Rendered, circumstance: str) -> Iterator[Complaint]:
    size = len(made.html.encode())
    if size > LARGEST_MAIL:
        yield error("body", f"The body makes a mail of {size} bytes{circumstance}; Gmail hides what is beyond {LARGEST_MAIL}.")


def _subject(made: Rendered, circumstance: str) -> Iterator[Complaint]:
    subject = made.subject
    if len(subject) > LONGEST_SHOWN:
        yield error("subject", f"The subject comes out {len(subject)} characters long{circumstance}; please keep it under {LONGEST_SHOWN}.")
    elif len(subject) > LONG_SUBJECT:
        said = f"The subject comes out {len(subject)} characters long{circumstance}; phones show about 40, "
        yield warning("subject", f"{said}and few mail programs more than {LONG_SUBJECT}.")
    if sum(map(str.isalpha, subject)) >= FEWEST_CAPITALS and subject.isupper():
        yield warning("subject", "The subject is all capitals, which reads as shouting and as spam; please write it as a sentence.")
    if made.preview and made.preview.casefold().rstrip(".!") == subject.casefold().rstrip(".!"):
        yield warning("preview", "The preview line repeats the subject; please say there what the subject does not.")


def _body(text: Text, view: dict[str, Any], circumstance: str) -> Iterator[Complaint]:
    made = compiled(text)
    if isinstance(made, TemplateError):
        return
    page = made.body_html(view)
    said = html.unescape(_MARK.sub(" ", page))
    if not said.strip():
        said = f"The body comes out empty{circumstance}, so the mail has no text part"
        yield error("body", f"{said}; please write something that always shows.")
    elif not any(map(str.isalnum, html.unescape(_MARK.sub(" ", _BODY.sub(" ", page))))):
        yield warning("body", f"The body says everything in a link{circumstance}; please say in words what it is about.")
    if _DEAD.search(page) or ('href=""' in page and not circumstance):
        said = "A link in the body leads nowhere; please begin its address with https://, or take a fact that is a link."
        yield error("body", said)


def _short(made: Rendered, circumstance: str) -> Iterator[Complaint]:
    count = sms.needed(made.short)
    if count > MOST_SEGMENTS:
        said = f"The short form takes {count} text messages{circumstance}, each of which is paid for"
        yield warning("short", f"{said}; please keep it within {MOST_SEGMENTS}.")
