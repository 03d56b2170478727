"""Reads a CSV file as merchants save it: commas, semicolons or tabs, with whatever names in its first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_BYTES = 2_000_000
MOST_LINES = 10_000
_DELIMITERS = ",;\t"
_CAREFUL = ("=", "+", "@", "-")
"""A spreadsheet takes a text that begins so for a formula."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a file cannot be taken."""

    line: int
    """As an editor counts; the names of the columns stand on line 1. 0 is the whole file."""
    column: str = ""
    says: str

    def __str__(self) -> str:
        if not self.line:
            return self.says
        place = _("Line %(line)s") % {"line": self.line}
        return f"{place}, {self.column}: {self.says}" if self.column else f"{place}: {self.says}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a file: values by the names of their columns, blanks around them taken off."""

    number: int
    values: dict[str, str]
    decimal_comma: bool = False
    """Whether numbers are likely written as "4,90": the columns are not separated by commas."""


def decode(data: bytes) -> str:
    """The text of a file. Raises ``ValueError`` with what to do, if it is too large or no UTF-8."""
    if len(data) > MOST_BYTES:
        raise ValueError(_("The file is larger than %(most)s MB. Split it.") % {"most": MOST_BYTES // 1_000_000})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        told = {"line": data[: error.start].count(b"\n") + 1}
        raise ValueError(_("Line %(line)s is not UTF-8. In your spreadsheet choose “Save as … CSV UTF-8”.") % told) from error


def read(text: str, columns: Sequence[str], required: Sequence[str]) -> tuple[list[Line], list[Problem]]:
    """The lines of ``text``, and what is wrong with the file as such. Empty lines are passed over."""
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count) if any(each in head for each in _DELIMITERS) else ","
    try:
        rows = list(_rows(text, delimiter))
    except csv.Error as error:
        return [], [Problem(line=0, says=_("This cannot be read as CSV: %(error)s.") % {"error": error})]
    if not rows:
        return [], [Problem(line=0, says=_("The file is empty."))]
    names = [name.strip().casefold() for name in rows[0][1]]
    problems = _head_problems(names, columns, required)
    if len(rows) - 1 > MOST_LINES:
        problems.append(Problem(line=0, says=_("The file has more than %(most)s lines. Split it.") % {"most": MOST_LINES}))
    if problems:
        return [], problems
    lines = []
    for number, cells in rows[1:]:
        if len(cells) > len(names) and any(cells[len(names):]):
            text_ = _("There are more values than columns. Is a text with a comma in it without quotes?")
            problems.append(Problem(line=number, says=text_))
        lines.append(Line(number=number, values=dict(zip(names, cells, strict=False)), decimal_comma=delimiter != ","))
    return lines, problems


def write(columns: Sequence[str], rows: Iterator[dict[str, str]]) -> str:
    """CSV with ``columns`` that ``read`` reads again, with a mark by which spreadsheets know that it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(row.get(name, "")) for name in columns])
    return "\ufeff" + out.getvalue()


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, [_plain(cell) for cell in cells]
        before = reader.line_num


def _head_problems(names: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> list[Problem]:
    unknown = [name for name in names if name and name not in columns]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    missing = [name for name in required if name not in names]
    texts = [
        (unknown, _("There is no column “%(name)s”. The columns are: %(known)s.")), (twice, _("The column “%(name)s” stands there twice.")),
        (missing, _("The column “%(name)s” is missing.")),
    ]
    return [Problem(line=1, says=text % {"name": name, "known": ", ".join(columns)}) for found, text in texts for name in found]


def _safe(cell: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay."""
    return f"'{cell}" if cell.startswith(_CAREFUL) and not cell[1:].replace(".", "", 1).isdigit() else cell


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_CAREFUL) else text
