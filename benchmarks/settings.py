"""A small shop that sends its order mails in the way that the scene names; everything else is the same for all ways."""

from __future__ import annotations

from typing import Any

from benchmarks import scene, ways
from tests.services import DATABASES as SERVERS
from tests.settings import ECOMMERCE_COMMS as COMMS

SCENE = scene.current()
WAY = ways.WAYS[SCENE.way]

SECRET_KEY = "for benchmarks only, and nothing else"
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "benchmarks", *WAY.apps, "tests.hosts.plain"]
MIGRATION_MODULES = {"plain": None}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
LOGGING_CONFIG = None

# A connection lasts a minute, as shops in production have it.
DATABASES: dict[str, Any] = {"default": SERVERS[SCENE.database].django() | {"NAME": SCENE.name, "CONN_MAX_AGE": 60}}
if SCENE.database == "mariadb":
    # PyMySQL reads all certificates of the machine for each connection, 25 ms of CPU; nothing here leaves the machine.
    DATABASES["default"]["OPTIONS"] = DATABASES["default"]["OPTIONS"] | {"ssl_disabled": True}
if SCENE.database == "sqlite":
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20,
                                       "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = SCENE.smtp_port
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = "orders@shop.example"

CELERY_BROKER_URL = SCENE.broker_url
CELERY_TASK_DEFAULT_QUEUE = SCENE.queue
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Workers are halted while the backlog is made; the broker must not take them for dead.
CELERY_BROKER_HEARTBEAT = 0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_RESULT_EXPIRES = 600

# What describes the shop; how the app works is left at its defaults.
ECOMMERCE_COMMS = {name: value for name, value in COMMS.items() if name.startswith(("ORDER_", "SHOP_"))} | {"JOURNAL_DIR": SCENE.folder}
globals().update(WAY.settings)
if WAY.settings.get("CELERY_RESULT_BACKEND") == "broker":
    CELERY_RESULT_BACKEND = SCENE.broker_url if SCENE.broker_url.startswith("redis") else "rpc://"
