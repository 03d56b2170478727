"""The forms in which a message is spoken: one function for each, from the same words and the same facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecommerce_comms.messaging.speaking.calendar import attachments
from ecommerce_comms.messaging.speaking.layout.letter import letter
from ecommerce_comms.messaging.speaking.layout.page import page
from ecommerce_comms.messaging.speaking.layout.parts import Parts
from ecommerce_comms.messaging.speaking.linked import linked
from ecommerce_comms.messaging.speaking.words import Words

Form = Callable[[Words, Parts], dict[str, Any]]
"""Fields of ``Outgoing``."""


def email(words: Words, parts: Parts) -> dict[str, Any]:
    """The page, the letter, and the window for a calendar."""
    return {
        "html": page(parts, words, linked(parts)),
        "text": letter(parts, words),
        "short": words.short,
        "attachments": attachments(parts),
    }


def sms(words: Words, parts: Parts) -> dict[str, Any]:
    """The short form."""
    return {"short": words.short}


def chat(words: Words, parts: Parts) -> dict[str, Any]:
    """The line in a conversation, which is the line on the order's page too."""
    return {"short": words.short}


def phone(words: Words, parts: Parts) -> dict[str, Any]:
    """What somebody who calls says."""
    return {"text": words.letter, "short": words.short}


FORMS: dict[str, Form] = {"email": email, "sms": sms, "chat": chat, "phone": phone}
"""By ``MessageBackend.form``."""
