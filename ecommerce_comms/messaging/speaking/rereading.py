"""Every message can be read again, in the words that were kept when it was made."""

from __future__ import annotations

from collections.abc import Mapping

from ecommerce_comms.exceptions import PermanentDeliveryError, TemplateError
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.speaking import composing, rendering
from ecommerce_comms.messaging.speaking.rendering import Rendered
from ecommerce_comms.messaging.speaking.words import Words

Own = Mapping[tuple[str, str], Template]
"""The merchant's texts in use, by their kind and language."""


def reread(message: Message, own: Own | None = None) -> Rendered:
    """What ``message`` says in every form; ``is_kept`` tells whether these are its own words.

    One that has not been made yet, or that is older than the keeping of words, is made from its facts in the words of today; the
    merchant's are looked up unless they are given in ``own``. Raises ``TemplateError`` if nothing is kept of it any more, or if
    there is no text for it.
    """
    if not (message.words or message.facts):
        raise TemplateError("Nothing is kept of what it said.")
    if message.words:
        words = Words.from_json(message.words)
        return rendering.spoken(words, composing.parts_of(message, own=words.source == "merchant"), is_kept=True)
    # What went out in the built-in words is read in these, whatever the merchant has written since.
    text = _own(message, own) if message.text_source in ("", "merchant") else None
    parts = composing.parts_of(message, own=text is not None)
    return rendering.spoken(rendering.said(composing.key_of(message), message.language, parts, text), parts)


def as_read(message: Message, made: Rendered) -> str:
    """``made`` as plain text, in the form of the channel by which ``message`` goes, or went."""
    try:
        return made.on(channels.form_of(message.backend))
    except PermanentDeliveryError:  # a channel that the shop has no more
        return made.on("email")


def _own(message: Message, own: Own | None) -> Template | None:
    key = composing.key_of(message), message.language
    if own is not None:
        return own.get(key)
    return Template.objects.filter(kind=key[0], language=key[1], is_active=True).first()
