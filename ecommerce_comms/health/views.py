"""What machines ask: a load balancer whether all is well, Prometheus for the figures."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ecommerce_comms.conf import conf
from ecommerce_comms.health import metrics as prometheus
from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import kept
from ecommerce_comms.health.lights import lights, worst

View = Callable[[HttpRequest], HttpResponse]


def _guarded(view: View) -> View:
    """404 while ``HEALTH_TOKEN`` is empty, and 403 to whoever does not know it."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not conf.HEALTH_TOKEN:
            raise Http404
        return view(request) if _knows_token(request) else HttpResponse("Wrong token.", status=403, content_type="text/plain")

    return guarded


def _knows_token(request: HttpRequest) -> bool:
    """``Authorization: Bearer <token>``, or ``?token=`` for what cannot send headers; compared in constant time."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else request.GET.get("token", "")
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), str(conf.HEALTH_TOKEN).encode())


@require_safe
@never_cache
@_guarded
def health(request: HttpRequest) -> HttpResponse:
    """The colour of the whole and of each light, without any personal data; status 503 while something is red."""
    try:
        figures = kept.get()
    except Error:
        return JsonResponse({"state": Colour.RED.word, "lights": {"database": Colour.RED.word}}, status=503)
    found = lights(figures)
    state = worst(found)
    told = {"state": state.word, "lights": {light.key: light.colour.word for light in found},
            "oldest_due_seconds": {lane.lane: round(lane.oldest_seconds) for lane in figures.lanes}}
    return JsonResponse(told, status=503 if state is Colour.RED else 200)


@require_safe
@never_cache
@_guarded
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in the text format of Prometheus; 501 without the extra ``metrics``."""
    if not prometheus.IS_POSSIBLE:
        return HttpResponse("Install django-ecommerce-comms[metrics].", status=501, content_type="text/plain")
    return HttpResponse(prometheus.exposition(), content_type=prometheus.CONTENT_TYPE)
