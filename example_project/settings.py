"""Settings of the example shop. Everything that a real shop would change is read from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))

SECRET_KEY = os.environ.get("SECRET_KEY", "for-development-only-not-a-secret")
DEBUG = os.environ.get("DEBUG", "1") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ecommerce_comms",
    "example_project",
    "example_project.shop",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "example_project.shop.middleware.content_security_policy",
]
TEMPLATES: list[dict[str, Any]] = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "example_project.shop.context.shop",
    ]},
}]
ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "shop:login"
LOGIN_REDIRECT_URL = "shop:orders"
LOGOUT_REDIRECT_URL = "shop:home"

DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("SHOP_DATABASE", VAR_DIR / "shop.sqlite3"),
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    },
}}
VAR_DIR.mkdir(parents=True, exist_ok=True)

# ---- languages, time and money --------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi")), ("bn", _("Bengali"))]
LOCALE_PATHS = [BASE_DIR / "example_project" / "locale"]
CURRENCY = "INR"

# ---- mail: whatever answers at this address ---------------------------------------------------------------------

EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "8025"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "Banyan & Clay <hello@banyanandclay.example>"
# Where the demo's mail server keeps what it received, one Maildir message each; shown at /mailbox/.
MAILBOX_DIR = Path(os.environ.get("MAILBOX_DIR", VAR_DIR / "mailbox"))

# ---- Celery: in this process unless a broker is given; never wait long for one -----------------------------------

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "memory://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "redis": {"socket_timeout": 3, "socket_connect_timeout": 1, "retry_on_timeout": False,
              "visibility_timeout": 1800, "unacked_restore_throttle": 1},
    "amqp": {"confirm_publish": True, "max_retries": 0, "read_timeout": 3, "write_timeout": 3},
    "memory": {"polling_interval": 0.02},  # a second, otherwise
}.get(CELERY_BROKER_URL.partition(":")[0], {})
CELERY_BEAT_SCHEDULE = {
    "comms-sweep": {"task": "ecommerce_comms.sweep", "schedule": 30.0},
    "carrier": {"task": "shop.carrier_step", "schedule": 5.0},
}

# ---- what the shop tells ecommerce_comms ---------------------------------------------------------------------------

DEMO_SMS_SECRET = os.environ.get("DEMO_SMS_SECRET", "for the demo and nothing else")
SHOP_URL = os.environ.get("SHOP_URL", "http://localhost:8000")
ECOMMERCE_COMMS = {
    "SHOP_NAME": "Banyan & Clay",
    "SHOP_URL": SHOP_URL,
    "SHOP_EMAIL": "hello@banyanandclay.example",
    "SHOP_ADDRESS": "14 Kumartuli Lane, Kolkata 700005, India",
    "ORDER_ADAPTER": "example_project.shop.adapter.ShopOrderAdapter",
    "ORDER_MODEL": "shop.Order",
    "ORDER_FIELDS": {
        "customer.reference": "user_id",
        "address.name": "full_name",
        "address.lines": ["street", "district"],
        "lines": "items",
        "line.sku": "sku",
        "line.price": "total",
        "line.url": "get_absolute_url",
        "line.image_url": "get_picture_url",
        "currency": f"={CURRENCY}",
        "retry_payment_url": "get_payment_url",
    },
    # What customers may choose at the checkout. Text messages land in the demo's mailbox, calls in the call list of the admin.
    "BACKENDS": {
        "email": "ecommerce_comms.messaging.backends.email.EmailBackend",
        "sms": "ecommerce_comms.messaging.backends.sms.SmsBackend",
        "phone": "ecommerce_comms.contact.calls.PhoneBackend",
    },
    "PHONE_COUNTRY": "IN",
    "SMS_GATEWAYS": [{"name": "demo", "gateway": "json", "options": {"url": f"{SHOP_URL}/texts/", "secret": DEMO_SMS_SECRET}}],
    # An account on which one may try what carriers tell: docs/how-to/hear-from-your-carriers.md.
    "CARRIER_WEBHOOKS": {"demo": {"provider": "plain", "secret": os.environ.get("CARRIER_SECRET", "for the demo and nothing else")}},
}

# ---- the simulated carrier -------------------------------------------------------------------------------------------

# How many real minutes one of the carrier's days lasts; 0 lets its parcels stand still.
CARRIER_MINUTES_PER_DAY = float(os.environ.get("CARRIER_MINUTES_PER_DAY", "1"))
