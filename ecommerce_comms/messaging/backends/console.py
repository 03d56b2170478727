"""Prints messages instead of sending them: for developers, who want to see names and addresses as they are. Never for a real shop."""

from __future__ import annotations

import sys
import threading
from typing import ClassVar

from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing

WIDTH = 78
_one_at_a_time = threading.Lock()


class ConsoleBackend(MessageBackend):
    """Prints to the standard output, in the form and for the address that a channel of that name usually has.

    ``sms``, ``phone`` and ``chat`` are what they are called; any other channel gets letters.
    """

    usual: ClassVar[dict[str, tuple[str, str]]] = {"sms": ("sms", "phone"), "phone": ("phone", "phone"), "chat": ("chat", "customer")}

    def form_for(self, channel: str) -> str:
        """By the channel's name."""
        return self.usual.get(channel, (self.form, self.address))[0]

    def address_for(self, channel: str) -> str:
        """By the channel's name."""
        return self.usual.get(channel, (self.form, self.address))[1]

    def send(self, message: Outgoing) -> None:
        """Print ``message`` in one piece."""
        with _one_at_a_time:
            sys.stdout.write(written(message))
            sys.stdout.flush()


def written(message: Outgoing) -> str:
    """``message`` as it is printed: what it is and for whom, then the words."""
    facts = {
        "To": f"{message.recipient_name} <{message.recipient}>".strip() if message.recipient_name else message.recipient,
        "Subject": message.subject, "Kind": message.kind, "Order": message.order_number, "Language": message.language,
        "HTML": f"{len(message.html.encode())} bytes" if message.html else "",
        "Attached": ", ".join(each.name for each in message.attachments),
    }
    head = "\n".join(f"{name}: {value}" for name, value in facts.items() if value)
    return f"\n{'-' * WIDTH}\n{head}\n\n{message.text or message.short}\n{'-' * WIDTH}\n"
