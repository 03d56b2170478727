"""The e-mail as a page: the blocks, put into the frame, and never longer than mail programs show."""

from __future__ import annotations

from collections.abc import Iterator

from css_inline import CSSInliner

from ecommerce_comms.messaging.speaking.layout import blocks
from ecommerce_comms.messaging.speaking.layout.frame import BLOCKS, Frame, frame_of
from ecommerce_comms.messaging.speaking.layout.items import Room, items, suggestions
from ecommerce_comms.messaging.speaking.layout.parts import Parts, Said
from ecommerce_comms.messaging.speaking.layout.style import Style, style_of

LARGEST = 100_000
"""Bytes of a page. Gmail shows about 102 KB of a mail's HTML and hides what follows, the foot with its link included:
https://www.spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html"""
# The built-in frame and the blocks carry all their styles on their elements, so only a frame with a merchant's own classes needs
# this (0.3 ms). It fetches nothing, and leaves in place what cannot stand on an element: phones and dark mode.
_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
_ALL = Room()


def page(parts: Parts, words: Said, head: str = "") -> str:
    """The whole document. ``head`` is HTML for its head, ``words.body`` HTML for its body; all else is text, escaped here.

    Where it would be too long it goes without pictures, then without the lines' links, then without the last lines.
    """
    html = _made(parts, words, head, _ALL)
    if len(html) * 4 <= LARGEST or _fits(html):
        return html
    for head_kept, room in _tighter(parts, head):
        html = _made(parts, words, head_kept, room)
        if _fits(html):
            break
    return html


def _tighter(parts: Parts, head: str) -> Iterator[tuple[str, Room]]:
    yield head, Room(pictures=False)
    yield head, Room(pictures=False, links=False)
    for count in range(len(parts.lines) - 1, -1, -1):
        yield head, Room(pictures=False, links=False, lines=count)
    yield "", Room(pictures=False, links=False, lines=0, suggestions=False)


def _fits(html: str) -> bool:
    return len(html.encode("utf-8", "replace")) <= LARGEST


def _made(parts: Parts, words: Said, head: str, room: Room) -> str:
    style, frame = style_of(parts.look, parts.direction), frame_of(parts.look, parts.direction)
    made = _blocks(parts, words, style, room)
    made |= {
        "footer": blocks.footer(parts, style), "title": blocks.escape(words.heading), "preview": blocks.preview(words.preview),
        "lang": blocks.escape(parts.language), "head": head,
    }
    return _own(frame, made) if frame.is_own else frame.around(made)


def _blocks(parts: Parts, words: Said, style: Style, room: Room) -> dict[str, str]:
    return {
        "header": blocks.header(parts, style), "heading": blocks.heading(words.heading, style),
        "greeting": blocks.greeting(words.greeting, style), "body": style.dressed(words.body), "window": blocks.window(parts, style),
        "button": blocks.button(parts, words.action, style), "tracking": blocks.tracking(parts, style), "items": items(parts, style, room),
        "address": blocks.address(parts, style), "suggestions": suggestions(parts, style, room),
    }


def _own(frame: Frame, made: dict[str, str]) -> str:
    made["message"] = "".join(made[name] for name in BLOCKS)
    return _INLINER.inline(frame.around(made))
