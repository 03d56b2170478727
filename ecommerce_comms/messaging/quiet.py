"""Quiet hours: whether it is night somewhere, and when the night ends there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

_FORM = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)\s*")
SHORTEST_DAY = timedelta(hours=1)
"""What waited for the night to end is spread over a while, so the day must be longer than that."""


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` to just before ``end`` by the clock on the wall, past midnight if ``end`` is the earlier one."""

    start: time
    end: time

    def ends_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the night that is in ``zone`` at ``now`` ends there, in UTC; ``None`` if it is day."""
        local = now.astimezone(zone)
        clock = local.time()
        past_midnight = self.start > self.end
        if not (clock >= self.start or clock < self.end if past_midnight else self.start <= clock < self.end):
            return None
        day = local.date() + timedelta(days=past_midnight and clock >= self.start)
        # Where clocks are put back an hour comes twice; the night ends with the first time that is still ahead.
        ends = (datetime.combine(day, self.end.replace(fold=fold), zone).astimezone(timezone.utc) for fold in (0, 1))
        return next((end for end in ends if end > now), now + timedelta(hours=1))


@lru_cache(maxsize=8)
def parse(text: str) -> QuietHours | None:
    """ "21:00-08:00" as quiet hours; ``None`` for an empty text. Raises ``ValueError`` for anything else, and if the day is too short."""
    if not text.strip():
        return None
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not written like 21:00-08:00.")
    hours, minutes, end_hours, end_minutes = map(int, found.groups())
    day = timedelta(hours=hours - end_hours, minutes=minutes - end_minutes) % timedelta(days=1)
    if day < SHORTEST_DAY:
        raise ValueError(f"{text!r} leaves less than an hour of day.")
    return QuietHours(time(hours, minutes), time(end_hours, end_minutes))
