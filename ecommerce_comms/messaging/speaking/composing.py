"""A message becomes what a backend hands over."""

from __future__ import annotations

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import channels, unsubscribe
from ecommerce_comms.messaging.backends.base import Outgoing
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.speaking import forms, rendering
from ecommerce_comms.messaging.speaking.layout.look import look_of
from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.words import Words
from ecommerce_comms.messaging.writing import texts


def outgoing(message: Message, own: Template | None) -> Outgoing:
    """``message`` in its language and in the form of its channel, in the merchant's ``own`` words if there are any.

    What it says stands on the message afterwards (``words``, ``subject``, ``text_source``, ``text_version``), not yet saved; a message
    that has words says them again. Raises ``TemplateError`` if there are none that work.
    """
    if message.words:
        words = Words.from_json(message.words)
        parts = parts_of(message, own=words.source == "merchant")
    else:
        parts = parts_of(message, own=own is not None)
        words = rendering.said(key_of(message), message.language, parts, own)
        if words.source == "fallback":  # the built-in words may be told in another language than the merchant's
            parts = parts_of(message)
        message.words, message.subject = words.to_json(), words.subject[:255]
        message.text_source, message.text_version = words.source, words.version
    return Outgoing(
        recipient=message.recipient, recipient_name=message.recipient_name, subject=words.subject,
        message_id=message.message_id, kind=message.kind, language=message.language, purpose=message.purpose,
        key=message.uid.hex, order_number=message.order.number if message.order else "", headers=unsubscribe.headers(message),
        **forms.FORMS[channels.form_of(message.backend)](words, parts),
    )


def parts_of(message: Message, *, own: bool = False) -> Parts:
    """What stands around the words of ``message``, the shop's ``own`` or built-in."""
    order = message.order
    return rendering.parts_of(
        key_of(message), message.language, unsubscribe.facts_with_link(message), message.time_zone or conf.time_zone,
        look=look_of(order.site if order else ""), made_at=message.decided_at, own=own, purpose=message.purpose,
    )


def key_of(message: Message) -> str:
    """Under which key the text of ``message`` stands."""
    return texts.key(message.kind, message.role)
