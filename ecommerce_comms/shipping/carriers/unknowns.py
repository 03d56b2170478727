"""What carriers told that nobody here could make anything of: numbers, carriers and words. For staff."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from ecommerce_comms import clock
from ecommerce_comms.shipping.carriers import names
from ecommerce_comms.shipping.models.tracking import Scan, TrackingStatus

SINCE = timedelta(days=30)
MOST = 100


@dataclass(frozen=True)
class UnknownNumber:
    """A tracking number that no parcel bears."""

    number: str
    carrier: str
    scans: int
    first_at: datetime
    last_at: datetime
    scan: int
    """Key of one of its scans."""


def numbers(limit: int = MOST) -> list[UnknownNumber]:
    """Numbers whose scans wait for a parcel, those that were told of last first."""
    waiting = Scan.objects.filter(state=Scan.State.WAITING, parcel=None)
    rows = waiting.values("tracking_number").annotate(
        scans=Count("pk"), first=Min("received_at"), last=Max("received_at"), carrier=Max("carrier"), scan=Max("pk"),
    ).order_by("-last")[:limit]
    return [UnknownNumber(row["tracking_number"], row["carrier"], row["scans"], row["first"], row["last"], row["scan"]) for row in rows]


def carriers(limit: int = MOST) -> list[tuple[str, int]]:
    """Names of carriers that are in no table, with the number of their scans in the last thirty days."""
    recent = Scan.objects.filter(received_at__gte=clock.now() - SINCE).exclude(carrier="")
    counts: Counter[str] = Counter()
    for name, count in recent.values_list("carrier").annotate(count=Count("pk")).order_by():
        if not names.is_known(name):
            counts[name] += count
    return counts.most_common(limit)


def words(limit: int = MOST) -> list[tuple[str, str, int]]:
    """Words for a status that are in no table: who told them, the word, how often in the last thirty days."""
    recent = Scan.objects.filter(received_at__gte=clock.now() - SINCE, status=TrackingStatus.UNKNOWN).exclude(raw_status="")
    rows = recent.values_list("source", "raw_status").annotate(count=Count("pk")).order_by("-count", "raw_status")[:limit]
    return [(source, word, count) for source, word, count in rows if not word.casefold().startswith("unknown")]


def count_numbers(before: datetime) -> int:
    """How many numbers have waited for a parcel since ``before``."""
    waiting = Scan.objects.filter(state=Scan.State.WAITING, parcel=None, received_at__lt=before)
    return waiting.order_by().values("tracking_number").distinct().count()
