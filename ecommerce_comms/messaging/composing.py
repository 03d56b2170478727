"""A message becomes what a backend hands over."""

from __future__ import annotations

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging import rendering, unsubscribe
from ecommerce_comms.messaging.backends.base import Outgoing
from ecommerce_comms.messaging.models import Message, Template


def outgoing(message: Message, own: Template | None) -> Outgoing:
    """``message`` in its language, in the merchant's ``own`` words if there are any; notes subject and source on the message."""
    time_zone = message.order.time_zone if message.order else conf.time_zone
    facts = unsubscribe.facts_with_link(message)
    made = rendering.render(message.kind, message.language, facts, time_zone=time_zone, own=own)
    message.subject, message.text_source = made.subject[:255], made.source
    return Outgoing(
        recipient=message.recipient, recipient_name=message.recipient_name, subject=made.subject, text=made.text, html=made.html,
        short=made.short, message_id=message.message_id, kind=message.kind, language=message.language, purpose=message.purpose,
        key=message.uid.hex, order_number=message.order.number if message.order else "", headers=unsubscribe.headers(message),
    )
