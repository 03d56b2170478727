"""``manage.py comms_purge``: removes what is older than it may be."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ecommerce_comms import privacy
from ecommerce_comms.privacy.purging import days


class Command(BaseCommand):
    """Removes, and says how much."""

    help = (
        "Removes what is older than the setting RETENTION_DAYS allows, in small batches beside running workers. Nothing of an order that "
        "is still open goes, and no proof that still counts. Run it once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to do it."""
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge, and print how many rows of each kind went."""
        for name, count in privacy.purge(dry_run=options["dry_run"]).items():
            kept = f"older than {days(name)} days" if days(name) else "kept for ever"
            self.stdout.write(f"{name.replace('_', ' ')} {count} ({kept})")
