"""A small shop of which nothing but the shipping options is asked."""

from __future__ import annotations

import os
from typing import Any

SECRET_KEY = "for benchmarks only, and nothing else"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "benchmarks.quote_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "ecommerce_comms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("QUOTE_DATABASE", ":memory:")}}
LOGGING_CONFIG = None
# Nobody asks as often as a benchmark; the throttle counts all the same.
ECOMMERCE_COMMS: dict[str, Any] = {"API_RATE": "1000000/min"}
if os.environ.get("QUOTE_ESTIMATOR"):
    ECOMMERCE_COMMS["ESTIMATOR"] = os.environ["QUOTE_ESTIMATOR"]
