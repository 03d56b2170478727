"""Days and countries in words, for shopkeepers."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# What Babel names besides countries: the unknown region, two that exist for trying out only, and unions.
NO_COUNTRY = frozenset({"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"})


def week(digits: str) -> str:
    """``"12345"`` as "Mon–Fri", ``"136"`` as "Mon, Wed, Sat"."""
    days = sorted({int(digit) for digit in digits if digit in "1234567"})
    if not days:
        return _("never")
    runs: list[list[int]] = []
    for number in days:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


@lru_cache
def is_currency(code: str) -> bool:
    """Whether ``code`` is one of ISO 4217, in capitals: "INR", not "RUP"."""
    return code in Locale("en").currencies


def day(value: date) -> str:
    """``Thu 3 Dec``."""
    return date_format(value, "D j M")


def moment(value: datetime) -> str:
    """``Thu 3 Dec, 14:00``, by its own clock."""
    return f"{day(value.date())}, {time_format(value, 'H:i')}"


def days(count: tuple[int, int]) -> str:
    """``(2, 4)`` as "2 to 4", ``(2, 2)`` as "2"."""
    fast, slow = count
    return str(fast) if fast == slow else _("%(fast)s to %(slow)s") % {"fast": fast, "slow": slow}


def span(first: date, last: date) -> str:
    """``Thu 3 Dec to Sat 5 Dec``; one day if they are the same."""
    return day(first) if first == last else _("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}


def time_left(seconds: int) -> str:
    """``7860`` as "2 h 10 min"."""
    minutes = seconds // 60
    hours, minutes = divmod(minutes, 60)
    whole_days, hours = divmod(hours, 24)
    parts = [(whole_days, _("%(n)s d")), (hours, _("%(n)s h")), (minutes, _("%(n)s min"))]
    told = [text % {"n": number} for number, text in parts if number]
    return " ".join(told[:2]) or _("less than a minute")


def country(code: str) -> str:
    """The country's name in the language that is active; the code itself if there is none."""
    return countries().get(code.upper(), code)


def countries() -> dict[str, str]:
    """Names of all countries by their two letters, in the order of the alphabet."""
    names = _locale().territories
    known = {code: str(name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY}
    return dict(sorted(known.items(), key=lambda pair: pair[1].casefold()))


def country_of_zone(time_zone: str) -> str:
    """The country in which ``time_zone`` lies, ``IN`` for Asia/Kolkata; empty if it is none's."""
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    known = territories.get(time_zone) or territories.get(aliases.get(time_zone, ""), "")
    return str(known) if known and known not in NO_COUNTRY and len(known) == 2 else ""


@lru_cache(maxsize=1)
def _zones_of_countries() -> dict[str, str]:
    """The zone of each country that has only one, whatever it was called in the past."""
    aliases = get_global("zone_aliases")
    found: dict[str, set[str]] = {}
    for name, code in get_global("zone_territories").items():
        found.setdefault(str(code), set()).add(str(aliases.get(name, name)))
    return {code: names.pop() for code, names in found.items() if len(names) == 1}


def zone_of_country(code: str) -> str:
    """The time zone of a country that has only one, ``Asia/Dhaka`` for BD; empty for all others."""
    return _zones_of_countries().get(code.strip().upper(), "")


def _run(run: list[int]) -> str:
    first, last = (str(WEEKDAYS_ABBR[number - 1]) for number in (run[0], run[-1]))
    if len(run) == 1:
        return first
    return f"{first}, {last}" if len(run) == 2 else f"{first}–{last}"


def _locale() -> Locale:
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")
