"""A kind, a language and facts become a message in every form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import forms, localise
from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look
from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.layout.shapes import PLAIN_SHAPE, SHAPES
from ecommerce_comms.messaging.speaking.sms import measure
from ecommerce_comms.messaging.speaking.words import Words, fill, say
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A message in every form, as a preview shows it."""

    subject: str
    preview: str
    heading: str
    greeting: str
    html: str
    text: str
    short: str
    sms: str
    sms_count: int
    """How many segments ``sms`` takes."""
    chat: str
    script: str
    source: str
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was taken."""


def render(
    kind: str, language: str, facts: dict[str, Any], *, time_zone: str = "UTC", own: Template | None = None, look: Look = PLAIN,
) -> Rendered:
    """The message of ``kind`` about ``facts``, in the merchant's ``own`` words if there are any that work.

    Raises ``TemplateError`` for a kind that has no built-in text if there is none of the merchant's either, or if that one does
    not work.
    """
    parts = parts_of(kind, language, facts, time_zone, own=own is not None, look=look)
    return spoken(say(kind, language, parts.facts, own), parts)


def compose(text: Text, parts: Parts, source: str) -> Rendered:
    """``text`` filled with the facts of ``parts``; raises ``TemplateError`` if it does not work."""
    return spoken(fill(text, parts.facts, source), parts)


def parts_of(kind: str, language: str, facts: dict[str, Any], time_zone: str, *, own: bool = False, look: Look = PLAIN) -> Parts:
    """What stands around the words, the shop's ``own`` or built-in; dates and amounts follow the language that is really spoken."""
    spoken = texts.told_in(kind, language, own=own)
    tag = language.strip().replace("_", "-") if texts.primary(language) == spoken else spoken
    return Parts(
        shape=SHAPES.get(kind, PLAIN_SHAPE),
        facts=localise.present(facts, tag, time_zone),
        labels=texts.labels(spoken),
        language=tag,
        direction=localise.locale_of(tag).text_direction,
        look=look,
    )


def spoken(words: Words, parts: Parts) -> Rendered:
    """``words`` in every form."""
    mail, sms, chat, phone = (forms.FORMS[name](words, parts) for name in ("email", "sms", "chat", "phone"))
    return Rendered(
        subject=words.subject, preview=words.preview, heading=words.heading, greeting=words.greeting, html=mail["html"], text=mail["text"],
        short=words.short, sms=sms["short"], sms_count=measure(sms["short"]).segments, chat=chat["short"], script=phone["text"],
        source=words.source,
    )
