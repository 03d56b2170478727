"""Reads a CSV file row by row, plain or gzipped, and sorts out the rows that cannot be used."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ecommerce_comms.exceptions import BadRow, HistoryError

Readers = Mapping[str, Callable[[str], Any]]
"""Name of a column and what reads its cells; a reader raises ``BadRow``."""
Named = dict[str, Any]
"""One row: the value of each column that has a reader."""

_GZIP = b"\x1f\x8b"
_MOST_LINES = 20
"""A quoted cell may run over several lines, but a quotation mark that is never closed must not swallow the file."""


class BadLine(NamedTuple):
    """A row that cannot be used, and why."""

    line: int
    reason: str


def read(path: Path, needed: Iterable[str], readers: Readers, take: Callable[[Named], None]) -> list[BadLine]:
    """Give each row of the file at ``path`` to ``take`` and return those that are bad, ``take`` raising ``BadRow`` among them.

    ``needed`` are the columns that must be there; others than those of ``readers`` are ignored. Raises ``HistoryError`` if
    the file is none.
    """
    try:
        # Bytes that are not UTF-8 are let through here and found in their row.
        with path.open("rb") as raw, io.TextIOWrapper(_plain(raw), encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            return _read_rows(_records(lines), needed, readers, take)
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


def _read_rows(
    records: Iterator[tuple[int, list[str] | BadRow]], needed: Iterable[str], readers: Readers, take: Callable[[Named], None],
) -> list[BadLine]:
    _, header = next(records, (0, []))
    if not header:
        raise HistoryError("The file is empty.")
    columns = [] if isinstance(header, BadRow) else [name.strip() for name in header]
    if missing := [name for name in needed if name not in columns]:
        raise HistoryError(f"The file has no column {', '.join(missing)}.")
    bad = []
    for line, row in records:
        try:
            take(_named(columns, row, readers))
        except BadRow as error:
            bad.append(BadLine(line, error.detail))
    return bad


def _named(columns: list[str], row: list[str] | BadRow, readers: Readers) -> Named:
    if isinstance(row, BadRow):
        raise row
    if len(row) != len(columns):
        raise BadRow(f"has {len(row)} columns instead of {len(columns)}")
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
    for name, cell in cells.items():
        if "\0" in cell:
            raise BadRow(f"{name} has a NUL character")
        if not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell):
            raise BadRow(f"{name} is not UTF-8")
    return {name: _value(name, cells[name], reader) for name, reader in readers.items() if name in cells}


def _value(name: str, cell: str, reader: Callable[[str], Any]) -> Any:
    try:
        return reader(cell)
    except BadRow as error:
        raise BadRow(f"{name} {error.detail}") from None
