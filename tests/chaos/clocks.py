"""A clock that is wrong: the machine's time of one process, as the app reads it, is off by the seconds that a file says.

The app reads the time in one place, so that is where it is put wrong; what is right stays hidden from it, as on a real host.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from ecommerce_comms import clock

LOOK_SECONDS = 0.1


class WrongClock:
    """Stands for ``datetime`` in the module that reads the time."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._looked_at = path, timedelta(), 0.0

    def now(self, zone: tzinfo | None = None) -> datetime:
        """What the clock on the wall of this host shows."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._offset = timedelta(seconds=float(self._path.read_text() or 0)) if self._path.exists() else timedelta()
        return datetime.now(zone) + self._offset

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)


def obey(path: Path) -> None:
    """Let this process go by the file at ``path``."""
    clock.datetime = WrongClock(path)  # type: ignore[misc, assignment]
