"""The addresses of the shop: this app's own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("comms/", include("ecommerce_comms.urls"))]
