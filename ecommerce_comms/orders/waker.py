"""Wakes a worker without ever holding up whoever asks.

A frozen broker blocks a publish for more than a minute, so publishing happens in one thread of our own. What is asked for while
that thread is busy, or within an instant of the last wake-up, becomes one wake-up. Any of them may be lost at any
moment; the sweep finds what it was for.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import Celery, current_app
from kombu.exceptions import OperationalError

from ecommerce_comms import masking
from ecommerce_comms.conf import conf
from ecommerce_comms.orders import notices

log = masking.logger(__name__)
WORK = "ecommerce_comms.work"
"""The task that processes what waits and sends what is about orders."""
OFFERS = "ecommerce_comms.deliver_offers"
"""The task that sends advertising."""
PAUSE_SECONDS = 30.0
"""After a failed wake-up nothing is tried for so long: the broker is down, and the sweep runs without it."""
TOGETHER_SECONDS = 0.02
"""Wake-ups within so long of the last one are one."""

_shops_app: Celery | None = None


class _Rounds(threading.local):
    """The tasks that this thread does itself, and those of them that it was asked for meanwhile."""

    def __init__(self) -> None:
        self.covered: frozenset[str] = frozenset()
        self.asked: set[str] = set()
        self.later: set[str] = set()
        """What runs in this thread when it has done."""


_rounds = _Rounds()


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
    """The wake-ups that were asked for, by name, and the thread that sends them."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_sending = False
        self._paused_until = 0.0
        self.pid = os.getpid()

    def wake(self, task: str) -> None:
        """Ask for ``task``; returns at once."""
        with self._change:
            self._asked.add(task)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="comms-waker", daemon=True)
                self._thread.start()
            self._change.notify()

    def idle(self) -> bool:
        """Whether every wake-up so far was sent or dropped."""
        return not self._asked and not self._is_sending

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._asked:
                    self._change.wait()
                tasks, self._asked, self._is_sending = sorted(self._asked), set(), True
            for task in tasks:
                if time.monotonic() >= self._paused_until:
                    self._send(task)
            self._is_sending = False
            time.sleep(TOGETHER_SECONDS)

    def _send(self, task: str) -> None:
        try:
            SENDERS[conf.WAKER](task)
        except (OperationalError, OSError, RuntimeError, notices.Refused) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("The broker took no wake-up (%s: %s); the sweep goes on without it.", type(error).__name__, error)
        except Exception:
            log.exception("A wake-up for %s was lost; the sweep finds what it was for.", task)


_waker = Waker()


def wake(task: str) -> None:
    """Ask a worker to run ``task`` soon. Never blocks, never raises."""
    global _waker
    if task in _rounds.covered:
        _rounds.asked.add(task)
        return
    if conf.WAKER == "off":
        return
    if conf.WAKER == "thread" and app().conf.task_always_eager:
        if _rounds.covered:  # in the middle of a claim
            _rounds.later.add(task)
        else:
            _run_here(task)
        return
    if _waker.pid != os.getpid():  # a forked web worker has the parent's wishes, but not its thread
        _waker = Waker()
    _waker.wake(task)


@contextmanager
def covered(task: str) -> Iterator[None]:
    """Until the block ends, this thread itself does what ``task`` would do: it need not wake anybody for that."""
    before = _rounds.covered
    _rounds.covered = before | {task}
    try:
        yield
    finally:
        _rounds.covered = before
        _rounds.asked.discard(task)
    while not before and _rounds.later:
        _run_here(_rounds.later.pop())


def was_asked(task: str) -> bool:
    """Whether this thread, which covers ``task``, was asked for it since it was last forgotten."""
    return task in _rounds.asked


def forget(task: str) -> None:
    """What this thread was asked for so far, it is about to do."""
    _rounds.asked.discard(task)


def idle() -> bool:
    """Whether nothing waits to be sent in this process."""
    return _waker.idle()


def _publish(task: str) -> None:
    app().send_task(task, ignore_result=True, retry=False)


def _run_here(task: str) -> None:
    try:
        app().tasks[task].apply()
    except Exception:
        log.exception("%s failed.", task)


SENDERS: dict[str, Callable[[str], None]] = {"thread": _publish, "notify": notices.send, "off": lambda task: None}
"""How a wake-up leaves, by the setting ``WAKER``."""
