"""The words of one message to one person: made once from a text and facts, kept with the message, spoken on every channel."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, Self

from ecommerce_comms import masking
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import plain
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import tidying
from ecommerce_comms.messaging.speaking.layout.style import BODY
from ecommerce_comms.messaging.writing import liquid, markdown, texts
from ecommerce_comms.messaging.writing.texts import Text

MAX_SHORT = 500
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
    """``Template.version`` of the merchant's text; 0 for a built-in one."""

    def to_json(self) -> dict[str, Any]:
        """As plain data; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value}

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


def say(kind: str, language: str, view: dict[str, Any], own: Template | None = None) -> Words:
    """The words of a message of ``kind`` about ``view`` (of ``localise.present``), in the merchant's ``own`` if there are any that work.

    Raises ``TemplateError`` for a kind that has no built-in text if there is none of the merchant's either, or if that one does
    not work.
    """
    if own is not None and kind not in texts.KINDS:
        return fill(Text.of(own), view, "merchant", own.version)
    built_in = texts.built_in(kind, language)
    if own is None:
        return fill(built_in, view, "built-in")
    try:
        return fill(Text.of(own).completed(built_in), view, "merchant", own.version)
    except TemplateError as error:
        logger.warning("The shop's own text of %s (%s) failed, the built-in one is sent: %s", kind, language, error)
        return fill(built_in, view, "fallback")


def fill(text: Text, view: dict[str, Any], source: str, version: int = 0) -> Words:
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
        body=tidying.tidy(made.body_html(view), trusted=source != "merchant"),
        letter=made.body_text(view),
        action=plain.one_line(made.action(view)),
        short=plain.one_line(made.short(view), MAX_SHORT) or subject,
        source=source,
        version=version,
    )
