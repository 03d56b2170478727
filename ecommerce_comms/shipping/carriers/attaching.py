"""Brings scans that waited to the parcels that bear their number by now, and leaves what nobody ever will."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from django.db import router, transaction
from django.db.models import Max

from ecommerce_comms import clock, masking
from ecommerce_comms.orders.models import Parcel
from ecommerce_comms.rows import insert_many
from ecommerce_comms.shipping.carriers import following, matching
from ecommerce_comms.shipping.carriers.receiving import batches, copy_for
from ecommerce_comms.shipping.carriers.sightings import compact
from ecommerce_comms.shipping.models.tracking import Scan

log = masking.logger(__name__)
State = Scan.State
WAIT = timedelta(days=30)
"""So long a scan waits for a parcel with its number."""


def on_told(parcels: Collection[Parcel]) -> None:
    """What the shop's news of ``parcels``, in a transaction, means for their scans. An error here must not hold up the news itself."""
    numbered = [parcel for parcel in parcels if parcel.tracking_number]
    if not numbered:
        return
    try:
        with transaction.atomic(using=router.db_for_write(Scan)):
            attach(numbered)
    except Exception:
        log.exception("Scans of %d parcels could not be looked for; the sweep tries again.", len(numbered))


def attach(parcels: Sequence[Parcel]) -> int:
    """Give ``parcels`` the scans that bear their numbers, and follow those whose number or scans have changed; returns how many."""
    by_number: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        by_number[compact(parcel.tracking_number)].append(parcel)
    scans = _scans(by_number, parcels)
    if not scans:
        return 0
    changed = {parcel.pk for parcel in parcels if _has_other_number(parcel, scans)}
    changed |= _assign(scans, by_number)
    following.follow(changed)
    return len(changed)


def catch_up(limit: int = 1000) -> int:
    """The sweep's part: scans whose parcel is known by now, those that could not be applied, and those that waited in vain."""
    now = clock.now()
    waiting = Scan.objects.filter(state=State.WAITING)
    waiting.filter(parcel=None, received_at__lt=now - WAIT).update(state=State.IGNORED)
    newest = waiting.filter(parcel=None).values("tracking_number").annotate(last=Max("pk")).order_by("-last")
    numbers = list(newest.values_list("tracking_number", flat=True)[:limit])
    found = 0
    for some in batches(numbers, 300):
        parcels = [parcel for each in matching.parcels_of(some).values() for parcel in each]
        with transaction.atomic(using=router.db_for_write(Scan)):
            found += attach(parcels) if parcels else 0
    undone = list(waiting.filter(parcel__isnull=False).order_by("parcel").values_list("parcel", flat=True).distinct()[:limit])
    return found + sum(_again(some) for some in batches(undone, 100))


def _scans(numbers: Iterable[str], parcels: Iterable[Parcel]) -> list[Scan]:
    """Those with these numbers, and those of these parcels. Two statements: MariaDB reads the whole table for an OR of two indexes."""
    told = Scan.objects.filter(tracking_number__in=list(numbers), received_at__gte=clock.now() - WAIT)
    own = Scan.objects.filter(parcel__in=[parcel.pk for parcel in parcels])
    found = {scan.pk: scan for scan in (*told, *own)}
    return [found[pk] for pk in sorted(found)]


def _again(parcels: Sequence[int]) -> int:
    """Follow parcels whose scans are not applied yet; one that cannot be followed does not hold up the others."""
    try:
        following.follow(parcels)
    except Exception:
        if len(parcels) == 1:
            log.exception("The scans of parcel %s could not be applied; the next sweep tries again.", parcels[0])
            return 0
        return sum(_again([pk]) for pk in parcels)
    return len(parcels)


def _has_other_number(parcel: Parcel, scans: Iterable[Scan]) -> bool:
    """Whether something was told of ``parcel`` while it bore another number."""
    number = compact(parcel.tracking_number)
    return any(scan.parcel_id == parcel.pk and scan.tracking_number != number and scan.source != "merchant" for scan in scans)


def _assign(scans: Sequence[Scan], by_number: dict[str, list[Parcel]]) -> set[int]:
    """Let each scan be of every parcel that it is about; returns the keys of the parcels that got one."""
    taken = {(scan.parcel_id, scan.key.rpartition(":")[0] if scan.key.endswith(f":{scan.parcel_id}") else scan.key) for scan in scans}
    first: dict[int, list[int]] = defaultdict(list)
    copies: list[Scan] = []
    changed: set[int] = set()
    for scan in scans:
        if scan.key.endswith(f":{scan.parcel_id}"):
            continue  # a copy
        for parcel in matching.meant(scan, by_number.get(scan.tracking_number, ())):
            if (parcel.pk, scan.key) in taken:
                continue
            taken.add((parcel.pk, scan.key))
            changed.add(parcel.pk)
            if scan.parcel_id is None:
                scan.parcel_id = parcel.pk
                first[parcel.pk].append(scan.pk)
            else:
                copies.append(copy_for(scan, parcel))
    for parcel_pk, pks in first.items():
        Scan.objects.filter(pk__in=pks, parcel=None).update(parcel=parcel_pk, state=State.WAITING)
    insert_many(copies, unique="key")
    return changed
