"""The script of a call, in the parts in which a call goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.messaging.plain import web_address


@dataclass(frozen=True)
class Part:
    """One part of a call."""

    title: str
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    """Label and value of each."""
    link: str = ""


def parts(item: CallbackRequest) -> list[Part]:
    """What to say, part by part; the text as a whole where there are no parts, and nothing where there is no script."""
    found = [Part(str(title), **filled) for title, fill in PARTS if any((filled := fill(item.script)).values())] if item.script else []
    if found or not item.text.strip():
        return found
    return [Part(str(_("Say")), lines=[line for line in item.text.splitlines() if line.strip()])]


def _text(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda script: {"lines": [str(script[name]) for name in names if script.get(name)]}


def _said(script: dict[str, Any]) -> dict[str, Any]:
    return {"lines": [str(line) for line in script.get("say") or ()]}


def _facts(script: dict[str, Any]) -> dict[str, Any]:
    return {"facts": [(str(label), str(value)) for label, value in script.get("facts") or ()]}


def _offer(script: dict[str, Any]) -> dict[str, Any]:
    return {**_text("offer", "ask")(script), "link": web_address(script.get("link"))}


PARTS: tuple[tuple[str | LazyText, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
    (_("Ask for"), _text("who")),
    (_("Begin with"), _text("opening")),
    (_("Say"), _said),
    (_("Have at hand"), _facts),
    (_("Offer, and ask"), _offer),
    (_("End with"), _text("closing")),
    (_("If a machine answers"), _text("voicemail")),
)
"""The parts of ``Outgoing.script``, in the order in which a call goes."""
