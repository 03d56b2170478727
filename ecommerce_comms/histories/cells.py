"""How the text in one cell of a history becomes a value. Each reader raises ``BadRow`` with what is wrong."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from math import isfinite

from ecommerce_comms.exceptions import BadRow
from ecommerce_comms.keys import MAX_LENGTH

YEARS = range(1970, 2100)
STATUSES = frozenset({"created", "approved", "processing", "invoiced", "shipped", "delivered", "canceled", "unavailable"})
CANCELLED = frozenset({"canceled", "unavailable"})
_LONGEST_TEXT = 1000
_MOST_MONEY = Decimal(10) ** 12
_MOST_ITEMS = 100_000


def reference(cell: str) -> str:
    """The shop's key of an order or a customer."""
    if not cell:
        raise BadRow("is empty")
    if len(cell) > MAX_LENGTH:
        raise BadRow(f"has {len(cell)} characters, more than {MAX_LENGTH}")
    return cell


def text(cell: str) -> str:
    """Anything, within reason."""
    if len(cell) > _LONGEST_TEXT:
        raise BadRow(f"has {len(cell)} characters, more than {_LONGEST_TEXT}")
    return cell


def moment(cell: str) -> datetime:
    """A date and time with its offset, in UTC."""
    value = wall_time(cell)
    if value.tzinfo is None:
        raise BadRow(f"has no offset from UTC: {shown(cell)}")
    return value.astimezone(timezone.utc)


def wall_time(cell: str) -> datetime:
    """A date and time as it is written: with the offset that it has, or none; a date alone is its first moment."""
    if not cell:
        raise BadRow("is empty")
    try:
        value = datetime.fromisoformat(cell)
    except ValueError:
        raise BadRow(f"is not a date and time: {shown(cell)}") from None
    if value.year not in YEARS:
        raise BadRow(f"is not in the years {YEARS.start} to {YEARS.stop - 1}: {shown(cell)}")
    return value


def wall_time_or_none(cell: str) -> datetime | None:
    """Like ``wall_time``; an empty cell means that it has not happened."""
    return wall_time(cell) if cell else None


def moment_or_none(cell: str) -> datetime | None:
    """Like ``moment``; an empty cell means that it has not happened."""
    return moment(cell) if cell else None


def day_or_none(cell: str) -> date | None:
    """A date; an empty cell means none."""
    if not cell:
        return None
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        raise BadRow(f"is not a date: {shown(cell)}") from None
    if value.year not in YEARS:
        raise BadRow(f"is not in the years {YEARS.start} to {YEARS.stop - 1}: {shown(cell)}")
    return value


def money_or_none(cell: str) -> Decimal | None:
    """An amount that is not negative; an empty cell means unknown."""
    if not cell:
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise BadRow(f"is not an amount: {shown(cell)}") from None
    if not value.is_finite() or not 0 <= value < _MOST_MONEY:
        raise BadRow(f"is not an amount of money: {shown(cell)}")
    return value


def count(cell: str) -> int:
    """How many; an empty cell means one."""
    try:
        value = int(cell or "1")
    except ValueError:
        raise BadRow(f"is not a whole number: {shown(cell)}") from None
    if not 1 <= value <= _MOST_ITEMS:
        raise BadRow(f"is not a number of items: {shown(cell)}")
    return value


def number_or_none(cell: str) -> float | None:
    """A number such as a weight or a degree; an empty cell means unknown."""
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        raise BadRow(f"is not a number: {shown(cell)}") from None
    if not isfinite(value):
        raise BadRow(f"is not a number: {shown(cell)}")
    return value


def currency(cell: str) -> str:
    """An ISO 4217 code, or nothing."""
    if cell and not (len(cell) == 3 and cell.isascii() and cell.isalpha()):
        raise BadRow(f"is not a currency: {shown(cell)}")
    return cell.upper()


def status(cell: str) -> str:
    """One of ``STATUSES``."""
    if cell not in STATUSES:
        raise BadRow(f"is unknown: {shown(cell)}")
    return cell


def shown(cell: str) -> str:
    """``cell`` so that it can be printed, whatever is in it."""
    return ascii(cell if len(cell) <= 40 else f"{cell[:40]}…")
