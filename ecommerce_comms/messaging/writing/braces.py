"""Finds what stands in braces in a text's source, in one pass, before anything slower reads it.

Regular expressions that look for the end of a tag take a time that grows with the square, or the cube, of a hostile source; this
one refuses such a source first: too long, too many tags, a tag that is never closed, a tag too long or full of blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ecommerce_comms.exceptions import TemplateError

LONGEST_SOURCE = 120_000
"""Characters; a body of the longest allowed kind is shorter than that even with a style on each of its elements."""
LONGEST_PIECE = 1_000
"""Characters between one pair of braces."""
MOST_PIECES = 1_000
LONGEST_GAP = 100
"""Blanks in a row between braces."""

_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_GAP = re.compile(rf"\s{{{LONGEST_GAP}}}")
_HALF = re.compile("[\ud800-\udfff]")
_RAW = re.compile(r"\{%-?\s{0,100}raw\s{0,100}-?%\}")
_END_RAW = re.compile(r"\{%-?\s{0,100}endraw\s{0,100}-?%\}")


class Piece(NamedTuple):
    """One ``{{ … }}`` or ``{% … %}``."""

    start: int
    end: int
    text: str


def place(source: str, index: int) -> tuple[int, int]:
    """Line and column of the character at ``index``, both counted from 1."""
    return source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index)


def mistake(detail: str, source: str, index: int) -> TemplateError:
    """The error that says ``detail`` about the place ``index``."""
    line, column = place(source, index)
    return TemplateError(f"{detail} (line {line}, column {column}).", line=line, column=column)


def pieces(source: str) -> Iterator[Piece]:
    """Every piece in braces; between ``{% raw %}`` and ``{% endraw %}`` each ``{{`` and ``{%``, by itself.

    Raises ``TemplateError`` for a source that is not to be read any further.
    """
    if len(source) > LONGEST_SOURCE:
        raise TemplateError(f"It is too long: {len(source)} characters, at most {LONGEST_SOURCE} are allowed.")
    at = count = 0
    while opening := _OPENING.search(source, at):
        count += 1
        piece = _piece(source, opening.start(), opening.group())
        if count > MOST_PIECES:
            raise mistake(f"There are more than {MOST_PIECES} braces", source, piece.start)
        at = piece.end
        yield piece
        if _RAW.fullmatch(piece.text):
            end = _END_RAW.search(source, at)
            if end is None:
                said = "The {% raw %} that begins here is never closed; please write {% endraw %} where it ends"
                raise mistake(said, source, piece.start)
            yield from (Piece(inner.start(), inner.end(), inner.group()) for inner in _OPENING.finditer(source, at, end.start()))
            yield Piece(end.start(), end.end(), end.group())
            at = end.end()


def check(source: str) -> None:
    """Raise ``TemplateError`` unless ``source`` may be read further."""
    if half := _HALF.search(source):
        raise mistake("There is half a letter here, which no mail can carry", source, half.start())
    for _ in pieces(source):
        pass


def _piece(source: str, start: int, opening: str) -> Piece:
    closing = _CLOSING[opening]
    end = source.find(closing, start + 2)
    inner = _QUOTED.sub("", source[start + 2 : min(end, start + LONGEST_PIECE)]) if end >= 0 else ""
    if end < 0 or "{{" in inner or "{%" in inner:
        raise mistake(f"The {opening} that begins here is never closed; please write {closing} where it ends", source, start)
    if end - start > LONGEST_PIECE:
        raise mistake(f"What begins here and stands in braces is longer than {LONGEST_PIECE} characters", source, start)
    if _GAP.search(source, start, end):
        raise mistake(f"There are more than {LONGEST_GAP} blanks in a row between the braces that begin here", source, start)
    return Piece(start, end + 2, source[start : end + 2])
