"""The ways to send an order mail that are compared, each with the settings that suit it.

The module of a way has ``tell(order)``, called inside the shop's transaction, ``waiting()``, which says how many mails it
still holds, and, if it needs one, ``prepare()``, called once after the tables were made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

CELERY = ("-m", "celery", "-A", "benchmarks.celery", "worker", "-c", "2")
"""Two processes, as many as the machine of the published figures has cores."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How one way is set up."""

    title: str
    module: str
    worker: tuple[str, ...] = (*CELERY, "-l", "WARNING")
    apps: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    databases: tuple[str, ...] = ("postgres", "mariadb", "sqlite")
    wakes_by_broker: bool = True
    """Whether a lost message of the broker matters to it."""


_OURS = {"ROOT_URLCONF": "benchmarks.urls"}
_DIRECT = {"CELERY_TASK_IGNORE_RESULT": True, "CELERY_WORKER_PREFETCH_MULTIPLIER": 64, "CELERY_DB_REUSE_MAX": 100_000}
_TUNED = (*CELERY, "-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")

WAYS: dict[str, Way] = {
    "ours": Way(title="ecommerce_comms, Celery", module="comms", apps=("ecommerce_comms",), settings=_OURS),
    "ours-command": Way(
        title="ecommerce_comms, comms_worker", module="comms", apps=("ecommerce_comms",),
        worker=("-m", "django", "comms_worker"), settings=_OURS, wakes_by_broker=False,
    ),
    "celery": Way(
        title="on_commit + Celery task + send_mail", module="direct",
        # The broker keeps the results, too, and each task is logged: so the common template for new projects has it,
        # https://github.com/cookiecutter/cookiecutter-django.
        settings={"CELERY_RESULT_BACKEND": "broker"}, worker=(*CELERY, "-l", "INFO"),
    ),
    "celery-tuned": Way(
        title="the same: no results, prefetch, database connection kept", module="direct", settings=_DIRECT, worker=_TUNED,
    ),
    "post-office": Way(
        title="django-post_office, Celery", module="postoffice", apps=("post_office",),
        settings={"POST_OFFICE": {"CELERY_ENABLED": True}},
    ),
    "post-office-at-send": Way(
        title="django-post_office, Celery, rendered at send, no success log", module="postoffice", apps=("post_office",),
        settings={"POST_OFFICE": {"CELERY_ENABLED": True, "LOG_LEVEL": 1, "BATCH_SIZE": 500, "THREADS_PER_PROCESS": 2},
                  "RENDER": "at send"},
    ),
    "post-office-tuned": Way(
        title="django-post_office, a loop, rendered in the request, one thread", module="postoffice", apps=("post_office",),
        settings={"POST_OFFICE": {"LOG_LEVEL": 1, "BATCH_SIZE": 1000, "THREADS_PER_PROCESS": 1}, "RENDER": "in the request"},
        worker=("-m", "benchmarks.ways.postoffice_loop"), wakes_by_broker=False,
    ),
    "procrastinate": Way(
        title="procrastinate + send_mail", module="procrastinated", apps=("procrastinate.contrib.django",),
        worker=("-m", "django", "procrastinate", "worker"), databases=("postgres",), wakes_by_broker=False,
    ),
    "procrastinate-kept": Way(
        title="procrastinate, SMTP connection kept", module="procrastinated", apps=("procrastinate.contrib.django",),
        settings={"KEEP_CONNECTION": True},
        worker=("-m", "django", "procrastinate", "worker"), databases=("postgres",), wakes_by_broker=False,
    ),
}


def load(name: str) -> Any:
    """The module of the way ``name``."""
    return import_module(f"benchmarks.ways.{WAYS[name].module}")
