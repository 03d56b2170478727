"""What a shop never tells must not be taken for something that never happened.

A shop whose carrier's arrivals are not told has parcels that are under way for ever; one that does not tell shipping has
orders that never leave; carts that were never paid wait for nothing. Each would teach that parcels are slow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.learning.parcels import Read

LONG_AGO = timedelta(days=45)
"""What began so long before has ended by now, or its end is never told."""
TOLD_SHARE = 0.9
"""Where fewer ends than this share are told, those that are missing say nothing."""
ENOUGH = 10
"""Fewer beginnings tell no habit."""
HALF = 0.5


def only_told(rows: Sequence[Read], until: datetime) -> list[Shipment]:
    """The parcels of ``rows`` from which one can learn, as of ``until``."""
    paid = without_unpaid(rows)
    return without_silent(with_departures(paid), until)


def without_unpaid(rows: Sequence[Read]) -> list[Shipment]:
    """Where the shop tells payments, an order that is not paid is not being prepared."""
    left = [row for row in rows if row.shipment.shipped_at]
    tells = left and sum(row.is_paid for row in left) > HALF * len(left)
    return [row.shipment for row in rows if row.is_paid or row.shipment.shipped_at or not tells]


def with_departures(shipments: Sequence[Shipment]) -> list[Shipment]:
    """Arrivals without a departure: where the shop never tells departures, all the time is handling; else they are left out."""
    arrived = [each for each in shipments if each.delivered_at]
    lacking = [each for each in arrived if each.shipped_at is None]
    if not lacking:
        return list(shipments)
    never = len(lacking) > HALF * len(arrived)
    return [
        replace(each, shipped_at=each.delivered_at) if each.delivered_at and each.shipped_at is None else each
        for each in shipments if never or each.shipped_at or each.delivered_at is None
    ]


def without_silent(shipments: Sequence[Shipment], until: datetime) -> list[Shipment]:
    """Without open stages of which the end is often not told: waiting at an origin, being under way with a carrier."""
    origins = _silent(shipments, until, lambda each: (each.origin, each.ordered_at, each.shipped_at or each.cancelled_at))
    carriers = _silent(
        (each for each in shipments if each.shipped_at), until,
        lambda each: (each.carrier, each.shipped_at or each.ordered_at, each.delivered_at or each.cancelled_at),
    )
    found = []
    for each in shipments:
        if each.shipped_at is None and each.cancelled_at is None and each.origin in origins:
            continue
        if each.shipped_at and each.delivered_at is None and each.carrier in carriers:
            each = replace(each, cancelled_at=each.shipped_at)  # its handling counts, its way does not
        found.append(each)
    return found


def _silent(
    shipments: Iterable[Shipment], until: datetime, stage: Callable[[Shipment], tuple[str, datetime, datetime | None]]
) -> frozenset[str]:
    """Whose stages, begun long before ``until``, too often have no end. ``stage`` tells whose it is, its beginning and its end."""
    begun: dict[str, int] = defaultdict(int)
    ended: dict[str, int] = defaultdict(int)
    for each in shipments:
        whose, start, end = stage(each)
        if until - start >= LONG_AGO:
            begun[whose] += 1
            ended[whose] += end is not None
    return frozenset(whose for whose, count in begun.items() if count >= ENOUGH and ended[whose] < TOLD_SHARE * count)
