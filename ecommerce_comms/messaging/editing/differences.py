"""What differs between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.functional import Promise as LazyText

from ecommerce_comms.messaging.models import WORDING, Template
from ecommerce_comms.messaging.writing.texts import Text

SAME, ADDED, REMOVED = "same", "added", "removed"
LONG, NEAR = 500, 160
"""So many characters that are the same are shown whole; of more, so many beside each change."""
MOST = 4_000_000
"""Comparisons beyond this many are not worth their time: what differs is then shown as a whole."""
_NAMES: dict[str, str | LazyText] = {field.name: field.verbose_name for field in Template._meta.fields if field.name in WORDING}
_WORD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\s+|[^\s{]+|\{", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of words."""

    what: str
    """``same``, ``added`` or ``removed``."""
    words: str

    @property
    def brief(self) -> str:
        """The words as a difference shows them: of a long stretch that is the same, only its ends."""
        if self.what != SAME or len(self.words) <= LONG:
            return self.words
        return f"{self.words[:NEAR].rsplit(None, 1)[0]} […]\n[…] {self.words[-NEAR:].split(None, 1)[-1]}"


@dataclass(frozen=True)
class Change:
    """What differs in one part."""

    part: str
    """One of ``WORDING``."""
    name: str | LazyText
    """The part, in words."""
    pieces: list[Piece]


def between(old: Text, new: Text) -> list[Change]:
    """The differences of each part that is not the same in both."""
    pairs = ((part, _plain(getattr(old, part)), _plain(getattr(new, part))) for part in WORDING)
    return [Change(part, _NAMES[part], pieces(before, after)) for part, before, after in pairs if before != after]


def are_same(one: Text, other: Text) -> bool:
    """Whether both say the same: line ends and blanks around a part do not count, since no customer sees them."""
    return all(_plain(getattr(one, part)) == _plain(getattr(other, part)) for part in WORDING)


def pieces(old: str, new: str) -> list[Piece]:
    """The way from ``old`` to ``new``: first line by line, then word by word within what has changed. Facts in braces stay whole."""
    return list(_joined(_lines(old, new)))


def _plain(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def _lines(old: str, new: str) -> Iterator[Piece]:
    for what, before, after in _steps(_LINE.findall(old), _LINE.findall(new)):
        if what == SAME:
            yield Piece(SAME, before)
            continue
        for inner, left, right in _steps(_WORD.findall(before), _WORD.findall(after)):
            yield from [Piece(SAME, left)] if inner == SAME else [Piece(REMOVED, left), Piece(ADDED, right)]


def _steps(old: list[str], new: list[str]) -> Iterator[tuple[str, str, str]]:
    """Stretches that are the same or not, as what was and what is."""
    if len(old) * len(new) > MOST:
        yield "other", "".join(old), "".join(new)
        return
    for what, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield SAME if what == "equal" else "other", "".join(old[from_old:to_old]), "".join(new[from_new:to_new])


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one sort as one piece; a change is told as what went, then what came. A blank between two changes belongs to both."""
    gone = come = ""
    for piece in _with_blanks(list(found)):
        if piece.what == SAME:
            yield from (each for each in (Piece(REMOVED, gone), Piece(ADDED, come)) if each.words)
            gone = come = ""
            yield piece
        elif piece.what == REMOVED:
            gone += piece.words
        else:
            come += piece.words
    yield from (each for each in (Piece(REMOVED, gone), Piece(ADDED, come)) if each.words)


def _with_blanks(found: list[Piece]) -> Iterator[Piece]:
    for place, piece in enumerate(found):
        between_changes = 0 < place < len(found) - 1 and SAME not in (found[place - 1].what, found[place + 1].what)
        if piece.what == SAME and not piece.words.strip() and "\n" not in piece.words and between_changes:
            yield Piece(REMOVED, piece.words)
            yield Piece(ADDED, piece.words)
        elif piece.words:
            yield piece
