"""What a provider's request looks like from outside, before anybody looks for events in it.

A provider that tells of one event posts an object. One that tells of several at once posts a list, or an object that holds one;
that may be empty, for Mandrill and SparkPost knock like this when a webhook is set up.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

JSON = frozenset({"", "application/json"})
"""A request that does not say what it is, is judged by what it holds."""
FORM = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
KINDS: dict[type, str] = {dict: "an object", list: "a list"}


@dataclass(frozen=True)
class Shape:
    """What one provider posts."""

    content_types: Collection[str] = JSON
    kinds: tuple[type, ...] = (dict,)
    """What its JSON is."""
    field: str = ""
    """The field of a form that holds the JSON; empty: a form is the event itself."""
    events: str = ""
    """Where in an object the list of events has to be."""


USUAL = Shape()
SHAPES: dict[str, Shape] = {
    "amazon_ses": Shape(content_types=JSON | {"text/plain"}),  # SNS calls its JSON plain text
    "mailgun": Shape(content_types=JSON | FORM),  # its older webhooks are forms
    "mailjet": Shape(kinds=(dict, list)),  # a list if its events are grouped
    "mailtrap": Shape(events="events"),
    "mandrill": Shape(content_types=FORM, kinds=(list,), field="mandrill_events"),
    "sendgrid": Shape(kinds=(list,)),
    "sparkpost": Shape(kinds=(list,)),
}
"""By provider; all others post one object."""


def shape_of(provider: str) -> Shape:
    """What ``provider`` posts."""
    return SHAPES.get(provider, USUAL)


def what_is_wrong(provider: str, request: HttpRequest) -> str:
    """Why the body of ``request`` holds no event of ``provider``, in a few words; empty if it may. Raises whatever broken JSON leads to."""
    shape = shape_of(provider)
    if request.content_type in FORM:
        if not shape.field:
            return "" if request.POST else "an empty form"
        if shape.field not in request.POST:
            return f"a form without {shape.field}"
        return _wrong(shape, json.loads(request.POST[shape.field]))
    return _wrong(shape, json.loads(request.body.decode("utf-8")))


def _wrong(shape: Shape, payload: Any) -> str:
    if type(payload) not in shape.kinds:
        return f"not {' or '.join(KINDS[kind] for kind in shape.kinds)}"
    if shape.events and not isinstance(payload.get(shape.events), list):
        return f"an object without a list of {shape.events}"
    return ""
