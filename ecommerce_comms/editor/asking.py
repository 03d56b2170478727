"""What a page with JavaScript asks while somebody types: one request, one answer in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ecommerce_comms.editor import kinds, subjects
from ecommerce_comms.editor.forms import text_from
from ecommerce_comms.editor.preview import Preview, Wish, preview
from ecommerce_comms.editor.rights import Rights
from ecommerce_comms.editor.subjects import UnknownSubject
from ecommerce_comms.messaging.editing.linting import LONGEST
from ecommerce_comms.messaging.models import WORDING
from ecommerce_comms.messaging.speaking.rendering import Rendered

MOST_BYTES = 256_000
"""More than the longest text takes, whatever its letters."""
LONGEST_SEARCH = 320


class Refused(Exception):
    """The request makes no sense; the message says what is wrong with it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Asked:
    """What a page wants to know."""

    wish: Wish
    about: str
    search: str | None
    """What to look for among the orders; none if the list of orders is to stay."""


def answer(request: HttpRequest, kind: str, language: str) -> JsonResponse:
    """The preview and the complaints, or a sentence about what is wrong with the request."""
    rights = Rights.of(request)
    rights.need("view")
    try:
        asked = read(_body(request), kind, language)
        subject = subjects.of(asked.about or subjects.first(kind, orders=rights.may_see_orders), kind, orders=rights.may_see_orders)
    except Refused as refused:
        return JsonResponse({"error": refused.message}, status=refused.status)
    except UnknownSubject as unknown:
        return JsonResponse({"error": str(unknown)}, status=404)
    told = as_json(preview(asked.wish, subject))
    if asked.search is not None:
        told["orders"] = [[title, group]
                          for title, group in subjects.choices(kind, asked.search, asked.about, orders=rights.may_see_orders)]
    return JsonResponse(told)


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    too_long = Refused(413, _("This is too long: at most %d bytes are taken.") % MOST_BYTES)
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise too_long
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_long from None
    if len(body) > MOST_BYTES:
        raise too_long
    return body


def read(body: bytes, kind: str, language: str) -> Asked:
    """What ``body`` asks; raises ``Refused`` with what is wrong with it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, _("This is not JSON.")) from None
    if not isinstance(told, dict) or not isinstance(told.get("text"), dict):
        raise Refused(400, _("An object with the key “text” is expected."))
    wrong = [part for part in WORDING if not isinstance(told["text"].get(part, ""), str)]
    if wrong:
        raise Refused(400, _("These parts of the text are no strings: %s.") % ", ".join(wrong))
    long = [part for part in WORDING if len(told["text"].get(part, "")) > 2 * LONGEST[part]]
    if long:
        raise Refused(413, _("These parts of the text are too long: %s.") % ", ".join(long))
    tongue, search = _string(told, "tongue"), told.get("search")
    if tongue and tongue not in kinds.languages():
        raise Refused(400, _("There is no language “%s”.") % tongue[:35])
    return Asked(
        Wish(kind=kind, language=language, text=text_from(told["text"]), tongue=tongue, now=told.get("now") is True,
             dark=told.get("dark") is True, pictures=told.get("plain") is not True),
        _string(told, "about"), search[:LONGEST_SEARCH] if isinstance(search, str) else None,
    )


def _string(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Refused(400, _("“%s” is no string.") % name)
    return value


def as_json(shown: Preview) -> dict[str, Any]:
    """The answer: the mail, words for panes by their id, and pieces of the page by their id. All HTML is escaped by the templates."""
    made = shown.made
    pieces = {f"complaints-{part or 'all'}": _piece("complaints", found=shown.about(part)) for part in (*WORDING, "")}
    pieces |= {"ed-shows": _piece("shows", preview=shown), "pane-difference": _piece("difference", difference=shown.difference)}
    if made is not None:
        pieces |= {name: _piece(piece, preview=shown) for name, piece in (("ed-inbox", "inbox"), ("pane-sms", "sms"))}
    return {
        "works": made is not None, "mail": shown.mail, "summary": shown.summary, "errors": shown.errors, "counts": shown.counts,
        "language": shown.language, "direction": shown.direction, "pieces": pieces,
        "words": _words(made) if made else {},
    }


def _words(made: Rendered) -> dict[str, str]:
    return {"words-text": made.text, "words-chat": made.chat, "words-line": str(made.line), "words-call": made.script}


def _piece(name: str, **context: Any) -> str:
    return render_to_string(f"ecommerce_comms/editor/{name}.html", context)
