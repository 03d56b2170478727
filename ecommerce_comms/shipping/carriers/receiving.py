"""Keeps what carriers tell, once, and lets it take effect on the parcels that it is about, now or when they become known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import router, transaction

from ecommerce_comms import clock, masking
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Parcel
from ecommerce_comms.orders.redaction import is_erased
from ecommerce_comms.rows import insert_many
from ecommerce_comms.shipping.carriers import following, matching, times
from ecommerce_comms.shipping.carriers.sightings import Sighting
from ecommerce_comms.shipping.models.tracking import Scan

log = masking.logger(__name__)
T = TypeVar("T")
BATCH = 500


@dataclass(frozen=True)
class Taken:
    """What became of sightings."""

    new: int = 0
    known: int = 0
    waiting: int = 0
    """Of the new ones: about a number that no parcel bears yet."""

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.new + other.new, self.known + other.known, self.waiting + other.waiting)


def take(sightings: Iterable[Sighting], *, source: str, site: str = "", told_from: str = "") -> Taken:
    """Keep what is new of ``sightings`` (committed when this returns) and apply it.

    ``source`` is the account or poller, ``csv`` or ``merchant``; ``site`` limits it to one shop's orders. What could be kept and
    not applied is applied by the sweep. Raises ``DatabaseError`` when it could not be kept.
    """
    taken = Taken()
    for some in batches((part for each in sightings for part in each.parts()), BATCH):
        rows = _rows(some, source[:40], site[:100], told_from[:45])
        fresh, parcels = _keep(list(rows.values()))
        _follow(parcels)
        waiting = sum(row.parcel_id is None for row in fresh)
        taken += Taken(len(fresh), len(some) - len(fresh), waiting)
    return taken


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """``items`` in lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def copy_for(scan: Scan, parcel: Parcel) -> Scan:
    """The same scan of another parcel under its number: each order sees its own."""
    fields = {field.attname: getattr(scan, field.attname) for field in Scan._meta.concrete_fields if not field.primary_key}
    return Scan.build(**fields | {"key": f"{scan.key}:{parcel.pk}", "parcel_id": parcel.pk, "state": Scan.State.WAITING})


def _rows(sightings: Sequence[Sighting], source: str, site: str, told_from: str) -> dict[str, Scan]:
    now = clock.now()
    rows = {}
    for each in sightings:
        occurred_at, is_sure = times.settle(each.occurred_at, each.time_is_sure, now)
        key = each.key(source, site)
        rows[key] = Scan.build(
            key=key, source=source, told_from=told_from, site=site, carrier=each.carrier, tracking_number=each.tracking_number,
            status=each.status, raw_status=each.raw_status, text=each.text, place=each.place, occurred_at=occurred_at,
            time_is_sure=is_sure, received_at=now, estimate_earliest=each.estimate_earliest, estimate_latest=each.estimate_latest,
        )
    return rows


@again_after_deadlock
def _keep(rows: Sequence[Scan]) -> tuple[list[Scan], set[int]]:
    """Those of ``rows`` that are new, and the keys of the parcels that they are about."""
    known = set(Scan.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    fresh = [row for row in rows if row.key not in known]
    candidates = matching.parcels_of(row.tracking_number for row in fresh)
    new: list[Scan] = []
    for row in fresh:
        meant = matching.meant(row, candidates.get(row.tracking_number, ()))
        row.parcel_id = meant[0].pk if meant else None
        if any(is_erased(parcel.order) for parcel in meant):
            row.text = row.place = ""  # who signed for it, and at which neighbour's
        new += [row, *(copy_for(row, other) for other in meant[1:])]
    with transaction.atomic(using=router.db_for_write(Scan)):
        # In the order of their keys, so that two that tell the same do not wait for each other.
        insert_many(sorted(new, key=lambda row: row.key), unique="key")
    return fresh, {row.parcel_id for row in new if row.parcel_id}


def _follow(parcels: set[int]) -> None:
    try:
        following.follow(parcels)
    except Exception:
        log.exception("What a carrier told of %d parcels could not be applied; the sweep tries again.", len(parcels))
