"""When a call suits: a few windows of the day, by the customer's own clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

_WINDOW = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)\s*")
MOST = 6
"""So many windows a day, at most."""


@dataclass(frozen=True)
class CallTimes:
    """Windows of the day in their order, each from its start to just before its end, in minutes after midnight."""

    windows: tuple[tuple[int, int], ...]

    def opens_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the next window begins in ``zone``, in UTC; ``None`` if one is open at ``now``."""
        local = now.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if any(start <= minute < end for start, end in self.windows):
            return None
        day = local.date()
        starts = [datetime.combine(day + timedelta(days=ahead), time(start // 60, start % 60), zone)
                  for ahead in (0, 1) for start, _ in self.windows]
        # A start that the clocks leap over in spring still comes, an hour later by the wall.
        return min(moment for start in starts if (moment := start.astimezone(timezone.utc)) > now)

    def __str__(self) -> str:
        return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in self.windows)


@lru_cache(maxsize=1024)
def parse(text: str) -> CallTimes | None:
    """ "09:00-12:00, 18:00-20:00" as windows; ``None`` for an empty text.

    Raises ``ValueError`` that quotes what cannot be read: each window is written in 24 hours, ends after it begins and
    does not overlap the next one; ``24:00`` is the end of the day.
    """
    if not text.strip():
        return None
    windows = sorted(_window(part) for part in re.split("[,;]", text))
    if len(windows) > MOST:
        raise ValueError(f"{text!r} has more than {MOST} windows.")
    for (_, end), (start, _) in pairwise(windows):
        if start < end:
            raise ValueError(f"In {text!r}, {_clock(start)} lies within the window before it.")
    return CallTimes(tuple(windows))


def check(text: str) -> None:
    """``parse`` for a form; raises ``ValidationError``."""
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _window(text: str) -> tuple[int, int]:
    found = _WINDOW.fullmatch(text)
    if not found:
        raise ValueError(f"{text.strip()!r} is not written like 09:00-12:00.")
    hours, minutes, end_hours, end_minutes = map(int, found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if not start < end <= 24 * 60:
        raise ValueError(f"{text.strip()!r} does not end after it begins, on the same day.")
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
