"""A view that does nothing, and the app's own addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def bare(request: HttpRequest) -> HttpResponse:
    """What Django itself costs."""
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [path("bare/", bare), path("comms/", include("ecommerce_comms.urls"))]
