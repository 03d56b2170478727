"""Lines of a conversation: each is a row first, with the next number of its conversation, and is there once however often it is sent."""

from __future__ import annotations

from typing import Any

from django.db import router, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ecommerce_comms import clock, keys
from ecommerce_comms.chat import conversations
from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing, Receipt
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.plain import clip
from ecommerce_comms.orders.locking import again_after_deadlock

LONGEST = 4_000
"""Characters of a line."""


@again_after_deadlock
def append(conversation: Conversation, text: str, *, author: str, client_id: str, **fields: Any) -> ChatMessage:
    """Add a line, and return it; a line with a ``client_id`` that the conversation knows is returned as it is.

    ``author`` is one of ``ChatMessage.Author``, ``client_id`` the sender's own name of the line, ``text`` plain text, of which
    ``LONGEST`` characters are kept. ``fields`` may be ``language``, ``message`` and ``agent``. Committed when this returns, unless the
    caller is inside a transaction.
    """
    key = keys.make(client_id)
    with transaction.atomic(using=router.db_for_write(Conversation)):
        # The first statement takes the row's lock: SQLite cannot turn a reader into a writer while others write.
        rows = Conversation.objects.filter(pk=conversation.pk)
        rows.update(last_number=F("last_number") + 1)
        if known := ChatMessage.objects.filter(conversation=conversation, client_id=key).first():
            rows.update(last_number=F("last_number") - 1)
            return known
        now = clock.now()
        rows.update(last_at=now)
        return ChatMessage.objects.create(
            conversation=conversation, number=rows.values_list("last_number", flat=True).get(), client_id=key, author=author,
            text=clip(text, LONGEST), created_at=now, **fields,
        )


class ChatBackend(MessageBackend):
    """Writes a message into the customer's open conversation, and opens one if there is none."""

    form = "chat"
    address = "customer"
    drops_repetitions = True
    called = _("the conversation")

    def send(self, message: Outgoing) -> Receipt:
        """Add the line, once for each message; raises ``PermanentDeliveryError`` if the message or its customer is gone."""
        about = Message.objects.only("pk", "uid").filter(uid=message.key).first() if message.key else None
        if about is None:
            raise PermanentDeliveryError("The message log has no message with this key, and nothing else is written into conversations.")
        line = ChatMessage.objects.filter(message=about).first() or _write(message, about)
        return Receipt(provider_message_id=f"{line.conversation_id}:{line.number}")


def _write(message: Outgoing, about: Message) -> ChatMessage:
    customer = Customer.objects.filter(key=message.recipient, erased_at=None).first()
    if customer is None:
        raise PermanentDeliveryError("There is no such customer any more.")
    return append(
        conversations.open_for(customer, message.language), message.short or message.subject, author=ChatMessage.Author.SHOP,
        client_id=f"message-{about.uid.hex}", language=message.language, message=about,
    )
