"""A kind, a language and facts become a message: subject, page, letter and short form."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import nh3

from ecommerce_comms import masking
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging import liquid, localise, markdown, plain, texts
from ecommerce_comms.messaging.layout.letter import letter
from ecommerce_comms.messaging.layout.page import page
from ecommerce_comms.messaging.layout.parts import Parts
from ecommerce_comms.messaging.layout.shapes import PLAIN_SHAPE, SHAPES
from ecommerce_comms.messaging.layout.style import BODY
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.texts import Text

MAX_SHORT = 500
logger = masking.logger(__name__)

_ODD_LINK = re.compile(r'href="(?!https?://|mailto:|tel:)[^"]*"', re.IGNORECASE)
_TAGS = {*BODY, "strong", "em", "br", "bdi", "span", "code", "h4", "h5", "h6"}
_ATTRIBUTES = {tag: {"style"} for tag in BODY} | {"a": {"style", "href"}, "span": {"style"}, "ol": {"style", "start"}}


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A message ready to be sent."""

    subject: str
    preview: str
    html: str
    text: str
    short: str
    source: str
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was taken."""


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
            body_html=liquid.compile(markdown.to_html(text.body), liquid.HTML),
            body_text=liquid.compile(markdown.to_text(text.body)),
            **{name: liquid.compile(getattr(text, name)) for name in ("subject", "preview", "heading", "action", "short")},
        )
    except TemplateError as error:
        return error


def render(kind: str, language: str, facts: dict[str, Any], *, time_zone: str = "UTC", own: Template | None = None) -> Rendered:
    """The message of ``kind`` about ``facts``, in the merchant's ``own`` words if there are any that work.

    Raises ``TemplateError`` for a kind that has no built-in text if there is none of the merchant's either, or if that one does
    not work.
    """
    parts = parts_of(kind, language, facts, time_zone)
    if own is not None and kind not in texts.KINDS:
        return compose(Text.of(own), parts, "merchant")
    built_in = texts.built_in(kind, language)
    if own is None:
        return compose(built_in, parts, "built-in")
    try:
        return compose(_completed(Text.of(own), built_in), parts, "merchant")
    except TemplateError as error:
        logger.warning("The shop's own text of %s (%s) failed, the built-in one is sent: %s", kind, language, error)
        return compose(built_in, parts, "fallback")


def parts_of(kind: str, language: str, facts: dict[str, Any], time_zone: str) -> Parts:
    """What stands around the words; dates and amounts follow the language that is really spoken."""
    spoken = texts.best_language(language)
    tag = language.strip().replace("_", "-") if texts.primary(language) == spoken else spoken
    return Parts(
        shape=SHAPES.get(kind, PLAIN_SHAPE),
        facts=localise.present(facts, tag, time_zone),
        labels=texts.labels(spoken),
        language=tag,
        direction=localise.locale_of(tag).text_direction,
    )


def compose(text: Text, parts: Parts, source: str) -> Rendered:
    """``text`` filled with the facts of ``parts``; raises ``TemplateError`` if it does not work."""
    made = compiled(text)
    if isinstance(made, TemplateError):
        raise made
    view = parts.facts
    subject = plain.one_line(made.subject(view))
    if not subject:
        raise TemplateError("Its subject came out empty.")
    preview = plain.one_line(made.preview(view))
    heading = plain.one_line(made.heading(view)) or subject
    action = plain.one_line(made.action(view))
    return Rendered(
        subject=subject,
        preview=preview,
        html=page(parts, preview, heading, _tidy(made.body_html(view), trusted=source != "merchant"), action),
        text=letter(parts, heading, made.body_text(view), action),
        short=plain.one_line(made.short(view), MAX_SHORT) or subject,
        source=source,
    )


def _tidy(body: str, *, trusted: bool) -> str:
    """A rendered body without empty paragraphs and odd links; from a merchant's text also without any tag of the author's own."""
    body = body.replace(markdown.EMPTY_PARAGRAPH, "")
    if not trusted:
        # Liquid does not escape what its author quotes, so {{ "<script>" }} has to be caught here.
        body = nh3.clean(body, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel=None)
    return _ODD_LINK.sub('href="#"', body)


def _completed(own: Text, built_in: Text) -> Text:
    """A merchant's text, with the built-in words on the button if the merchant left them out."""
    return own if own.action.strip() else replace(own, action=built_in.action)
