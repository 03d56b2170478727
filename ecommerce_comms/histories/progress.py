"""How far a long command has come, told in one line that writes over itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any, TextIO

_BETWEEN_LINES = {True: 0.2, False: 10.0}
"""Seconds from one line to the next, on a terminal and elsewhere."""


class Progress:
    """Watches a walk through a history: says how far it is, and lets Ctrl-C stop it between two steps."""

    def __init__(self, out: TextIO, facts: int, told: int, *, quiet: bool, unit: str = "facts") -> None:
        self.stopping = False
        self.moment: datetime | None = None
        self._out = out
        self._facts = facts
        self._told = self._told_before = told
        self._quiet = quiet
        self._unit = unit
        self._overwrites = out.isatty()
        self._began = self._said = time.monotonic()

    def reached(self, moment: datetime, told: int) -> None:
        """The clock shows ``moment``, and ``told`` more facts were told."""
        self.moment = moment
        self._told += told
        now = time.monotonic()
        if not self._quiet and now - self._said >= _BETWEEN_LINES[self._overwrites]:
            self._said = now
            self._say(self._line(now - self._began))

    def done(self) -> None:
        """Leave the line clean."""
        if not self._quiet and self._overwrites:
            self._say("")

    def _line(self, seconds: float) -> str:
        rate = (self._told - self._told_before) / seconds
        left = f"{_duration((self._facts - self._told) / rate)} left" if rate else "…"
        day = f"{self.moment:%d %b %Y}" if self.moment else ""
        return f"{self._told:,} of {self._facts:,} {self._unit} · {day} · {rate:,.0f} a second · {left}"

    def _say(self, line: str) -> None:
        self._out.write(f"\r\x1b[K{line}" if self._overwrites else f"{line}\n")
        self._out.flush()


@contextmanager
def stoppable(progress: Progress) -> Iterator[None]:
    """Let the first Ctrl-C ask ``progress`` to stop, and the second one interrupt at once."""
    before = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: FrameType | None) -> Any:
        progress.stopping = True
        signal.signal(signal.SIGINT, before)

    try:
        signal.signal(signal.SIGINT, ask)
    except ValueError:  # not in the main thread, where no Ctrl-C arrives
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02.0f} s" if minutes else f"{seconds:.0f} s"
