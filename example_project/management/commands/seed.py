"""``manage.py seed``: fill the shop's shelves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from example_project.shop.models import Product
from example_project.shop.seed import seed
from example_project.translations import compile_messages


class Command(BaseCommand):
    """Products, people and shipping options; a second run changes nothing."""

    help = "Fills the shop: products, people, shipping options. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile the translations and add what is missing."""
        compile_messages()
        seed()
        if options["verbosity"]:
            self.stdout.write(f"The shop is ready: {Product.objects.count()} products on the shelves.")
