"""The page that providers call."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from ecommerce_comms import masking
from ecommerce_comms.messaging.feedback import providers, reading, receiving, sns

log = masking.logger(__name__)
LATER = {"Retry-After": "60"}
GLANCES: dict[str, frozenset[str]] = {"unisender_go": frozenset({"GET", "HEAD"})}
"""With which methods a provider looks whether there is anybody, besides HEAD."""


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests  # a shop with ATOMIC_REQUESTS would say yes before the commit
def provider_webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take over what ``provider`` has to tell: 200 once it is committed, 503 if it should tell it again later."""
    if provider not in providers.open_names():
        return HttpResponse(status=404)
    if request.method in GLANCES.get(provider, frozenset({"HEAD"})):
        return HttpResponse()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST", "HEAD"])
    try:
        return _take(request, provider)
    except reading.Refused as refusal:
        log.warning("A request to the webhook of %s was refused: %s.", provider, refusal)
        return HttpResponse(status=refusal.status)
    except (ImproperlyConfigured, sns.Unreachable) as error:
        log.error("The webhook of %s cannot work: %s", provider, error)
    except (DatabaseError, InterfaceError):
        log.exception("What %s told could not be kept; it will tell it again.", provider)
    return HttpResponse(status=503, headers=LATER)


def _take(request: HttpRequest, provider: str) -> HttpResponse:
    view = providers.open_view(provider)
    if view.basic_auth and not providers.is_allowed(request, view.basic_auth):
        # Amazon sends its password only when it is asked for one.
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="webhook", charset="UTF-8"'})
    reading.read_body(provider, request)
    reading.validate(provider, view, request)
    found, malformed = reading.notices(provider, view, request)
    counts = receiving.receive(found)
    return JsonResponse({**counts, "malformed": malformed})
