"""``manage.py comms_worker``: everything that Celery's workers and beat would do, in one process without either."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connections

from ecommerce_comms import masking, sweeper, working
from ecommerce_comms.orders import waker
from ecommerce_comms.orders.notices import Listener
from ecommerce_comms.orders.timekeeping import keep_time

log = masking.logger(__name__)
LOOK_SECONDS = 0.5
"""How often it looks for work where nobody can wake it."""
PATIENCE_SECONDS = 2.0
"""How long it waits after the database's own trouble."""


class Command(BaseCommand):
    """Work until a signal ends it."""

    help = "Process events, send messages and sweep until SIGTERM or Ctrl-C. Needs neither Celery nor a broker; start as many as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work, look, wait; end with the batch that is under way when the signal comes."""
        stopping = threading.Event()
        before = {name: signal.signal(name, lambda *_: stopping.set()) for name in (signal.SIGTERM, signal.SIGINT)}
        self.stdout.write("Working; end with Ctrl-C or SIGTERM.")
        try:
            run(stopping)
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
        self.stdout.write("Ended.")


def run(stopping: threading.Event) -> None:
    """Work until ``stopping`` is set. The database may go and come back."""
    sweeps = threading.Thread(target=_sweep, args=[stopping], name="comms-sweeper", daemon=True)
    sweeps.start()
    listener = Listener(stopping)
    while not stopping.is_set():
        try:
            if not work_once():
                listener.wait(LOOK_SECONDS)
        except Error as error:
            log.warning("The database is away (%s); it is asked again in %g seconds.", error, PATIENCE_SECONDS)
            connections.close_all()
            stopping.wait(PATIENCE_SECONDS)
        except Exception:
            log.exception("A round of work failed.")
            connections.close_all()
            stopping.wait(PATIENCE_SECONDS)
    connections.close_all()
    sweeps.join(PATIENCE_SECONDS)


def work_once() -> int:
    """One round: events, orders' messages, then a few offers; returns how many things were done."""
    keep_time()
    with _by_itself():
        return working.orders_round() + working.offers_round()


@contextmanager
def _by_itself() -> Iterator[None]:
    """Nobody is woken: the loop looks for what there is to do."""
    with waker.covered(waker.WORK), waker.covered(working.OFFERS):
        yield


def _sweep(stopping: threading.Event) -> None:
    while not stopping.is_set():
        with _by_itself():
            sweeper.sweep_in_turn()
        stopping.wait(sweeper.look_seconds())
