"""The page with which a customer unsubscribes, and the address to which mail programs post (RFC 8058)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.customers import consents
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.messaging.speaking import localise
from ecommerce_comms.messaging.unsubscribe import BODY, Subscription, read
from ecommerce_comms.messaging.writing import texts

LONGEST_BODY = 10_000
"""Bytes; what a mail program posts is far shorter, and more is not even read."""
SAME = timedelta(minutes=1)
"""A no that is repeated within this time is not written down again."""
STYLE = "ecommerce_comms/page.css"


@csrf_exempt  # RFC 8058 knows no cookies; and whoever has the token may say no, wherever the form stood
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button for whoever looks; the end of the subscription for whoever posts ``List-Unsubscribe=One-Click``.

    Looking changes nothing, for link scanners look too. There is no way back by link, for a mail may be forwarded: its
    reader may end what somebody else gets, but never begin it.
    """
    try:
        subscription = read(token)
    except ValueError:
        raise Http404 from None
    if not _is_one_click(request):
        return _page(subscription, is_done=False)
    from_page = "page" in request.GET
    _end(subscription, "unsubscribe page" if from_page else "one-click")
    return _page(subscription, is_done=True) if from_page else _private(HttpResponse(
        texts.labels(subscription.language)["left_title"], content_type="text/plain; charset=utf-8",
    ))


def _is_one_click(request: HttpRequest) -> bool:
    """Whether the body is the one that counts, form-encoded or multipart, and nothing else. Never raises for a strange one."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method != "POST" or not length.isdecimal() or int(length) > LONGEST_BODY:
        return False
    # The body that counts is ASCII, whatever it is called; Django would refuse every name but this one.
    request.encoding = "utf-8"
    try:
        return dict(request.POST.lists()) == BODY and not request.FILES
    except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError, LookupError, ValueError):
        return False


def _end(subscription: Subscription, where: str) -> None:
    """Withdraw the consent; a second click on the same button has nothing to add."""
    last = consents.newest([subscription.address_hash], (subscription.topic,), subscription.channel)
    said = last.get((subscription.address_hash, subscription.topic))
    if said is None or not said.is_no or said.at < clock.now() - SAME:
        consents.withdraw(
            address_hash=subscription.address_hash, topic=subscription.topic, channel=subscription.channel, where=where,
            language=subscription.language,
        )


def _page(subscription: Subscription, *, is_done: bool) -> HttpResponse:
    language = texts.best_language(subscription.language, conf.language)
    labels, step, style = texts.labels(language), "left" if is_done else "leave", _style()
    page = render_to_string("ecommerce_comms/unsubscribe.html", {
        "language": language, "direction": localise.locale_of(language).text_direction, "style": style, "is_done": is_done,
        "shop": conf.SHOP_NAME, "home": conf.SHOP_URL, "labels": labels,
        # Whoever is told of what others ordered has no orders of which mails would still come.
        "orders": "" if subscription.topic == Consent.Topic.TRACKING else labels["leave_orders"],
        "title": labels[f"{step}_title"], "what": labels[f"{step}_{subscription.topic}"],
        "again": labels["left_again_by_mail"].format(email=conf.SHOP_EMAIL) if conf.SHOP_EMAIL else labels["left_again"],
    })
    response = HttpResponse(page)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self' {_origin(style)}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Content-Language"] = language
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    """The address names a person, so the answer is kept by no cache, listed by no search engine, and told to no other page."""
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _style() -> str:
    """Address of the style sheet; empty if the shop has not collected its static files, for a plain page is better than none."""
    try:
        return static(STYLE)
    except (ValueError, ImproperlyConfigured):
        return ""


def _origin(address: str) -> str:
    """Scheme and host of ``address``, where static files have a host of their own."""
    parts = urlsplit(address)
    return f"{parts.scheme or 'https'}://{parts.netloc}" if parts.netloc else ""
