"""Settings of the tests: the app inside two small host shops.

``COMMS_TEST_DATABASE`` (``sqlite``, ``postgres``, ``mariadb``) and ``COMMS_TEST_BROKER`` (``memory``, ``redis``,
``rabbitmq``) choose the services; ``tests/services.py`` says at which addresses they are looked for.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec

from tests.services import BROKERS
from tests.services import DATABASES as SERVERS

DATABASE = os.environ.get("COMMS_TEST_DATABASE") or "sqlite"
BROKER = os.environ.get("COMMS_TEST_BROKER") or "memory"

SECRET_KEY = "for tests only, and nothing else"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("hi", "हिन्दी"), ("bn", "বাংলা")]
ROOT_URLCONF = "tests.urls"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_FROM_EMAIL = "orders@shop.example"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ecommerce_comms",
    "tests.hosts.plain",
    "tests.hosts.uuidshop",
]
if find_spec("example_project"):
    # The source tree brings the example shop along; the fixture ``example_shop`` turns the other settings into its own.
    INSTALLED_APPS.append("example_project.shop")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]

DATABASES = {
    "default": SERVERS[DATABASE].django(),
    # A shop may keep its orders in a database of its own; an in-memory one will do, whatever the first one is.
    "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DATABASE_ROUTERS = ["tests.hosts.routers.UuidShopRouter"]
MIGRATION_MODULES = {"plain": None, "uuidshop": None}

CELERY_BROKER_URL = BROKERS[BROKER].url
CELERY_TASK_DEFAULT_QUEUE = f"comms-tests-{os.getpid()}"
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = BROKERS[BROKER].transport_options

ECOMMERCE_COMMS = {
    "ORDER_ADAPTER": "ecommerce_comms.adapters.fieldmap.FieldMapOrderAdapter",
    "ORDER_MODEL": "plain.PlainOrder",
    "ORDER_FIELDS": {
        "number": "order_no",
        "placed_at": "created",
        "customer.reference": "buyer.pk",
        "customer.email": "email|buyer.email",
        "customer.phone": "telephone",
        "customer.first_name": "customer_name|buyer.first_name",
        "address.name": "customer_name",
        "address.lines": ["ship_street", "ship_extra"],
        "address.postcode": "ship_zip",
        "address.city": "ship_city",
        "address.country": "ship_country",
        "lines": "items",
        "line.title": "label",
        "line.sku": "article_no",
        "line.quantity": "count",
        "line.price": "amount",
        "total": "grand_total",
        "currency": "=INR",
        "shipping_option": "delivery.code",
        "promised_earliest": "expected_from",
        "promised_latest": "expected_until",
    },
    "SHOP_NAME": "Plain Goods",
    "SHOP_URL": "https://shop.example/",
    "SHOP_EMAIL": "help@shop.example",
    "SHOP_ADDRESS": "Plain Goods, 4 Lake Road, Kolkata",
    # Wake-ups come from the tests themselves, not from a thread beside them.
    "WAKER": "off",
    "SWEEPER": "off",
}

if find_spec("example_project"):
    shop = import_module("example_project.settings")
    # Not its mail server: mails stay in the tests' outbox, and Django 6.1 knows these settings under another name.
    own = {name: value for name, value in vars(shop).items() if name.isupper() and not name.startswith("EMAIL_")}
    globals().update({name: value for name, value in own.items() if name not in globals()})
