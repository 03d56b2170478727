"""Wakes a Celery worker without ever holding up whoever asks.

A frozen broker blocks a publish for more than a minute, so publishing happens in one thread of our own behind a bounded
queue. A wake-up may be dropped at any moment; the sweep finds what it was for.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from celery import Celery, current_app
from django.db import DatabaseError, connections
from kombu.exceptions import OperationalError

from ecommerce_comms.conf import conf

log = logging.getLogger(__name__)
PAUSE_SECONDS = 30.0
"""After a failed publish nothing is tried for so long: the broker is down, and the sweep runs without it."""

TRIES = (1.0, 5.0, 30.0)
"""Seconds before each further attempt of a call that failed."""

Job = tuple[str, tuple[int, ...]]
_shops_app: Celery | None = None


def remember_app() -> None:
    """Note the shop's Celery app. Celery keeps it for the thread that made it and gives all others one of its own."""
    global _shops_app
    found: Celery = current_app._get_current_object()  # type: ignore[attr-defined]
    if found.main != "default":
        _shops_app = found


def app() -> Celery:
    """The shop's Celery app, in whatever thread."""
    return _shops_app or current_app


class Waker:
    """A bounded queue of wake-ups and the thread that publishes them; equal ones that still wait are one."""

    def __init__(self, size: int = 10_000) -> None:
        self._jobs: queue.Queue[Job] = queue.Queue(size)
        self._waiting: set[Job] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._paused_until = 0.0

    def wake(self, task: str, *args: int) -> bool:
        """Ask for ``task(*args)``; returns at once, ``False`` if the wake-up was dropped."""
        job = (task, args)
        with self._lock:
            if job in self._waiting:
                return True
            self._start()
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                return False
            self._waiting.add(job)
            return True

    def idle(self) -> bool:
        """Whether every wake-up so far was published or dropped."""
        return not self._jobs.unfinished_tasks

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="comms-waker", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            with self._lock:
                self._waiting.discard(job)
            if time.monotonic() >= self._paused_until:
                self._publish(job)
            self._jobs.task_done()

    def _publish(self, job: Job) -> None:
        task, args = job
        try:
            app().send_task(task, args=args, ignore_result=True, retry=False)
        except (OperationalError, OSError, RuntimeError) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("The broker took no wake-up (%s: %s); the sweep goes on without it.", type(error).__name__, error)
        except Exception:
            log.exception("A wake-up for %s was lost; the sweep finds what it was for.", task)


_waker = Waker()


def wake(task: str, *args: int) -> None:
    """Ask a worker to run ``task(*args)`` soon. Never blocks, never raises."""
    global _waker
    if conf.WAKER == "off":
        return
    if app().conf.task_always_eager:
        _run_here(task, *args)
        return
    if _waker._pid != os.getpid():  # a forked web worker has the parent's queue, but not its thread
        _waker = Waker()
    _waker.wake(task, *args)


def call(work: Callable[[], object]) -> None:
    """Do ``work`` in a thread of its own, again after a while if it fails. Never blocks, never raises."""
    if conf.WAKER != "off":
        threading.Thread(target=_try, args=(work,), name="comms-later", daemon=True).start()


def _try(work: Callable[[], object]) -> None:
    for wait in TRIES:
        time.sleep(wait)
        try:
            work()
        except DatabaseError:
            log.exception("It failed once more.")
        else:
            break
        finally:
            connections.close_all()


def idle() -> bool:
    """Whether nothing waits to be published in this process."""
    return _waker.idle()


def _run_here(task: str, *args: int) -> None:
    try:
        app().tasks[task].apply(args=args)
    except Exception:
        log.exception("%s%r failed.", task, args)
