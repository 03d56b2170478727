"""``manage.py comms_export``: everything that is kept of one person."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms import privacy
from ecommerce_comms.exceptions import AmbiguousPerson, UnknownPerson


class Command(BaseCommand):
    """Finds, collects and writes."""

    help = (
        "Writes everything that is kept of one person as JSON: orders with their events, promises and parcels, messages with what they "
        "said, consents with their proof. Make sure first that whoever asks is that person."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and where to."""
        parser.add_argument("person", metavar="EMAIL_OR_PHONE_OR_ACCOUNT", help="address, phone number or the shop's key of an account")
        parser.add_argument("--output", default="-", metavar="FILE", help="a new file that only you may read; - for the terminal (default)")
        parser.add_argument("--force", action="store_true", help="replace FILE if there is one")
        parser.add_argument("--format", choices=["json"], default="json", help="only json today")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the person's data."""
        try:
            found = privacy.export(options["person"])
        except (UnknownPerson, AmbiguousPerson) as error:
            raise CommandError(str(error)) from None
        text = json.dumps(found, indent=2, ensure_ascii=False)
        if options["output"] == "-":
            self.stdout.write(text)
            return
        try:
            _write(Path(options["output"]), text, replace=options["force"])
        except FileExistsError:
            raise CommandError(f"{options['output']} exists already. Name another file, or replace it with --force.") from None
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from None
        self.stderr.write(f"{len(found['orders'])} orders and {len(found['messages'])} messages are in {options['output']}.")


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that nobody else may read, whole or not at all. Raises ``FileExistsError`` rather than ``replace`` one."""
    target = path.with_name(f".{path.name}.{token_hex(4)}") if replace else path
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(file, "wb") as opened:
            # JSON writes what UTF-8 cannot, half of a surrogate pair, in the same way as Python does.
            opened.write(text.encode("utf-8", "backslashreplace") + b"\n")
        if replace:
            target.replace(path)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
