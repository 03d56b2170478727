"""Where on a line a number or a day stands, and which of them are written beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_SAME = 1e-9
"""Numbers that differ by less than this part are told as one."""
_MANY = 92
"""A span of more days than these is told by months."""

Tick = tuple[float, str]
"""A value, and what is written there."""


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, drawn from ``start`` to ``end`` in units of the picture; ``ticks`` have names."""

    low: float
    high: float
    ticks: Sequence[Tick]
    start: float = 0.0
    end: float = 1.0

    def at(self, value: float) -> float:
        """Where ``value`` stands; what lies outside stands at the edge."""
        part = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1.0)
        return self.start + part * (self.end - self.start)

    def drawn(self, start: float, end: float) -> Axis:
        """The same axis between two places of the picture."""
        return Axis(self.low, self.high, self.ticks, start, end)


def number_axis(values: Sequence[float], *, count: int = 5, from_zero: bool = False) -> Axis:
    """An axis for ``values`` with about ``count`` ticks at round numbers, which also are its ends."""
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= _SAME * max(1.0, abs(low), abs(high)):
        low, high = (low, low + 1.0) if from_zero else (low - 1.0, high + 1.0)
    step = nice_step((high - low) / max(count - 1, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    # 2.5 and its like need one digit more.
    digits += round(step, digits) != step
    ticks = [(round(number * step, 12), short(number * step, digits)) for number in range(first, last + 1)]
    return Axis(first * step, last * step, ticks)


def share_axis(values: Sequence[float] = (), *, floor: float = 0.0) -> Axis:
    """An axis for shares, in percent up to 100; it begins at ``floor``, or lower where ``values`` do."""
    low = math.floor(min((*values, floor)) * 10 + 1e-9) / 10
    step = 0.25 if low < 0.2 else 0.2 if low < 0.6 else 0.1 if low < 0.85 else 0.05
    count = math.ceil((1 - low) / step - 1e-9)
    ticks = [(1 - number * step, percent(1 - number * step)) for number in range(count, -1, -1)]
    return Axis(max(0.0, ticks[0][0]), 1.0, ticks)


def day_axis(days: Sequence[date], *, count: int = 5, name: Callable[[date], str] | None = None) -> Axis:
    """An axis from the first of ``days`` to the last, with ticks at days or at the first of months; ``name`` writes them."""
    first, last = min(days), max(days)
    by_month = (last - first).days > _MANY
    found = _months(first, last, count) if by_month else _days(first, last, count)
    write = name or (lambda day: day.strftime("%Y-%m" if by_month else "%m-%d"))
    low, high = float(first.toordinal()), float(last.toordinal())
    if low == high:
        low, high = low - 1, high + 1
    return Axis(low, high, [(float(day.toordinal()), write(day)) for day in found])


def nice_step(rough: float) -> float:
    """The round step that is not smaller than ``rough``: 1, 2, 2.5 or 5 times a power of ten.

    After Paul S. Heckbert, "Nice numbers for graph labels", Graphics Gems (1990), pages 61-63.
    """
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def short(value: float, digits: int = 0) -> str:
    """A number as an axis shows it: 12, 0.5, 1.2k, 3M."""
    for limit, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            by = 1e3 if sign == "k" else limit
            return f"{value / by:.2f}".rstrip("0").rstrip(".") + sign
    said = f"{value:.{digits}f}"
    return said.lstrip("-") if float(said) == 0 else said


def percent(value: float) -> str:
    """A share in percent, with a digit behind the point only where it tells something."""
    said = f"{value * 100:.1f}".removesuffix(".0")
    return f"{said} %"


def _days(first: date, last: date, count: int) -> list[date]:
    span = (last - first).days
    step = next((step for step in _DAYS if span / step <= count), math.ceil(span / count / 7) * 7)
    return [first + timedelta(days=number) for number in range(0, span + 1, step)]


def _months(first: date, last: date, count: int) -> list[date]:
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next((step for step in _MONTHS if (end - begin) / step <= count), _MONTHS[-1])
    begin = begin if first.day == 1 else begin + 1
    begin = -(-begin // step) * step
    return [date(month // 12, month % 12 + 1, 1) for month in range(begin, end + 1, step)]
