"""``manage.py comms_learn``: learns from the shop's own deliveries now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ecommerce_comms import clock
from ecommerce_comms.shipping import learning
from ecommerce_comms.shipping.learning.words import how_good


class Command(BaseCommand):
    """Learn, and say from what."""

    help = "Learn from the shop's own deliveries how long parcels take. The sweep does this once a night; needs numpy."

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn and say what was learnt."""
        row = learning.learn(clock.now())
        if row is None:
            raise CommandError('numpy is missing. Install it: python -m pip install "django-ecommerce-comms[estimates]"')
        if not row.parcels:
            self.stdout.write("Too few parcels have left and arrived to learn from; dates come from the table of shipping options.")
            return
        self.stdout.write(f"Learnt from {row.parcels:,} parcels in {row.seconds:.1f} s. {how_good(row)}")
