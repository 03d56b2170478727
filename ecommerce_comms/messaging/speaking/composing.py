"""A message becomes what a backend hands over."""

from __future__ import annotations

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import channels, unsubscribe
from ecommerce_comms.messaging.backends.base import Outgoing
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.speaking import forms, rendering
from ecommerce_comms.messaging.speaking.words import Words, say
from ecommerce_comms.messaging.writing import texts


def outgoing(message: Message, own: Template | None) -> Outgoing:
    """``message`` in its language and in the form of its channel, in the merchant's ``own`` words if there are any.

    What it says is kept on the message (``words``, ``subject``, ``text_source``, ``text_version``); once it is, that is said again.
    """
    time_zone = message.order.time_zone if message.order else conf.time_zone
    kind = texts.key(message.kind, message.role)
    parts = rendering.parts_of(kind, message.language, unsubscribe.facts_with_link(message), time_zone, own=own is not None)
    words = Words.from_json(message.words) if message.words else say(kind, message.language, parts.facts, own)
    message.words, message.subject = words.to_json(), words.subject[:255]
    message.text_source, message.text_version = words.source, words.version
    return Outgoing(
        recipient=message.recipient, recipient_name=message.recipient_name, subject=words.subject,
        message_id=message.message_id, kind=message.kind, language=message.language, purpose=message.purpose,
        key=message.uid.hex, order_number=message.order.number if message.order else "", headers=unsubscribe.headers(message),
        **forms.FORMS[channels.form_of(message.backend)](words, parts),
    )
