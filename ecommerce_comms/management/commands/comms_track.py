"""``manage.py comms_track``: takes carriers' scans from a CSV file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms.conf import conf
from ecommerce_comms.shipping.carriers import csvfile, receiving
from ecommerce_comms.shipping.carriers.sightings import Sighting
from ecommerce_comms.zones import is_zone, zone

SHOWN = 20
"""Lines with errors that are shown one by one."""


class Command(BaseCommand):
    """Reads, takes, counts."""

    help = (
        "Takes carriers' scans from a CSV file whose first line names its columns: tracking_number, status, occurred_at, and, if there "
        "are, carrier, detail, text, place, earliest, latest, id. Known scans are passed over, so a file may be given again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, and what it leaves unsaid."""
        parser.add_argument("file", metavar="FILE", help="the CSV file, in UTF-8; - reads what is piped in")
        parser.add_argument("--carrier", default="", help="the carrier of lines that name none")
        parser.add_argument("--zone", default="", help="time zone of times without an offset, such as Asia/Kolkata; else the shop's")
        parser.add_argument("--site", default="", help="name of the shop whose parcels alone are meant, where several share the database")
        parser.add_argument("--dry-run", action="store_true", help="only say what is wrong with the file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take what can be read; tell what cannot."""
        if options["zone"] and not is_zone(options["zone"]):
            raise CommandError(f"There is no time zone {options['zone']!r}; write it like Asia/Kolkata.")
        self._wrong = self._right = 0
        try:
            lines = csvfile.lines(_text_of(options["file"]), zone(options["zone"] or conf.time_zone), carrier=options["carrier"])
            taken = receiving.take(self._sightings(lines, options["dry_run"]), source="csv", site=options["site"])
        except (OSError, csvfile.NotReadable) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{self._right} scans read, {taken.new} new, {taken.known} known, {taken.waiting} about numbers that no parcel has."
        )
        if self._wrong:
            raise CommandError(f"{self._wrong} lines could not be taken; mend them and give the file again.")

    def _sightings(self, lines: Iterable[csvfile.Line], dry_run: bool) -> Iterator[Sighting]:
        for line in lines:
            if line.sighting is None:
                self._wrong += 1
                if self._wrong <= SHOWN:
                    self.stderr.write(f"Line {line.number}: {line.error}")
                continue
            self._right += 1
            if not dry_run:
                yield line.sighting


def _text_of(name: str) -> str:
    return csvfile.decode(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
