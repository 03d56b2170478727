"""A Celery worker and beat inside this process: no broker, no second terminal."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import state

log = logging.getLogger(__name__)


class EmbeddedWorker:
    """``start()`` returns when tasks are taken; ``stop()`` lets running ones finish."""

    def __init__(self, app: Celery, schedule: Mapping[str, Any] | None = None, threads: int = 4) -> None:
        self._ready = threading.Event()
        app.conf.worker_hijack_root_logger = False
        # app.Worker would install signal handlers, which only the main thread may do.
        self._worker = app.WorkController(  # type: ignore[attr-defined]
            app=app, hostname="embedded@demo", pool_cls="threads", concurrency=threads, without_heartbeat=True, without_mingle=True,
            without_gossip=True, ready_callback=lambda _consumer: self._ready.set(),
        )
        self._thread = threading.Thread(target=self._worker.start, name="worker", daemon=True)
        self._beat = self._embedded_beat(app, schedule) if schedule else None

    def start(self) -> None:
        """Start worker and beat; raises ``RuntimeError`` if the worker does not come up."""
        state.should_stop = None
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("The worker did not start within 20 seconds.")
        if self._beat:
            self._beat.start()

    def stop(self) -> None:
        """Stop taking tasks and wait for the ones that run."""
        if self._beat:
            self._beat.stop()
        state.should_stop = 0
        self._thread.join(10)
        state.should_stop = None

    @staticmethod
    def _embedded_beat(app: Celery, schedule: Mapping[str, Any]) -> Any:
        app.conf.beat_schedule = dict(schedule)
        # The default scheduler would write a file into the current folder.
        return EmbeddedService(app, max_interval=1, thread=True, scheduler_cls="celery.beat:Scheduler")
