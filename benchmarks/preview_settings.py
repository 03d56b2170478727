"""A small shop of which nothing but the editor of its texts is asked."""

from __future__ import annotations

from typing import Any

SECRET_KEY = "for benchmarks only, and nothing else"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "benchmarks.preview_urls"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "ecommerce_comms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING_CONFIG = None
# Those of ``ecommerce_comms.testing.SETTINGS``, which cannot be imported before the app is there.
ECOMMERCE_COMMS: dict[str, Any] = {
    "ORDER_ADAPTER": "ecommerce_comms.testing.FakeOrderAdapter", "BACKENDS": {"email": "ecommerce_comms.testing.RecordingBackend"},
    "WAKER": "off", "SHOP_NAME": "Lotus House", "SHOP_URL": "https://shop.example/",
}
