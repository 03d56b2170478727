"""The app's URLs; include them under the namespace ``comms``."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "comms"
urlpatterns: list[URLPattern] = []
