"""``manage.py comms_replay FILE``: plays a history of real orders through the app."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms import zones
from ecommerce_comms.exceptions import DeliveryError, HistoryError
from ecommerce_comms.histories.progress import Progress, stoppable
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.replay import history, plan, sending
from ecommerce_comms.replay.facts import World
from ecommerce_comms.replay.history import PastOrder
from ecommerce_comms.replay.player import play
from ecommerce_comms.replay.report import report
from ecommerce_comms.replay.selection import Selection, first_moment, last_moment

INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended: 128 and the number of the signal."""


class Command(BaseCommand):
    """Reads, selects, plays and reports."""

    help = (
        "Plays a history of orders (CSV, or CSV in gzip) in true time order, under a clock of its own and through the same path "
        "as a live shop: facts, promises, delays, follow-ups and mails. What was played before is not played again, so a run that "
        "was stopped goes on when the same command is run once more. Use a database of its own for it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to play, where its customers live, and where the mails go."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the history: one row an order")
        parser.add_argument("--from", dest="since", metavar="DATE", help="only orders placed on this day or later")
        parser.add_argument("--until", metavar="DATE", help="only orders placed on this day or earlier")
        parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N of these orders")
        parser.add_argument("--backend", help=f"{', '.join(sending.BACKENDS)} or the dotted path of a message backend (default: email)")
        parser.add_argument("--smtp", type=_server, metavar="HOST:PORT", help="send over this mail server, without login")
        parser.add_argument("--language", default=World.language, help="language of customers whose row names none (%(default)s)")
        parser.add_argument("--country", default=World.country, help="country of the destinations (%(default)s)")
        parser.add_argument("--time-zone", default=World.time_zone, help="where a promised day begins and ends (%(default)s)")
        parser.add_argument("--email-domain", default=World.email_domain, help="domain of customers whose row has no address (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--quiet", action="store_true", help="show no progress; without a terminal it is shown only with --verbosity 2")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the file and print the report."""
        if options["smtp"] and options["backend"] not in (None, "smtp"):
            raise CommandError("--smtp says where mails go; it does not go together with another --backend.")
        backend = options["backend"] or ("smtp" if options["smtp"] else "email")
        began = time.monotonic()
        selection = _selection(options)
        try:
            past = history.read(options["file"])
        except HistoryError as error:
            raise CommandError(error.detail) from None
        for line, reason in past.bad:
            self.stderr.write(f"line {line}: {reason}")
        orders = selection.of(past.orders)
        with sending.settings_changed(sending.chosen(backend, options["smtp"])):
            _try_backend()
            self._play(orders, options)
        found = report(orders, bad_rows=len(past.bad), seconds=time.monotonic() - began)
        self.stdout.write(json.dumps(found.to_json()) if options["json"] else "\n".join(found.lines()))

    def _play(self, orders: list[PastOrder], options: dict[str, Any]) -> None:
        world = World(**{name: options[name] for name in ("language", "country", "time_zone", "email_domain")})
        todo = plan.make(orders, world.time_zone)
        if todo is None:
            return
        quiet = options["quiet"] or not (self.stderr.isatty() or options["verbosity"] > 1)
        progress = Progress(options.get("stderr") or sys.stderr, len(todo.waiting) + todo.told, todo.told, quiet=quiet)
        try:
            with stoppable(progress):
                finished = play(todo, world, progress)
        except KeyboardInterrupt:
            finished = False
        finally:
            progress.done()
        if not finished:
            day = f" on {progress.moment:%d %B %Y} of the story" if progress.moment else ""
            self.stderr.write(f"Stopped{day}. Run the same command again to go on from there.")
            raise SystemExit(INTERRUPTED)


def _selection(options: dict[str, Any]) -> Selection:
    zone = zones.zone(options["time_zone"])
    if zone.key != options["time_zone"]:
        raise CommandError(f"--time-zone: there is no time zone {options['time_zone']!r}.")
    selection = Selection(
        since=_bound("--from", options["since"], first_moment, zone),
        until=_bound("--until", options["until"], last_moment, zone),
        limit=options["limit"],
    )
    if selection.since and selection.until and selection.since > selection.until:
        raise CommandError("--from is later than --until.")
    return selection


def _bound(option: str, text: str | None, read: Callable[[str, ZoneInfo], Any], zone: ZoneInfo) -> Any:
    try:
        return read(text, zone) if text else None
    except (ValueError, OverflowError):
        raise CommandError(f"{option}: {text!r} is not a date such as 2018-05-14, nor a date and time.") from None


def _try_backend() -> None:
    """Find out now, and not a hundred thousand mails later, that there is nobody to take them."""
    try:
        backend = get_backend("email")
        backend.open()
        backend.close()
    except DeliveryError as error:
        hint = "Say where the mail server is with --smtp HOST:PORT, or send nothing with --backend null."
        raise CommandError(f"The mails cannot be sent. {error.detail} {hint}") from None
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def _server(text: str) -> tuple[str, int]:
    try:
        return sending.server(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
