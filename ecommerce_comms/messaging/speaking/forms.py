"""The forms in which a message is spoken: one function for each, from the same words and the same facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.backends.base import Attachment
from ecommerce_comms.messaging.speaking.calendar import attachments
from ecommerce_comms.messaging.speaking.layout.letter import letter
from ecommerce_comms.messaging.speaking.layout.look import PLAIN
from ecommerce_comms.messaging.speaking.layout.page import page
from ecommerce_comms.messaging.speaking.layout.parts import Parts, reach
from ecommerce_comms.messaging.speaking.line import line
from ecommerce_comms.messaging.speaking.linked import linked
from ecommerce_comms.messaging.speaking.script import script
from ecommerce_comms.messaging.speaking.sms import text_message
from ecommerce_comms.messaging.speaking.sparing import spared
from ecommerce_comms.messaging.speaking.words import Words

Form = Callable[[Words, Parts], dict[str, Any]]
"""Fields of ``Outgoing``."""
WHOLE = (
    "promise.window", "promise.was_window", "event.occurred_on", "order.placed_on", "order.total", "order.shipping_price", "event.amount",
)
"""Facts of which a piece would say something else."""
EXACT = ("order.number", "parcel.tracking_number", "parcel.reference")
"""Facts that somebody types in again, sign by sign."""
NAMES = ("customer.name", "customer.first_name", "buyer.name", "buyer.first_name")
ADVERTISING = "marketing"
NO_FILES: tuple[Attachment, ...] = ()


def email(words: Words, parts: Parts) -> dict[str, Any]:
    """The page, the letter, and the window for a calendar. What cannot be made is left out: the rest says the same."""
    return {
        "html": _page(words, parts),
        "text": spared("letter", lambda: letter(parts, words), "") or _bare(words, parts),
        "short": words.short,
        "attachments": spared("calendar file", lambda: attachments(parts), NO_FILES),
    }


def sms(words: Words, parts: Parts) -> dict[str, Any]:
    """The short form, as long as ``SMS_SEGMENTS`` allows; advertising says how to end it."""
    exact, whole, names = ([fact for path in paths if (fact := reach(parts.facts, path))] for paths in (EXACT, WHOLE, NAMES))
    ending = parts.labels["sms_stop"] if parts.purpose == ADVERTISING else ""
    return {"short": text_message(words.short, conf.SMS_SEGMENTS, ending=ending, exact=exact, whole=whole, names=names)}


def chat(words: Words, parts: Parts) -> dict[str, Any]:
    """The line in a conversation, which is the line on the order's page too."""
    return {"short": str(line(words, parts))}


def phone(words: Words, parts: Parts) -> dict[str, Any]:
    """What somebody who calls says."""
    made = script(words, parts)
    return {"text": str(made), "script": made.to_json(), "short": words.short}


FORMS: dict[str, Form] = {"email": email, "sms": sms, "chat": chat, "phone": phone}
"""By ``MessageBackend.form``."""


def _page(words: Words, parts: Parts) -> str:
    """The page in the shop's look; in the plain one if that one fails, and none if that fails as well."""
    head = spared("data for programs", lambda: linked(parts), "")
    looks = [parts] if parts.look == PLAIN else [parts, replace(parts, look=PLAIN)]
    return next(filter(None, (spared("page", partial(page, each, words, head), "") for each in looks)), "")


def _bare(words: Words, parts: Parts) -> str:
    """The letter without anything around its words."""
    link = spared("link", lambda: f"{words.action}:\n{parts.link}" if words.action and parts.link else "", "")
    return "\n\n".join(filter(None, (words.heading, words.greeting, words.letter, link))) + "\n"
