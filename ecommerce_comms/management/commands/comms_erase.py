"""``manage.py comms_erase``: forgets one person."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms import privacy
from ecommerce_comms.exceptions import AmbiguousPerson, UnknownPerson
from ecommerce_comms.masking import masked
from ecommerce_comms.privacy.erasing import Erased, preview
from ecommerce_comms.privacy.subjects import Person, find


class Command(BaseCommand):
    """Finds, shows, asks and erases."""

    help = (
        "Erases what tells who one person is from every table of the app, and ends their consents. Orders stay with their numbers, dates "
        "and amounts. It cannot be undone; comms_export writes down beforehand what there is. What your own tables hold is yours to erase."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and whether to ask."""
        parser.add_argument("person", metavar="EMAIL_OR_PHONE_OR_ACCOUNT", help="address, phone number or the shop's key of an account")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--dry-run", action="store_true", help="only show what would be erased")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase the person's data."""
        try:
            person = find(options["person"])
        except (UnknownPerson, AmbiguousPerson) as error:
            raise CommandError(str(error)) from None
        self._show(person)
        if options["dry_run"]:
            return
        if not options["yes"] and not self._is_sure():
            raise CommandError("Nothing was erased.")
        erased = privacy.erase(options["person"])
        self.stdout.write(f"Erased: {_counted(erased)}.")

    def _show(self, person: Person) -> None:
        for customer in person.customers:
            account = f"account {customer.reference}" if customer.reference else "guest"
            reached = ", ".join(filter(None, map(masked, (customer.email, customer.phone))))
            self.stdout.write(f"{account}, {reached}, known since {customer.created_at:%Y-%m-%d}")
        self.stdout.write(f"Found: {_counted(preview(person))}.")

    def _is_sure(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to be asked; add --yes to erase without a question.")
        return input("It cannot be undone. Type yes to erase all of it: ").strip().lower() == "yes"


def _counted(erased: Erased) -> str:
    found = [f"{count} {name.replace('_', ' ')}" for name, count in erased.to_json().items() if count]
    return ", ".join(found) or "nothing that tells who it is"
