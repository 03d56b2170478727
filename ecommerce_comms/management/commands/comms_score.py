"""``manage.py comms_score``: counts promises among the kept and the broken ones, without waiting for the sweeps."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ecommerce_comms.insights import scoring, tallying

STEP = 10_000


class Command(BaseCommand):
    """Scores what is due, and says how far it is."""

    help = (
        "Finds out what became of each promise whose day has passed, and adds it up for the page “Promises kept”. Sweeps do the same bit "
        "by bit; safe to run beside them, and to stop and start again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to begin anew."""
        parser.add_argument("--again", action="store_true", help="look at every promise anew, not only at those that are due")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score until nothing is due."""
        if options["again"]:
            scoring.score_again()
        done = 0
        while some := scoring.score_due(STEP):
            done += some
            self.stdout.write(f"{done:,} promises …")
        months = tallying.tally_stale(at_once=True)
        self.stdout.write(f"Looked at {done:,} promises and added up {months} months.")
