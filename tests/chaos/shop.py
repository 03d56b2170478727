"""The checkout that all chaos tests use: an ordinary shop's, in one transaction."""

from __future__ import annotations

from django.db import transaction

from ecommerce_comms import clock, signals
from tests.hosts.plain.models import PlainItem, PlainOrder

FACTS = {"p": "order_paid", "s": "order_shipped", "d": "order_delivered", "c": "order_cancelled"}
"""The letters with which ``PlainOrder.state`` remembers what was told of an order, and the signals that told it."""


def check_out(number: str) -> PlainOrder:
    """A customer orders; the fact is told inside the shop's own transaction."""
    with transaction.atomic():
        order = PlainOrder.objects.create(
            order_no=number, created=clock.now(), customer_name="Asha Rao", email=f"asha.{number}@customers.example", language="en",
            ship_street="7 Lake Road", ship_zip="700029", ship_city="Kolkata", ship_country="IN", grand_total=450, state="",
        )
        PlainItem.objects.create(order=order, article_no="mug", label="Mug", count=1, amount=450)
        signals.order_placed.send(sender=PlainOrder, order=order)
    return order
