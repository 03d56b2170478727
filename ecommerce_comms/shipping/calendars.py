"""Working days: which days count, and how to count them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import ModuleType

from ecommerce_comms.exceptions import CommsError

holidays: ModuleType | None
try:
    import holidays
except ImportError:  # the extra "estimates" is not installed: only the shop's own closed days count
    holidays = None

MAX_DAYS = 3000
"""No count goes further than this many days: a calendar that is never open ends in an error, not in a hung process."""
MAX_YEARS = MAX_DAYS // 365 + 1
EVERY_DAY = frozenset(range(1, 8))
_DAY = timedelta(days=1)
_ALMOST = 1e-9
"""Sums of shares of a day fall short of a whole one by less than this."""

Slowdown = Callable[[date], float]
"""How many times as long everything takes on a day; 1 on a usual one."""


class NoOpenDay(CommsError, ValueError):
    """The calendar has no open day within reach."""


@dataclass(frozen=True)
class Calendar:
    """The days on which something moves: some weekdays, without the closed days."""

    weekdays: frozenset[int] = EVERY_DAY
    """1 is Monday, 7 is Sunday."""
    closed: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether something moves on ``day``."""
        return day.isoweekday() in self.weekdays and day not in self.closed

    def next_open(self, day: date) -> date:
        """``day`` itself if it is open, else the first open day after it. Raises ``NoOpenDay``."""
        return self.add_open_days(day, 0)

    def add_open_days(self, day: date, n: int, slowdown: Slowdown | None = None) -> date:
        """The ``n``-th open day after ``day``; for 0 the first open day from ``day`` on. Raises ``NoOpenDay``.

        An open day on which everything takes twice as long counts as half a day, so a later start never ends earlier.
        """
        day, wanted = (day - _DAY, 1.0) if n == 0 else (day, float(n))
        for _step in range(MAX_DAYS):
            day += _DAY
            if self.is_open(day):
                wanted -= 1 / slowdown(day) if slowdown and n else 1
                if wanted < _ALMOST:
                    return day
        raise NoOpenDay(f"{n} open days after {day - MAX_DAYS * _DAY} are more than {MAX_DAYS} days away.")


def weekdays(digits: str) -> frozenset[int]:
    """``"12345"`` as a set of weekdays; whatever is not a weekday's digit is ignored."""
    return frozenset(int(digit) for digit in digits if digit in "1234567")


def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays of ``country``, and of ``region`` where it is known by that name; empty without the ``holidays`` package."""
    return frozenset(holiday_names(country, region, year))


@lru_cache(maxsize=4096)
def holiday_names(country: str, region: str, year: int) -> dict[date, str]:
    """The public holidays with their names in the country's own language. Not to be changed: all callers share it."""
    if holidays is None or not country:
        return {}
    code = region_code(country, region)
    for subdivision in (code, None) if code else (None,):
        try:
            return dict(holidays.country_holidays(country, subdiv=subdivision, years=year))
        except (NotImplementedError, ValueError):  # a country or a region that the package does not know
            continue
    return {}


@lru_cache(maxsize=4096)
def region_code(country: str, region: str) -> str:
    """The short code of a region that is written as code or name ("WB", "West Bengal"), in capitals; ``region`` itself if unknown."""
    name = region.strip()
    return _regions(country).get(name.casefold(), name).upper()


def is_region(country: str, region: str) -> bool:
    """Whether the ``holidays`` package knows a region of ``country`` by this code or name."""
    return region.strip().casefold() in _regions(country)


@lru_cache(maxsize=512)
def _regions(country: str) -> dict[str, str]:
    """Codes by every name in which the ``holidays`` package knows the regions of ``country``."""
    if holidays is None or not country:
        return {}
    try:
        known = holidays.country_holidays(country)
    except (NotImplementedError, ValueError):
        return {}
    names = {str(name).casefold(): str(code) for name, code in known.subdivisions_aliases.items()}
    return names | {str(code).casefold(): str(code) for code in known.subdivisions}
