"""The line of a conversation and of the order's page: the short form, with the button's link where it has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.words import Words

_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]।]")


class Piece(NamedTuple):
    """A part of a line."""

    words: str
    address: str = ""
    """Where the words lead, an http(s) or mailto address; empty for plain words."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line, as text that is not escaped."""

    text: str
    """Addresses of the web stand in it as they are."""
    action: str = ""
    """What the link says; empty if ``text`` has one already, or if there is none."""
    address: str = ""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The line for a page: words and links in turn."""
        found: list[Piece] = []
        end = 0
        for match in _LINK.finditer(self.text):
            found += [Piece(self.text[end : match.start()]), Piece(match.group(), match.group())]
            end = match.end()
        found.append(Piece(self.text[end:]))
        link = [Piece(" "), Piece(self.action, self.address)] if self.action else []
        return tuple(piece for piece in (*found, *link) if piece.words)

    def __str__(self) -> str:
        return f"{self.text} {self.action}: {self.address}" if self.action else self.text


def line(words: Words, parts: Parts) -> Line:
    """The line of one message."""
    needs_link = words.action and parts.link and not _LINK.search(words.short)
    return Line(text=words.short, action=words.action, address=parts.link) if needs_link else Line(text=words.short)
