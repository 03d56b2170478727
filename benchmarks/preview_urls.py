"""The addresses of the shop: the admin, and this app's own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("comms/", include("ecommerce_comms.urls"))]
