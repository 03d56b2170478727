"""From a request to notices: what may not be read, what is not signed, what is malformed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.signals import AnymailTrackingEvent
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, UnreadablePostError

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.feedback import shapes, sns
from ecommerce_comms.messaging.feedback.hardness import at
from ecommerce_comms.messaging.feedback.notices import Notice, notice_of

log = masking.logger(__name__)
PARSERS: dict[str, object] = {
    "esp_to_anymail_event": None, "esp_to_anymail_events": (), "mailgun_legacy_to_anymail_event": None, "unwrap_event": (None, None, None),
}
"""The methods of django-anymail's views that read one event, and what they give for none."""


class Refused(Exception):
    """A request that is not taken, with the HTTP status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def read_body(name: str, request: HttpRequest) -> None:
    """Read the body, if it is what the provider posts, and at most ``WEBHOOK_MAX_BYTES``, whatever its headers say. Raises ``Refused``."""
    # Django's own limit is for people's forms; `request.body` and `request.POST` read from here.
    request._body = bytes_of(request, shapes.shape_of(name).content_types, conf.WEBHOOK_MAX_BYTES)


def bytes_of(request: HttpRequest, content_types: Collection[str], longest: int) -> bytes:
    """The body of ``request`` if it is of one of ``content_types`` and not longer than ``longest``. Raises ``Refused``."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused(415, "packed")
    kind = (request.content_type or "").lower()
    if kind not in content_types:
        raise Refused(415, f"{kind[:50]!r} is not what it posts")
    try:
        body = request.read(longest + 1)
    except (UnreadablePostError, OSError) as error:
        raise Refused(400, "cut short") from error
    if len(body) > longest:
        raise Refused(413, "too large")
    return body


def validate(name: str, view: Any, request: HttpRequest) -> None:
    """Raise ``Refused`` unless the provider has signed what it sends, as far as it signs at all."""
    try:
        if name == "unisender_go":
            _check_mark(view.parse_json_body(request))
        view.run_validators(request)
    except (Refused, sns.Unreachable, ImproperlyConfigured):
        raise
    except Exception as error:  # a payload that the checks of signatures were not written for is not signed either
        raise Refused(400, f"not believed ({type(error).__name__})") from error


def notices(name: str, view: Any, request: HttpRequest) -> tuple[list[Notice], int]:
    """The events in a validated request, and how many more were malformed. Raises ``Refused`` if it is not what the provider posts."""
    _check_shape(name, request)
    bad: list[str] = []
    for method, nothing in PARSERS.items():
        if hasattr(view, method):
            setattr(view, method, _guarded(getattr(view, method), nothing, bad))
    try:
        if name == "unisender_go":
            request._parsed_json = _only_whole(view.parse_json_body(request), bad)  # type: ignore[attr-defined]  # the view's cache
        events = view.parse_events(request)
    except sns.Unreachable:
        raise
    except Exception as error:
        raise Refused(400, f"cannot be read ({type(error).__name__})") from error
    tracked = [event for event in events if isinstance(event, AnymailTrackingEvent)]
    if not all(_is_fresh(name, view, request, event) for event in tracked):
        raise Refused(400, "signed too long ago")
    read = _guarded(notice_of, None, bad)
    found = [notice for event in tracked if (notice := read(name, event))]
    for why in bad[:3]:
        log.warning("An event from %s is malformed and was laid aside (%d of them in this request): %s", name, len(bad), why)
    return found, len(bad)


def _check_shape(name: str, request: HttpRequest) -> None:
    try:
        wrong = shapes.what_is_wrong(name, request)
    except Exception as error:
        raise Refused(400, f"cannot be read ({type(error).__name__})") from error
    if wrong:
        raise Refused(400, f"no event at all: {wrong}")


def _guarded(method: Callable[..., Any], nothing: object, bad: list[str]) -> Callable[..., Any]:
    """``method``, but one event that it cannot read does not spoil the others. Errors may quote addresses, so only their kind is kept."""

    @wraps(method)
    def careful(*args: Any) -> Any:
        try:
            return method(*args)
        except Exception as error:
            bad.append(str(error)[:200] if isinstance(error, AnymailConfigurationError) else type(error).__name__)
            return nothing

    return careful


def _is_fresh(name: str, view: Any, request: HttpRequest, event: AnymailTrackingEvent) -> bool:
    """Whether what the provider signed was signed within ``WEBHOOK_MAX_AGE_SECONDS``; true where it signs no time.

    Mailgun and SendGrid repeat what was not taken for 8 and 24 hours and do not say whether they sign anew, so minutes would lose
    events. What is caught in transit gains nothing by the hours: each event is taken once. (Resend's are checked by its own library.)
    """
    if name == "mailgun":
        signed = at(event.esp_event, "signature", "timestamp") or at(event.esp_event, "timestamp")
    elif name == "sendgrid" and view.webhook_verification_key:
        signed = request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp")
    else:
        return True
    try:
        return abs(clock.now().timestamp() - float(signed)) <= float(conf.WEBHOOK_MAX_AGE_SECONDS)
    except (TypeError, ValueError, OverflowError):
        return False


def _check_mark(payload: Any) -> None:
    """Unisender Go signs by a digest that stands in the text itself; a shorter one would be replaced in thousands of places."""
    mark = payload.get("auth") if isinstance(payload, dict) else None
    if not isinstance(mark, str) or not re.fullmatch(r"[0-9a-f]{32}", mark):
        raise Refused(400, "not signed")


def _only_whole(payload: Any, bad: list[str]) -> Any:
    """Unisender Go's payload without events that django-anymail could not even unpack."""
    users = payload.get("events_by_user")
    if not isinstance(users, list):
        return payload
    events = [event for user in users for event in (at(user, "events") or ())]
    whole = [event for event in events if isinstance(at(event, "event_name"), str) and isinstance(at(event, "event_data"), dict)]
    bad += ["IncompleteEvent"] * (len(events) - len(whole))
    return {**payload, "events_by_user": [{"events": whole}]}
