"""The words of one message to one person: made once from a text and facts, kept with the message, spoken on every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from time import thread_time
from typing import Any, Self

from ecommerce_comms import masking
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import plain
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import shortening, tidying
from ecommerce_comms.messaging.speaking.layout.style import BODY
from ecommerce_comms.messaging.writing import liquid, markdown, texts
from ecommerce_comms.messaging.writing.texts import Text

MAX_SHORT = 500
SLOWEST = 1.0
"""Seconds of the processor that the merchant's text of one message may take."""
_too_slow: dict[Text, bool] = {}
"""Texts that took longer. They are not tried again by this process: each of its messages would wait as long."""
MOST_SLOW = 100
logger = masking.logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a message says, in the customer's language, with every fact filled in."""

    subject: str
    preview: str = ""
    heading: str = ""
    greeting: str = ""
    """ "Hello Asha,"; empty if the branding wants none, or where there are none in the language."""
    body: str = ""
    """HTML, safe, with a style on every element."""
    letter: str = ""
    """The body in plain text."""
    action: str = ""
    short: str = ""
    source: str = "built-in"
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was taken."""
    version: int = 0
    """``Template.version`` of the merchant's text, also of one that failed; 0 for a built-in one."""
    failure: str = ""
    """Why the merchant's text was not taken, in a sentence."""

    def to_json(self) -> dict[str, Any]:
        """As plain data; what is empty is left out."""
        return {name: value for name, value in self.__dict__.items() if value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The words that ``to_json`` made into ``data``; unknown names are ignored."""
        return cls(**{"subject": "", **{name: value for name, value in data.items() if name in _NAMES}})


_NAMES = frozenset(field.name for field in fields(Words))


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A text, made ready once for the facts of many messages."""

    subject: liquid.Piece
    preview: liquid.Piece
    heading: liquid.Piece
    body_html: liquid.Piece
    body_text: liquid.Piece
    action: liquid.Piece
    short: liquid.Piece


@lru_cache(maxsize=512)
def compiled(text: Text) -> Compiled | TemplateError:
    """``text`` made ready, or why it cannot be: kept by its words, so a changed text is never mistaken for the old one."""
    try:
        return Compiled(
            body_html=liquid.compile(markdown.to_html(text.body, BODY), liquid.HTML),
            body_text=liquid.compile(markdown.to_text(text.body)),
            **{name: liquid.compile(getattr(text, name)) for name in ("subject", "preview", "heading", "action", "short")},
        )
    except TemplateError as error:
        return error


def greeting(view: Mapping[str, Any], labels: Mapping[str, str], tone: str) -> str:
    """ "Hello Asha," in the ``tone`` of the branding (``friendly``, ``formal`` or ``none``); empty where there are no words for it."""
    name = str(view["customer"].get(_NAME_OF_TONE.get(tone, ""), ""))
    words = labels.get(f"greeting_{tone}" if name else f"greeting_{tone}_unnamed", "")
    return words.format(name=name) if name else words


_NAME_OF_TONE = {"friendly": "first_name", "formal": "name"}


def say(kind: str, language: str, view: dict[str, Any], own: Template | None = None, *, hello: str = "") -> Words:
    """The words of a message of ``kind`` about ``view`` (of ``localise.present``), in the merchant's ``own`` if there are any that work.

    Where these fail, whatever the reason, the built-in words are taken instead, and the words say why. ``hello`` is the greeting.
    Raises ``TemplateError`` for a kind that has no built-in text if there is none of the merchant's either, or if that one does
    not work.
    """
    if own is not None and kind not in texts.KINDS:
        return fill(Text.of(own), view, "merchant", own.version, hello=hello)
    built_in = texts.built_in(kind, language)
    if own is None:
        return fill(built_in, view, "built-in", hello=hello)
    try:
        return _in_time(Text.of(own).completed(built_in), view, own.version, hello)
    except Exception as error:  # a mail that says something else is better than none
        why = error.detail if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        logger.warning("The shop's own text of %s (%s) failed, the built-in one is sent: %s", kind, language, why)
        return fill(built_in, view, "fallback", own.version, hello=hello, failure=why)


def _in_time(text: Text, view: dict[str, Any], version: int, hello: str) -> Words:
    """A merchant's ``text`` filled; raises ``TemplateError`` also if that takes too long, or did so before.

    Liquid's limits end a text that does far too much, but not at an hour. What was computed in vain is thrown away.
    """
    if text in _too_slow:
        raise TemplateError(TOO_SLOW)
    begun = thread_time()
    words = fill(text, view, "merchant", version, hello=hello)
    if thread_time() - begun > SLOWEST:
        if len(_too_slow) >= MOST_SLOW:
            _too_slow.clear()
        _too_slow[text] = True
        raise TemplateError(TOO_SLOW)
    return words


TOO_SLOW = f"It takes more than {SLOWEST:.0f} second to fill in."


def fill(text: Text, view: dict[str, Any], source: str, version: int = 0, *, hello: str = "", failure: str = "") -> Words:
    """``text`` filled with the facts of ``view``; raises ``TemplateError`` if it does not work."""
    made = compiled(text)
    if isinstance(made, TemplateError):
        raise made
    subject = plain.one_line(made.subject(view))
    if not subject:
        raise TemplateError("Its subject came out empty.")
    return Words(
        subject=subject,
        preview=plain.one_line(made.preview(view)),
        heading=plain.one_line(made.heading(view)) or subject,
        greeting=hello,
        body=tidying.tidy(made.body_html(view), trusted=source != "merchant"),
        letter=made.body_text(view),
        action=plain.one_line(made.action(view)),
        short=_short(made.short(view)) or subject,
        source=source,
        version=version,
        failure=failure,
    )


def _short(text: str) -> str:
    """``text`` on one line; of one that is far too long the last words are left out, and never a piece of a link."""
    line = plain.one_line(text, max(MAX_SHORT, len(text)))
    return line if len(line) <= MAX_SHORT else shortening.shortened(line, lambda words: len(words) <= MAX_SHORT)
