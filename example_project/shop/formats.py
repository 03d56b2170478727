"""Money, days and windows as people of each language write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

LOCALES = {"hi": "hi_IN", "bn": "bn_IN"}


def locale() -> str:
    """Babel's name of the language that is active."""
    return LOCALES.get((get_language() or "en")[:2], "en_IN")


def money(amount: Decimal | int) -> str:
    """``₹1,290``: no paise where there are none."""
    whole = amount == int(amount)
    pattern = "¤#,##,##0" if whole else "¤#,##,##0.00"
    return format_currency(amount, settings.CURRENCY, format=pattern, locale=locale(), currency_digits=False)


def day(value: date) -> str:
    """``Thu 3 Dec``."""
    return format_date(value, "EEE d MMM", locale=locale())


def moment(value: datetime) -> str:
    """``Thu 3 Dec, 14:00``, in the shop's time zone."""
    return format_datetime(timezone.localtime(value), "EEE d MMM, HH:mm", locale=locale())


def window(earliest: date | None, latest: date | None) -> str:
    """``Thu 3 – Sat 5 Dec``; empty if no date is known."""
    if latest is None:
        return ""
    if earliest is None or earliest == latest:
        return day(latest)
    same_month = (earliest.year, earliest.month) == (latest.year, latest.month)
    first = format_date(earliest, "EEE d" if same_month else "EEE d MMM", locale=locale())
    return f"{first} – {day(latest)}"
