"""The check of ``MESSAGE_KINDS``, the kinds of messages that a shop has invented."""

from __future__ import annotations

import difflib
import re
from typing import Any

from django.utils.functional import Promise

from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.speaking.localise import GROUPS
from ecommerce_comms.messaging.writing.facts import FACTS
from ecommerce_comms.messaging.writing.texts import KINDS

PURPOSES = tuple(purpose.value for purpose in Message.Purpose if purpose != Message.Purpose.TRACKING)
HOW = (
    'Write dicts by names in small letters, such as {{"spring_offer": {{"label": "Spring offer", "purpose": "marketing", '
    '"facts": ["customer.first_name"]}}}}.'
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FACT = re.compile(rf"({'|'.join(GROUPS)})\.[a-z][a-z0-9_]*")


def kinds_of_shop(value: Any) -> str:
    """What is wrong with the setting; nothing if it fits."""
    if not isinstance(value, dict):
        return "this is no dict"
    return next((f"{name!r} in it {why}" for name, told in value.items() if (why := _kind(name, told))), "")


def _kind(name: Any, told: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "is no name of at most 40 small letters, digits and underscores"
    if name in KINDS:
        return "is a kind that the app has already"
    if not isinstance(told, dict):
        return "is no dict"
    return next((why for part, content in told.items() if (why := _part(part, content))), "")


def _part(name: Any, content: Any) -> str:
    rule = _PARTS.get(name)
    return rule(content) if rule else f"has no part {name!r}, only label, purpose and facts"


def _label(value: Any) -> str:
    return "" if isinstance(value, (str, Promise)) and value else "has a label that is no text"


def _purpose(value: Any) -> str:
    return "" if value in PURPOSES else f"has the purpose {value!r}, which is none of {', '.join(PURPOSES)}"


def _facts(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return "has facts that are no list"
    return next((why for fact in value if (why := _fact(fact))), "")


def _fact(name: Any) -> str:
    if not isinstance(name, str) or not _FACT.fullmatch(name):
        return f"has the fact {name!r}, which is not written like customer.first_name"
    if name in FACTS:
        return ""
    close = difflib.get_close_matches(name, FACTS, n=1)
    advice = f"perhaps {close[0]!r} is meant" if close else "docs/reference/facts.md lists all"
    return f"has the fact {name!r}, which there is not; {advice}"


_PARTS = {"label": _label, "purpose": _purpose, "facts": _facts}
