"""Times as carriers write them, read so that nothing they write can fail.

What has an offset is believed. What has none is wall time in the zone that the account names, or else the shop's; of a time that
a clock shows twice the first is meant (``fold=0``), and one that it skips is moved on by the hour that was skipped. Times without
an offset, and times yet to come, are marked as unsure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

EARLIEST = datetime(2000, 1, 1, tzinfo=timezone.utc)
AHEAD = timedelta(minutes=5)
"""Clocks of others may be fast by so much."""
MILLISECONDS_FROM = 10**11
"""Seconds reach this number in the year 5138; a larger one counts milliseconds."""
_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M",
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%d %b %Y", "%b %d, %Y %H:%M:%S", "%b %d, %Y %H:%M", "%b %d, %Y",
)
"""Forms without an offset in which day and month cannot be taken for each other."""
_MAIL = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC)")
"""Of zones by name only these two mean one thing: EST is one hour in New York and another in Sydney."""
_NUMBER = re.compile(r"-?\d{9,20}(\.\d{1,9})?")


@dataclass(frozen=True)
class Moment:
    """A time that was told."""

    at: datetime | None
    """Aware, in UTC; ``None`` if it cannot be read."""
    is_sure: bool
    raw: str
    """As it was told, at most 100 characters."""


def read(value: Any, zone: ZoneInfo) -> Moment:
    """The time ``value``: a text, or seconds or milliseconds since 1970. Never raises."""
    raw = str(value)[:100] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not raw:
        return Moment(None, False, "")
    for reader in _READERS:
        try:
            found = reader(value, raw.strip())
            if found is not None:
                return _placed(found, zone, raw)
        except (ValueError, TypeError, OverflowError, OSError, IndexError, AttributeError, KeyError):
            continue
    return Moment(None, False, raw)


def settle(moment: datetime | None, is_sure: bool, now: datetime) -> tuple[datetime, bool]:
    """When it happened as far as can be said at ``now``: not in the future, and now where nobody knows; and whether that is sure."""
    if moment is None:
        return now, False
    return (now, False) if moment > now + AHEAD else (min(moment, now), is_sure)


def read_day(value: Any) -> date | None:
    """The day that an ISO date or time begins with, at the place that it is about; ``None`` if there is none."""
    try:
        return date.fromisoformat(str(value).strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _placed(found: datetime, zone: ZoneInfo, raw: str) -> Moment:
    is_sure = found.tzinfo is not None
    # Via UTC and back a wall time that was skipped becomes the one an hour later.
    at = (found if is_sure else found.replace(tzinfo=zone, fold=0)).astimezone(timezone.utc)
    return Moment(at, is_sure, raw) if at >= EARLIEST else Moment(None, False, raw)


def _number(value: Any, text: str) -> datetime | None:
    if isinstance(value, str) and not _NUMBER.fullmatch(text):
        return None
    if len(text) == 14 and text[:2] in ("19", "20"):
        return None  # 20260302103000
    seconds = float(text)
    if not math.isfinite(seconds):
        return None
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds, tz=timezone.utc)


def _iso(value: Any, text: str) -> datetime | None:
    return datetime.fromisoformat(text) if len(text) >= 10 and text[4:5] == "-" else None


def _plain(value: Any, text: str) -> datetime | None:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _mail(value: Any, text: str) -> datetime | None:
    """As mails and HTTP write it: ``Mon, 02 Mar 2026 10:30:00 +0530``."""
    return parsedate_to_datetime(text) if _MAIL.fullmatch(text) else None


_READERS: tuple[Callable[[Any, str], datetime | None], ...] = (_number, _iso, _plain, _mail)
