"""Which parcels a carrier speaks of.

A number is not enough: carriers use numbers again after some months, several orders may travel in one box, and where several
shops share the database one's account must not speak of another's parcels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ecommerce_comms.orders.models import Parcel
from ecommerce_comms.shipping.carriers import names
from ecommerce_comms.shipping.carriers.sightings import compact
from ecommerce_comms.shipping.models.tracking import Scan

MOST = 50
"""Parcels under one number; of more the newest count."""
EARLY = timedelta(days=2)
"""So long before its order a parcel may have been scanned: clocks and zones differ. Earlier scans are of another parcel."""
OLD = timedelta(days=365)
"""So long after its order a parcel may be scanned."""


def parcels_of(numbers: Iterable[str]) -> dict[str, list[Parcel]]:
    """The parcels with these numbers (as ``compact`` makes them) by number, each with its order; one query."""
    wanted = set(numbers)
    found: dict[str, list[Parcel]] = defaultdict(list)
    forms = {form for number in wanted for form in (number, number.lower())}
    for parcel in Parcel.objects.filter(tracking_number__in=forms).select_related("order").order_by("-pk") if wanted else ():
        number = compact(parcel.tracking_number)
        if len(found[number]) < MOST:
            found[number].append(parcel)
    return found


def meant(scan: Scan, candidates: Sequence[Parcel]) -> list[Parcel]:
    """Those of ``candidates``, which bear the number of ``scan``, that it is about, the oldest first."""
    possible = [parcel for parcel in candidates if _is_possible(scan, parcel)]
    if len(possible) > 1 and scan.carrier:
        possible = [parcel for parcel in possible if names.same(scan.carrier, parcel.carrier)]
    return sorted(possible, key=lambda parcel: parcel.pk)


def _is_possible(scan: Scan, parcel: Parcel) -> bool:
    order = parcel.order
    if scan.site and scan.site != order.site:
        return False
    return order.placed_at is None or order.placed_at - EARLY <= scan.occurred_at <= order.placed_at + OLD
