"""A thread that stays from task to task, and with it its database connection and its journal.

Celery closes the connections of the thread that runs a task after each task. To connect anew takes several times as long as an order's
mail, so the tasks that come once for each order have their work done in a thread beside.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

from django.db import Error, connections

Result = TypeVar("Result")
TRUSTED_SECONDS = 5.0
"""A connection that has been idle for longer is asked whether it still works."""


class Resident:
    """The thread that works for one thread of Celery's."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._idle_since = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="comms-resident")

    def do(self, work: Callable[[], Result]) -> Result:
        """Do it there and wait for it; what it raises is raised here."""
        return self._thread.submit(copy_context().run, self._do, work).result()

    def _do(self, work: Callable[[], Result]) -> Result:
        if time.monotonic() - self._idle_since > TRUSTED_SECONDS:
            _close_the_dead()
        try:
            return work()
        except BaseException:
            connections.close_all()  # one of them may be the reason
            raise
        finally:
            self._idle_since = time.monotonic()


_local = threading.local()


def do(work: Callable[[], Result]) -> Result:
    """Do ``work`` in the thread that stays with this one; a forked process has one of its own."""
    resident: Resident | None = getattr(_local, "resident", None)
    if resident is None or resident.pid != os.getpid():
        resident = _local.resident = Resident()
    return resident.do(work)


def _close_the_dead() -> None:
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and not connection.is_usable():
            with suppress(Error):
                connection.close()
