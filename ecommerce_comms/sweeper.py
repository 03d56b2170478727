"""Sweeps inside every Celery worker, without the broker: beat publishes through it, and a broker that hangs delivers nothing.

A thread of the worker's main process looks every few seconds whether a sweep is due. The turn is taken in the database, so that of many
workers on many hosts one sweeps in each interval. It keeps no connection between two sweeps: children that the
worker forks meanwhile find none to share.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

from celery import signals
from django.db import connections

from ecommerce_comms import clock, masking, sweeping
from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.models import Worker
from ecommerce_comms.orders.timekeeping import keep_time
from ecommerce_comms.sweeping import Swept

log = masking.logger(__name__)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Sweeper:
    """The thread that sweeps whenever it is this process's turn."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="comms-sweeper", daemon=True)

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End after the sweep that is under way, if any, for which ``timeout`` seconds are waited."""
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            sweep_in_turn()
            self._stopping.wait(look_seconds())


def look_seconds() -> float:
    """How often to look whether it is one's turn: more often than there are turns, for whoever had the last one may be dead."""
    return max(1.0, float(conf.SWEEP_SECONDS) / 3)


def sweep_in_turn() -> bool:
    """Sweep if nobody has done so in this interval; whether it did. Never raises, and leaves no connection open."""
    try:
        keep_time()
        if take_turn(timedelta(seconds=0.9 * conf.SWEEP_SECONDS)):
            sweeping.sweep()
            return True
    except Exception:
        log.exception("A sweep failed; the next one tries again.")
    finally:
        connections.close_all()
    return False


def sweep_now() -> Swept:
    """Sweep because somebody asked for it, whoever's turn it is."""
    _seen(Worker.Kind.SWEEPER)
    return sweeping.sweep()


def sweep_for_beat() -> None:
    """Note that beat lives, and sweep, unless somebody has just done so: a broker may hand over what it kept for an hour at once."""
    keep_time()
    _seen(Worker.Kind.BEAT)
    if take_turn(timedelta(seconds=0.5 * conf.SWEEP_SECONDS)):
        sweeping.sweep()


def take_turn(interval: timedelta) -> bool:
    """Whether the last sweep began at least ``interval`` ago, and nobody else was quicker to begin this one."""
    return _seen(Worker.Kind.SWEEPER, before=clock.now() - interval)


def connect() -> None:
    """Start a sweeper in every Celery worker once it is ready, and end it with the worker."""
    signals.worker_ready.connect(_start, dispatch_uid="ecommerce_comms.sweeper")
    signals.worker_shutdown.connect(_stop, dispatch_uid="ecommerce_comms.sweeper")


_running: list[Sweeper] = []


def _start(**_signal: Any) -> None:
    if conf.SWEEPER == "worker":
        _running.append(Sweeper())
        _running[-1].start()


def _stop(**_signal: Any) -> None:
    while _running:
        _running.pop().stop()


def _seen(kind: str, before: datetime | None = None) -> bool:
    """Note in the one row of ``kind`` that it was seen now, by this process; ``False`` if it was seen after ``before``."""
    rows = Worker.objects.filter(name=NAMES[kind])
    mine = {"seen_at": clock.now(), "host": socket.gethostname()[:100], "pid": os.getpid()}
    due = rows.filter(seen_at__lte=before) if before else rows
    if due.update(**mine):
        return True
    if rows.exists():
        return False
    Worker.objects.bulk_create([Worker(name=NAMES[kind], kind=kind, host="", seen_at=_LONG_AGO)], ignore_conflicts=True)
    return bool(due.update(**mine))


NAMES = {Worker.Kind.SWEEPER.value: "sweep", Worker.Kind.BEAT.value: "beat"}
"""The row of each kind: one for all hosts."""
