"""Hours of the week by the clock on the wall, and the stretches of real time that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)")
_DAYS = re.compile(rf"({'|'.join(DAYS)})(?:\s*[-–]\s*({'|'.join(DAYS)}))?")
MIDNIGHT = 24 * 60


class Stretch(NamedTuple):
    """From a moment to just before another one, both in UTC."""

    start: datetime
    end: datetime


class Span(NamedTuple):
    """Minutes since midnight; past midnight if ``end`` is above 1440."""

    start: int
    end: int


Week = tuple[tuple[Span, ...], ...]
"""The spans of each day, Monday first."""
ALWAYS: Week = ((Span(0, MIDNIGHT),),) * 7


def spans(text: str) -> tuple[Span, ...]:
    """ "09:00-12:00, 18:00-20:00" as spans; none for an empty text. A span that ends before it begins goes past midnight.

    Raises ``ValueError`` for anything else.
    """
    return tuple(_span(part.strip()) for part in text.split(",") if part.strip())


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not written like 09:00-18:00.")
    hours, minutes, end_hours, end_minutes = map(int, found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if max(start, end) > MIDNIGHT or start in (end, MIDNIGHT):
        raise ValueError(f"{text!r} is no span of a day.")
    return Span(start, end if end > start else end + MIDNIGHT)


def week(value: str | Mapping[str, str]) -> Week:
    """The setting ``CALL_HOURS`` as a week: one text for every day, or a dict such as ``{"mon-fri": "09:00-18:00", "sat": "10:00-13:00"}``.

    A day that the dict does not name has no hours. Raises ``ValueError``.
    """
    if isinstance(value, str):
        return (spans(value),) * 7
    days: list[tuple[Span, ...]] = [()] * 7
    for names, text in value.items():
        for number in _days(names):
            days[number] = spans(text)
    return tuple(days)


def _days(names: str) -> Iterator[int]:
    found = _DAYS.fullmatch(names.strip().lower())
    if not found:
        raise ValueError(f"{names!r} is no day such as mon, and no days such as mon-fri.")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    return ((first + number) % 7 for number in range((last - first) % 7 + 1))


def stretches(hours: Week, zone: ZoneInfo, first: date, days: int) -> list[Stretch]:
    """When ``hours`` are, by the clock of ``zone``, on ``days`` days from ``first`` on; in order, those that touch made one."""
    found = (
        Stretch(_moment(day, span.start, zone), _moment(day, span.end, zone))
        for day in (first + timedelta(days=number) for number in range(days)) for span in hours[day.weekday()]
    )
    return _joined(each for each in sorted(found) if each.start < each.end)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day + timedelta(days=minutes // MIDNIGHT), time(minutes % MIDNIGHT // 60, minutes % 60), zone)
    return local.astimezone(timezone.utc)


def _joined(ordered: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for each in ordered:
        if joined and each.start <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def both(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """What lies in ``some`` and in ``others``, in order."""
    found = (Stretch(max(one.start, other.start), min(one.end, other.end)) for one in some for other in others)
    return sorted(each for each in found if each.start < each.end)
