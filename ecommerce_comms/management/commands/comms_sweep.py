"""``manage.py comms_sweep``: one sweep, then exit; for cron, or beside a broker that is down."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from ecommerce_comms import sweeper


class Command(BaseCommand):
    """Run one sweep."""

    help = "Process what was left to do, send what is due, then exit. Needs no broker; safe to run beside workers."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was done."""
        swept = asdict(sweeper.sweep_now())
        self.stdout.write(", ".join(f"{name} {count}" for name, count in swept.items()))
