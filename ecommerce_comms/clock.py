"""The one place where the app reads the time.

Everything else asks ``clock.now()``, so that a test, a story or a replay can put the whole app, its worker
threads included, at any moment of its choosing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

Clock = Callable[[], datetime]


_offset = timedelta()


def machine_time() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(timezone.utc)


def wall_clock() -> datetime:
    """The time by which all machines of the shop go, aware, in UTC: the machine's own, put right by ``shift``."""
    return datetime.now(timezone.utc) + _offset


def shift(offset: timedelta) -> None:
    """Let ``wall_clock`` be ``offset`` ahead of the machine's time."""
    global _offset
    _offset = offset


def offset() -> timedelta:
    """How far ``wall_clock`` is ahead of the machine's time."""
    return _offset


def is_real() -> bool:
    """Whether ``wall_clock`` tells the time, and nobody has put another clock in its place."""
    return _clock is wall_clock


_clock: Clock = wall_clock


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _clock()


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """Let ``clock`` tell the time to the whole process until the block ends."""
    global _clock
    previous, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = previous


class ManualClock:
    """A clock that stands still until it is moved: ``clock.set(moment)`` or ``clock.advance(days=2)``."""

    def __init__(self, start: datetime) -> None:
        self.set(start)

    def __call__(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Put the clock at ``moment`` (aware; raises ``ValueError`` for a naive one)."""
        if moment.tzinfo is None:
            raise ValueError(f"A clock needs an aware datetime, got {moment!r}.")
        self._now = moment.astimezone(timezone.utc)

    def advance(self, **delta: float) -> datetime:
        """Move the clock on by ``timedelta(**delta)`` and return the new moment."""
        self._now += timedelta(**delta)
        return self._now
