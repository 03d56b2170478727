"""Reads a history of orders from a CSV file, row by row, and sorts out what cannot be played."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ecommerce_comms.exceptions import BadRow, HistoryError
from ecommerce_comms.replay import cells

_GZIP = b"\x1f\x8b"
_MOST_LINES = 20
"""A quoted cell may run over several lines, but a quotation mark that is never closed must not swallow the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOrder:
    """One row of the history: an order and its whole life."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised_by: date | None
    status: str
    destination_postcode: str
    destination_city: str
    destination_region: str
    items: int
    value: Decimal | None
    freight: Decimal | None
    currency: str
    category: str
    email: str = ""
    phone: str = ""
    language: str = ""
    first_name: str = ""
    last_name: str = ""


READERS: dict[str, Callable[[str], Any]] = {
    "order_id": cells.reference,
    "customer_id": cells.reference,
    "ordered_at": cells.moment,
    "paid_at": cells.moment_or_none,
    "shipped_at": cells.moment_or_none,
    "delivered_at": cells.moment_or_none,
    "promised_by": cells.day_or_none,
    "status": cells.status,
    "destination_postcode": cells.text,
    "destination_city": cells.text,
    "destination_region": cells.text,
    "items": cells.count,
    "value": cells.money_or_none,
    "freight": cells.money_or_none,
    "currency": cells.currency,
    "category": cells.text,
}
"""The columns that a history must have. Others are ignored, but for these:"""

OPTIONAL_READERS: dict[str, Callable[[str], Any]] = dict.fromkeys(("email", "phone", "language", "first_name", "last_name"), cells.text)
_ALL_READERS = {**READERS, **OPTIONAL_READERS}


class BadLine(NamedTuple):
    """A row that cannot be played, and why."""

    line: int
    reason: str


@dataclass
class History:
    """What was read from a file."""

    orders: list[PastOrder] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def read(path: Path) -> History:
    """The history in the file at ``path``, plain or gzipped. Raises ``HistoryError`` if there is none in it."""
    try:
        # Bytes that are not UTF-8 are let through here and found in their row.
        with path.open("rb") as raw, io.TextIOWrapper(_plain(raw), encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            return _read_rows(_records(lines))
    except gzip.BadGzipFile:
        raise HistoryError(f"{path} is not a gzip file, although its name ends in .gz.") from None
    except (EOFError, zlib.error):
        raise HistoryError(f"{path} is damaged: its gzip data end too early or are broken.") from None
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror or error}.") from None


def _plain(raw: io.BufferedReader) -> Any:
    packed = str(raw.name).endswith(".gz") or raw.peek(2)[:2] == _GZIP
    return gzip.GzipFile(fileobj=raw) if packed else raw


def _records(lines: Iterator[str]) -> Iterator[tuple[int, list[str] | BadRow]]:
    """Each row with the number of its first line: its cells, or what is wrong with it."""
    ahead: list[str] = []
    number = 1
    while first := (ahead.pop(0) if ahead else next(lines, "")):
        taken, row = [first], _cells(first)
        while row is None and len(taken) < _MOST_LINES and (more := ahead.pop(0) if ahead else next(lines, "")):
            taken.append(more)
            row = _cells("".join(taken))
        if row is None:
            ahead = taken[1:] + ahead
            taken, row = taken[:1], BadRow("has a quotation mark that is never closed")
        if row:
            yield number, row
        number += len(taken)


def _cells(line: str) -> list[str] | BadRow | None:
    """The cells of ``line``; ``None`` if it ends within a quoted cell."""
    try:
        rows = list(csv.reader([line], strict=True))
    except csv.Error as error:
        return None if "unexpected end" in str(error) else BadRow(f"is not CSV: {error}")
    return rows[0] if rows else []


def _read_rows(records: Iterator[tuple[int, list[str] | BadRow]]) -> History:
    _, header = next(records, (0, []))
    if not header:
        raise HistoryError("The file is empty.")
    columns = [] if isinstance(header, BadRow) else [name.strip() for name in header]
    if missing := [name for name in READERS if name not in columns]:
        raise HistoryError(f"The file has no column {', '.join(missing)}.")
    history, seen = History(), set[str]()
    for line, row in records:
        try:
            order = _order(columns, row)
            if order.order_id in seen:
                raise BadRow(f"order_id {cells.shown(order.order_id)} stands in the file twice")
        except BadRow as error:
            history.bad.append(BadLine(line, error.detail))
        else:
            seen.add(order.order_id)
            history.orders.append(order)
    return history


def _order(columns: list[str], row: list[str] | BadRow) -> PastOrder:
    if isinstance(row, BadRow):
        raise row
    if len(row) != len(columns):
        raise BadRow(f"has {len(row)} columns instead of {len(columns)}")
    named = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
    for name, cell in named.items():
        if "\0" in cell:
            raise BadRow(f"{name} has a NUL character")
        if not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell):
            raise BadRow(f"{name} is not UTF-8")
    return PastOrder(**{name: _value(name, named[name], reader) for name, reader in _ALL_READERS.items() if name in named})


def _value(name: str, cell: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(cell)
    except BadRow as error:
        raise BadRow(f"{name} {error.detail}") from None
