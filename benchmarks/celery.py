"""The shop's Celery app."""

from __future__ import annotations

from celery import Celery
from django.conf import settings

app = Celery("benchmarks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()
# Celery reads this one under its old name only.
app.conf["CELERY_DB_REUSE_MAX"] = getattr(settings, "CELERY_DB_REUSE_MAX", None)
