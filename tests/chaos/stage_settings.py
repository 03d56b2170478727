"""Settings of every process of a run: the plain test shop, on what ``COMMS_CHAOS_STAGE`` (a file of JSON) says.

``COMMS_CHAOS_HOST`` names the host that the process plays: its own journals, perhaps its own way to the database.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.chaos import clocks
from tests.services import BROKERS, import_mysql_driver
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, ECOMMERCE_COMMS

_stage = json.loads(Path(os.environ["COMMS_CHAOS_STAGE"]).read_text())
_host = os.environ.get("COMMS_CHAOS_HOST", "shop")

clocks.obey(Path(_stage["folder"]) / f"clock.{_host}")
_database = _stage["databases"].get(_host) or _stage["databases"]["shop"]
if _database["ENGINE"].endswith("mysql"):
    import_mysql_driver()
DATABASES = {**DATABASES, "default": _database}

CELERY_BROKER_URL = _stage["broker_url"]
CELERY_BROKER_TRANSPORT_OPTIONS = BROKERS[_stage["broker"] if _stage["broker_url"] != "memory://" else "memory"].transport_options
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "comms-chaos"
CELERY_BEAT_SCHEDULE = {"comms-sweep": {"task": "ecommerce_comms.sweep", "schedule": _stage["sweep_seconds"]}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(process)d %(threadName)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "127.0.0.1", _stage["smtp_ports"][0], 10
ECOMMERCE_COMMS = {
    **ECOMMERCE_COMMS,
    "BACKENDS": {"email": "ecommerce_comms.messaging.backends.email.EmailBackend"},
    "JOURNAL_DIR": str(Path(_stage["folder"]) / "hosts" / _host),
    "WAKER": "thread" if _stage["broker"] != "none" else "notify" if _database["ENGINE"].endswith("postgresql") else "off",
    # The run is about what is lost and doubled; at night it has to send too.
    "QUIET_HOURS": "",
    "EMAIL_PROVIDERS": [
        {"name": name, "backend": EMAIL_BACKEND, "options": {"host": "127.0.0.1", "port": port, "timeout": 10}}
        for name, port in zip(("first", "second"), _stage["smtp_ports"], strict=True)
    ],
    **_stage["settings"],
}
