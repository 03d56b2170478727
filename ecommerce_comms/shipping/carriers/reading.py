"""From a request to sightings: what may not be read, what is not signed, what is no JSON, in this order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, UnreadablePostError

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.carriers import payloads, times
from ecommerce_comms.shipping.carriers.base import Account, Call, Parsed
from ecommerce_comms.zones import zone

log = masking.logger(__name__)
MOST = 10_000
"""Sightings in one request."""


class Refused(Exception):
    """A request that is not taken, with the HTTP status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def read(request: HttpRequest, account: Account) -> Parsed:
    """The sightings in ``request``. Raises ``Refused``; nothing is looked up in the database before the signature was found right."""
    call = _call(request, account)
    _check_signature(call, account)
    try:
        parsed = account.provider.parse(payloads.load(call.body), account)
    except Exception as error:  # a provider's reader may stumble over anything
        raise Refused(400, f"it cannot be read ({error if isinstance(error, payloads.Unreadable) else type(error).__name__})") from error
    if len(parsed.sightings) > MOST:
        raise Refused(413, f"it holds more than {MOST} scans")
    return parsed


def _call(request: HttpRequest, account: Account) -> Call:
    """The request with its body, of which at most ``WEBHOOK_MAX_BYTES`` are read, whatever its headers say."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused(415, "it is packed")
    if (request.content_type or "").lower() not in account.provider.content_types:
        raise Refused(415, "it is of another content type than the provider posts")
    try:
        body = request.read(conf.WEBHOOK_MAX_BYTES + 1)
    except (UnreadablePostError, OSError) as error:
        raise Refused(400, "it was cut short") from error
    if len(body) > conf.WEBHOOK_MAX_BYTES:
        raise Refused(413, "it is too large")
    return Call(method=str(request.method), path=request.path, headers=request.headers, query=request.GET.dict(), body=body)


def _check_signature(call: Call, account: Account) -> None:
    if not account.secrets:
        raise Refused(401, "the account has no secret, so nobody is believed")
    # Every secret is tried, so that the time tells nothing of which was right.
    right = [account.provider.is_signed(call, secret.encode()) for secret in account.secrets]
    if not any(right):
        raise Refused(401, "it is not signed")
    stamp = account.provider.signed_at(call)
    if stamp is not None and not _is_fresh(times.read(stamp, zone("UTC")).at):
        raise Refused(401, "it was signed too long ago")


def _is_fresh(at: datetime | None) -> bool:
    return at is not None and abs(clock.now() - at) <= timedelta(seconds=conf.WEBHOOK_MAX_AGE_SECONDS)
