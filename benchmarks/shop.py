"""The checkout of the shop: a transaction of two queries, in which the order may be told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from datetime import time as time_of_day

from django.db import transaction

from tests.hosts.plain.models import PlainItem, PlainOrder

LINES = [("mug", "Blue mug", 2, 900), ("tea", "Darjeeling tea, 250 g", 1, 540), ("pot", "Teapot", 1, 450)]
DAYS = 3, 5
"""How many days after the order the parcel is promised to come, from and until."""


def check_out(number: str, tell: Callable[[PlainOrder], object] | None) -> tuple[int, float]:
    """Place the order ``number`` and ``tell`` it.

    Returns when it was committed, in nanoseconds of ``CLOCK_MONOTONIC``, which all processes of a machine share, and how
    many seconds the customer waited, with all that followed the commit.
    """
    committed: list[int] = []
    start = time.perf_counter()
    with transaction.atomic():
        # The first hook, so that it runs before those of the way that is measured.
        transaction.on_commit(lambda: committed.append(time.monotonic_ns()))
        order = save(number)
        if tell is not None:
            tell(order)
    return committed[0], time.perf_counter() - start


def save(number: str, now: datetime | None = None) -> PlainOrder:
    """Keep an order of three lines, placed ``now`` and promised to come in three to five days."""
    now = now or datetime.now(timezone.utc)
    earliest, latest = (now.date() + timedelta(days=days) for days in DAYS)
    order = PlainOrder.objects.create(
        order_no=number, created=now, customer_name="Asha Rao", email=f"asha.{number}@customers.example", language="en",
        ship_street="7 Lake Road", ship_zip="700029", ship_city="Kolkata", ship_country="IN", grand_total=1890,
        expected_from=earliest, expected_until=datetime.combine(latest, time_of_day(12), timezone.utc),
    )
    # Three rows in one query, whatever the database.
    lines = [PlainItem(order=order, article_no=sku, label=label, count=count, amount=amount) for sku, label, count, amount in LINES]
    PlainItem.objects.bulk_create(lines)
    order.lines_at_hand = lines
    return order
