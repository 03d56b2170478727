"""The page that SMS gateways call: what became of texts, and what customers text to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from ecommerce_comms import clock, keys, masking
from ecommerce_comms.customers import phones
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.backends.sms import gateways
from ecommerce_comms.messaging.backends.sms.base import Gateway, Posted, Report
from ecommerce_comms.messaging.feedback import receiving, stopping
from ecommerce_comms.messaging.feedback.notices import Kind, Notice, clean, digest, moment
from ecommerce_comms.messaging.feedback.reading import Refused, bytes_of

log = masking.logger(__name__)
LONGEST = 65_536
"""Bytes of a request; a text and what is told about it have some thousand."""
SIGNED_WITHIN = 300
"""Seconds by which the time in a signature may differ from ours."""
PORTS = {"https": 443, "http": 80}
LATER = {"Retry-After": "60"}


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests  # a shop with ATOMIC_REQUESTS would say yes before the commit
def sms_webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Take over what ``gateway`` has to tell: 200 once it is committed, 503 if it should tell it again later."""
    try:
        made = gateways.named(gateway)
        if made is None:
            return HttpResponse(status=404)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _take(made, _posted(made, request))
        return HttpResponse(made.thanks[1], content_type=made.thanks[0])
    except Refused as refusal:
        log.warning("A request to the webhook of %s was refused: %s.", gateway, refusal)
        return HttpResponse(status=refusal.status)
    except ImproperlyConfigured as error:
        log.error("The webhook of %s cannot work: %s", gateway, error)
    except (DatabaseError, InterfaceError):
        log.exception("What %s told could not be kept; it will tell it again.", gateway)
    return HttpResponse(status=503, headers=LATER)


def _posted(gateway: Gateway, request: HttpRequest) -> Posted:
    """What was posted, if the gateway has signed it. Raises ``Refused``."""
    posted = Posted(
        urls=_addresses(gateway.name, request.META.get("QUERY_STRING", "")), headers=request.headers,
        content_type=request.content_type or "", body=bytes_of(request, gateway.content_types, LONGEST),
    )
    if not gateway.secrets:
        raise ImproperlyConfigured("it has no secret, so that anybody could report deliveries and say STOP for others.")
    try:
        is_signed = gateway.is_signed(posted)
        is_fresh = not gateway.signs_time or abs(clock.now().timestamp() - gateway.signed_at(posted)) <= SIGNED_WITHIN
    except ValueError as error:
        raise Refused(400, f"cannot be read ({type(error).__name__})") from error
    if not is_signed:
        raise Refused(403, "not signed with its secret" if posted.urls else "without SHOP_URL nobody knows what it signs")
    if not is_fresh:
        raise Refused(403, f"signed more than {SIGNED_WITHIN} s ago or ahead")
    return posted


def _addresses(name: str, query: str) -> tuple[str, ...]:
    """The public address of the request, by ``SHOP_URL`` (whoever asks can write any Host), with and without its port.

    Gateways differ in whether they sign the port; Twilio's own libraries try both.
    """
    url = gateways.webhook_url(name)
    if not url:
        return ()
    parts = urlsplit(f"{url}?{query}" if query else url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    port = parts.port or PORTS.get(parts.scheme, 443)
    return tuple(dict.fromkeys(urlunsplit(parts._replace(netloc=netloc)) for netloc in (parts.netloc, host, f"{host}:{port}")))


def _take(gateway: Gateway, posted: Posted) -> None:
    try:
        reports, texts = list(gateway.reports(posted)), list(gateway.inbound(posted))
        for text in texts:
            stopping.hear(gateway.name, text)
    except ValueError as error:
        raise Refused(400, f"cannot be read ({type(error).__name__})") from error
    _apply(gateway, reports)


def _apply(gateway: Gateway, reports: Sequence[Report]) -> None:
    notices = [notice_of(gateway.name, report) for report in reports]
    told = receiving.receive([notice for notice in notices if notice.hashes])
    for report in reports:
        if report.has_opted_out and told["new"] and (number := phones.e164(report.to)):
            stopping.stop(number, gateway.name)


def notice_of(gateway: str, report: Report) -> Notice:
    """``report`` as every provider's notices are kept."""
    number, kind = phones.e164(clean(report.to, 60)), Kind(report.kind)
    hashes = tuple(address_hashes(number)) if number else ()
    detail = clean(report.detail, 1000)
    return Notice(
        key=keys.make(gateway, digest([report.number, report.key, kind, detail]), hashes[0] if hashes else "-"), provider=gateway[:50],
        kind=kind, is_hard=report.is_dead and kind in (Kind.BOUNCED, Kind.REJECTED), hashes=hashes, message_uid=_uid(report.key),
        provider_message_id=clean(report.number, 190), occurred_at=moment(report.at), detail=mask(detail)[:500],
    )


def _uid(key: str) -> UUID | None:
    try:
        return UUID(hex=key) if key else None
    except ValueError:
        return None
