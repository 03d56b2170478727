"""Addresses of the example shop."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("comms/", include("ecommerce_comms.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("example_project.shop.urls")),
]
