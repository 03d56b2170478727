"""A kind, a language and facts become a message in every form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.speaking import forms, localise
from ecommerce_comms.messaging.speaking.layout.look import PLAIN, Look
from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.layout.shapes import shape_of
from ecommerce_comms.messaging.speaking.line import Line, line
from ecommerce_comms.messaging.speaking.sms import measure
from ecommerce_comms.messaging.speaking.words import Words, fill, greeting, say
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
    """The short form as it was written; ``sms`` may be shorter."""
    sms: str
    sms_count: int
    """How many segments ``sms`` takes; ``sms.measure`` tells more."""
    chat: str
    script: str
    """The script of a call, as text."""
    call: dict[str, Any] = field(default_factory=dict)
    """The same part by part: ``script.Script.to_json``."""
    line: Line
    """The line on the order's page."""
    source: str
    """``built-in``, ``merchant``, or ``fallback``: the merchant's text failed and the built-in one was taken."""
    failure: str = ""
    """Why the merchant's text was not taken, in a sentence."""
    is_kept: bool = False
    """Whether these are the words that were kept with a message, and not such as were made now."""

    def on(self, form: str) -> str:
        """What is read or heard on a channel of ``form`` (``email``, ``sms``, ``chat`` or ``phone``), as plain text."""
        return {"email": f"{self.subject}\n\n{self.text}", "sms": self.sms, "chat": self.chat, "phone": self.script}[form]


def render(
    kind: str, language: str, facts: dict[str, Any], *, time_zone: str = "UTC", own: Template | None = None, look: Look = PLAIN,
    purpose: str = "transactional",
) -> Rendered:
    """The message of ``kind`` about ``facts``, in the merchant's ``own`` words if there are any that work.

    Raises ``TemplateError`` for a kind that has no built-in text if there is none of the merchant's either, or if that one does
    not work.
    """
    parts = parts_of(kind, language, facts, time_zone, look, own=own is not None, purpose=purpose)
    words = said(kind, language, parts, own)
    if words.source == "fallback":  # the built-in words may be told in another language than the merchant's
        parts = parts_of(kind, language, facts, time_zone, look, purpose=purpose)
    return spoken(words, parts)


def compose(text: Text, parts: Parts, source: str) -> Rendered:
    """``text`` filled with the facts of ``parts``; raises ``TemplateError`` if it does not work."""
    return spoken(fill(text, parts.facts, source, hello=hello(parts)), parts)


def said(kind: str, language: str, parts: Parts, own: Template | None) -> Words:
    """The words of one message, with its greeting; raises ``TemplateError`` as ``render`` does."""
    return say(kind, language, parts.facts, own, hello=hello(parts))


def hello(parts: Parts) -> str:
    """The greeting that the branding asks for."""
    return greeting(parts.facts, parts.labels, parts.look.greeting)


def parts_of(
    kind: str, language: str, facts: dict[str, Any], time_zone: str, look: Look = PLAIN, made_at: datetime | None = None, *,
    own: bool = False, purpose: str = "transactional",
) -> Parts:
    """What stands around the words, the shop's ``own`` or built-in; dates and amounts follow the language that is really spoken."""
    spoken = texts.told_in(kind, language, own=own)
    tag = language.strip().replace("_", "-") if texts.primary(language) == spoken else spoken
    return Parts(
        shape=shape_of(kind),
        facts=localise.present(facts, tag, time_zone),
        labels=texts.labels(spoken),
        language=tag,
        direction=localise.locale_of(tag).text_direction,
        look=look,
        purpose=purpose,
        given=facts,
        made_at=made_at,
    )


def spoken(words: Words, parts: Parts, *, is_kept: bool = False) -> Rendered:
    """``words`` in every form."""
    mail, sms, chat, phone = (forms.FORMS[name](words, parts) for name in ("email", "sms", "chat", "phone"))
    return Rendered(
        subject=words.subject, preview=words.preview, heading=words.heading, greeting=words.greeting, html=mail["html"], text=mail["text"],
        short=words.short, sms=sms["short"], sms_count=measure(sms["short"]).segments, chat=chat["short"], script=phone["text"],
        call=phone["script"], line=line(words, parts), source=words.source, failure=words.failure, is_kept=is_kept,
    )
