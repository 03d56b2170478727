"""``manage.py comms_backtest promises|delays FILE``: tries arrival dates and delay notices on a shop's own past."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms import zones
from ecommerce_comms.backtest import delays, lines, page, promises, reading
from ecommerce_comms.backtest.learning import Engine
from ecommerce_comms.backtest.memory import peak_megabytes
from ecommerce_comms.backtest.methods import LaneTable
from ecommerce_comms.backtest.reading import Past, Place
from ecommerce_comms.backtest.span import Span, span
from ecommerce_comms.exceptions import CommsError, HistoryError
from ecommerce_comms.histories.progress import Progress, stoppable

INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended: 128 and the number of the signal."""
_SHOWN_ROWS = 10


class Kind(NamedTuple):
    """One thing that can be tried."""

    about: str
    measure: Callable[[Past, Span, Progress], Any]
    lines: Callable[[Any], list[str]]
    page: Callable[[Any], str]


def _promises(past: Past, days: Span, progress: Progress) -> promises.Promises:
    return promises.measure(past, days, {"engine": Engine(past.parcels), "lane_table": LaneTable()}, progress)


def _delays(past: Past, days: Span, progress: Progress) -> delays.Delays:
    return delays.measure(past, days, Engine(past.parcels), progress)


KINDS = {
    "promises": Kind("the date that would have been told when each order was placed", _promises, lines.of_promises, page.of_promises),
    "delays": Kind("the notices that would have told of a late parcel", _delays, lines.of_delays, page.of_delays),
}


class Command(BaseCommand):
    """Reads, walks and reports."""

    help = (
        "Walks through a history of orders (CSV, or CSV in gzip) day by day, each day with nothing but what had happened before it, "
        "and measures what would have been told to customers. It reads and writes no table of the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to try, on what, and where its days begin and end."""
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="|".join(KINDS))
        for name, kind in KINDS.items():
            one = kinds.add_parser(name, help=kind.about, description=f"Measures {kind.about}.")
            one.add_argument("file", type=Path, metavar="FILE", help="the history: one row an order")
            one.add_argument("--from", dest="since", metavar="DATE", help="the first day to measure (default: a third into the orders)")
            one.add_argument("--until", metavar="DATE", help="the last day (default: the last whose orders had time to arrive)")
            one.add_argument("--time-zone", metavar="NAME", help="where days are counted (default: each time as it is written)")
            one.add_argument("--country", default="", metavar="CC", help="country of the destinations, for public holidays")
            one.add_argument("--json", action="store_true", help="print the figures as JSON, and no progress")
            one.add_argument("--report", type=Path, metavar="FILE.html", help="write a page with plots")
            one.add_argument("--quiet", action="store_true", help="show no progress")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        began = time.monotonic()
        kind = KINDS[options["kind"]]
        _check_report(options["report"], options["file"])
        try:
            past = reading.read(options["file"], _place(options))
            self._tell_bad(past)
            days = span(past, _day("--from", options["since"]), _day("--until", options["until"]))
            found = self._measured(kind, past, days, quiet=options["quiet"] or options["json"])
        except HistoryError as error:
            raise CommandError(error.detail) from None
        except CommsError as error:
            raise CommandError(str(error)) from None
        found.seconds = time.monotonic() - began
        if options["report"]:
            _write(options["report"], kind.page(found))
        self.stdout.write(json.dumps(found.to_json()) if options["json"] else "\n".join([*kind.lines(found), "", _cost(found.seconds)]))

    def _measured(self, kind: Kind, past: Past, days: Span, *, quiet: bool) -> Any:
        progress = Progress(sys.stderr, promises.orders_of(past, days), 0, quiet=quiet, unit="orders")
        try:
            with stoppable(progress):
                return kind.measure(past, days, progress)
        except KeyboardInterrupt:
            self.stderr.write("Stopped; nothing was measured.")
            raise SystemExit(INTERRUPTED) from None
        finally:
            progress.done()

    def _tell_bad(self, past: Past) -> None:
        for line, reason in past.bad[:_SHOWN_ROWS]:
            self.stderr.write(f"line {line}: {reason}")
        if past.bad:
            self.stderr.write(f"{len(past.bad):,} rows cannot be used and are left out; {len(past.parcels):,} orders are read.")


def _place(options: dict[str, Any]) -> Place:
    name, country = options["time_zone"], options["country"]
    if name and not zones.is_zone(name):
        raise CommandError(f"--time-zone: there is no time zone {name!r}.")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise CommandError(f"--country: {country!r} is not a country's two letters such as BR.")
    return Place(zone=zones.zone(name) if name else None, country=country.upper())


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"{option}: {text!r} is not a date such as 2018-05-14.") from None


def _check_report(report: Path | None, history: Path) -> None:
    """Find out now, and not after the walk, that the page has no place."""
    if report is not None and (report.resolve() == history.resolve() or report.is_dir() or not report.absolute().parent.is_dir()):
        raise CommandError(f"--report: {report} cannot be written there; name a file in a folder that exists.")


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--report: {report} cannot be written: {error.strerror or error}.") from None


def _cost(seconds: float) -> str:
    memory = peak_megabytes()
    return f"{seconds:,.1f} seconds" + (f", {memory:,.0f} MB of memory at most." if memory else ".")
