"""The frame of a mail: everything around its blocks, compiled from MJML once and then only put together.

In the MJML stand words such as ``[[body]]``. Those of ``CONSTANTS`` follow from the look and are filled in once for each look;
those of ``SLOTS`` are filled in for each mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mjml import mjml2html

from ecommerce_comms.messaging.speaking.layout.look import Look
from ecommerce_comms.messaging.speaking.layout.sheet import sheet
from ecommerce_comms.messaging.speaking.layout.style import FONT, Style, style_of

BUILT_IN = (Path(__file__).parent / "mail.mjml").read_text(encoding="utf-8")
BLOCKS = ("header", "heading", "greeting", "body", "window", "button", "tracking", "items", "address", "suggestions")
"""The blocks of a mail, in the order in which they are read. ``[[message]]`` stands for all of them."""
SLOTS = frozenset({*BLOCKS, "message", "footer", "title", "preview", "lang", "head"})
CONSTANTS = frozenset({"accent", "link", "paper", "desk", "ink", "soft", "foot", "line", "font", "sheet", "dir", "start", "end"})
WORD = re.compile(r"\[\[(\w+)\]\]")
LONGEST_LINE = 500
_VOID = re.compile(r"(<(?:meta|img|br|hr)\b[^<>]*?)\s*/>")
_BREAKABLE = re.compile(r"(?=<(?:table|tr|td|/table|div|!--\[if)\b)")
_HIDDEN = "display:none;mso-hide:all;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden"
_SIDES = {
    "direction:ltr": "direction:[[dir]]", "text-align:left": "text-align:[[start]]", "text-align:right": "text-align:[[end]]",
    'align="left"': 'align="[[start]]"', 'align="right"': 'align="[[end]]"',
}


@dataclass(frozen=True)
class Frame:
    """A frame with gaps. ``pieces`` are its HTML and, at each of ``gaps``, the name of what belongs there."""

    pieces: tuple[str, ...]
    gaps: tuple[int, ...]
    is_own: bool
    """Whether a merchant made it."""

    def around(self, blocks: Mapping[str, str]) -> str:
        """The page: the frame around ``blocks``."""
        page = list(self.pieces)
        for gap in self.gaps:
            page[gap] = blocks[page[gap]]
        return "".join(page)


@lru_cache(maxsize=64)
def frame_of(look: Look, direction: str) -> Frame:
    """The frame of ``look``, kept: the merchant's own, or else the built-in one."""
    html = look.frame or _built_in()
    pieces = WORD.split(_short_lines(filled(html, style_of(look, direction))))
    return Frame(tuple(pieces), tuple(range(1, len(pieces), 2)), bool(look.frame))


def filled(html: str, style: Style) -> str:
    """``html`` with the words of ``CONSTANTS`` replaced by what they are in ``style``."""
    look = style.look
    values = {
        "accent": look.accent, "link": style.link, "paper": look.paper, "desk": look.desk, "ink": look.ink, "soft": style.soft,
        "foot": style.foot, "line": style.line, "font": FONT, "sheet": sheet(style), "dir": style.direction, "start": style.start,
        "end": style.end,
    }
    return WORD.sub(lambda match: values.get(match[1], match[0]), html)


def compiled(source: str) -> str:
    """The HTML of the MJML ``source``, with what every mail needs besides; raises ``ValueError`` as the compiler words it.

    It says the language and direction of each mail, mirrors itself for writing that runs from right to left, has its preview
    line hidden from Outlook too, and a place in its head for data that programs read.
    """
    html = str(mjml2html(source)).replace('<style type="text/css">', "<style>")
    html = _VOID.sub(r"\1>", html)
    html = re.sub(r'\blang="[^"]*" dir="[^"]*"', 'lang="[[lang]]" dir="[[dir]]"', html, count=2)
    for side, word in _SIDES.items():
        html = html.replace(side, word)
    html = html.replace("<title></title>", "<title>[[title]]</title>", 1)
    html = re.sub(r'<div style="display:none;[^"]*">\[\[preview\]\]</div>', "", html, count=1)
    html = re.sub(r"<body\b[^>]*>", lambda match: f'{match[0]}<div style="{_HIDDEN}">[[preview]]</div>', html, count=1)
    return html.replace("</head>", "[[head]]</head>", 1)


@lru_cache(maxsize=1)
def _built_in() -> str:
    return compiled(BUILT_IN)


def _short_lines(html: str) -> str:
    """``html`` with line ends between parts of tables, where they mean nothing: a mail server may refuse lines of more than 998 bytes."""
    lines, room = [""], LONGEST_LINE
    for piece in _BREAKABLE.split(html):
        room -= len(piece)
        if room < 0:
            lines.append("")
            room = LONGEST_LINE - len(piece)
        lines[-1] += piece
    return "\n".join(lines)
