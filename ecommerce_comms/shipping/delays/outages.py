"""Carriers that stand still: named once to staff, however many parcels wait.

Measured by the share of what a carrier has on its way that it moves in a day. What is usual is learnt from the days before. Only days
on which the carrier works, after a day on which it works, are measured and judged: a quiet Sunday is no outage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Count, Q

from ecommerce_comms import masking
from ecommerce_comms.shipping.delays.judging import UNSEEN
from ecommerce_comms.shipping.models import CarrierDay, DelayRound, Outage, Tracking, Watch
from ecommerce_comms.shipping.tables import DELIVERY_DAYS, tables

log = masking.logger(__name__)
Key = tuple[str, str]
"""Carrier and place; an empty place is everywhere."""
Count2 = tuple[int, int]
"""Parcels on their way, and how many of them moved in a day."""
COLLAPSED, RECOVERED = 0.3, 0.6
"""Below this share of what is usual it is an outage, from the other one on it is over."""
LEAST_EXPECTED = 20
"""So many parcels should have moved: with fewer, chance alone can stop them all."""
LEAST_DAYS, DAYS = 5, 28
"""How many days have to be known to say what is usual, and how far back they may lie."""
SCANS_WITHIN = timedelta(days=30)
EVERY = timedelta(hours=1)
_DAY = timedelta(days=1)


def watch_carriers(now: datetime) -> list[Outage]:
    """Measure every carrier, once an hour; returns the outages that are new."""
    if not _is_time(now):
        return []
    counts = measure(now)
    usual = _usual(now.date())
    standing = {(row.carrier, row.place): row for row in Outage.objects.filter(ended_at=None)}
    new = []
    for key in sorted(counts, key=lambda each: (each[0], each[1])):
        parcels, moved = counts[key]
        expected = usual.get(key, 0.0) * parcels
        if key in standing:
            _end_if_over(standing[key], expected, counts[key], now)
        elif (key[0], "") in standing:
            continue  # it is named as a whole, and such a day says nothing about what is usual
        elif expected >= LEAST_EXPECTED and moved < COLLAPSED * expected:
            new.append(_begin(key, expected, counts[key], now))
            standing[key] = new[-1]
        else:
            _remember(key, counts[key], now.date())
    _end_without_parcels(standing, counts, now)
    return new


def open_ones() -> dict[Key, int]:
    """Keys of the outages that last, by carrier and place."""
    return {(carrier, place): pk for pk, carrier, place in Outage.objects.filter(ended_at=None).values_list("pk", "carrier", "place")}


def scanning() -> frozenset[str]:
    """Carriers that do send scans, in lower case, as they were found within the hour."""
    row = DelayRound.objects.filter(name="carriers").first()
    return frozenset(row.known if row else ())


def measure(now: datetime) -> dict[Key, Count2]:
    """What each carrier has on its way for a day and more, and how much of that it moved in 24 hours: by place, and everywhere."""
    sent = Watch.objects.filter(shipped_at__lte=now - _DAY).exclude(carrier="")
    moved = Count("pk", filter=Q(parcel__tracking__scanned_at__gt=now - _DAY))
    rows = sent.order_by().values_list("carrier", "place").annotate(parcels=Count("pk"), moved=moved)
    counts: dict[Key, Count2] = defaultdict(lambda: (0, 0))
    for carrier, place, parcels, share in rows:
        if _works(place, now):
            counts[carrier, place] = (parcels, share)
            whole = counts[carrier, ""]
            counts[carrier, ""] = (whole[0] + parcels, whole[1] + share)
    return {key: count for key, count in counts.items() if count[0] >= LEAST_EXPECTED}


def _is_time(now: datetime) -> bool:
    """Whether an hour has passed; the carriers that send scans are looked up on the way."""
    row, made = DelayRound.objects.get_or_create(name="carriers")
    if not made and timedelta(0) <= now - row.started_at < EVERY:
        return False
    mine = DelayRound.objects.filter(pk=row.pk, started_at=row.started_at).update(started_at=now, known=_scanning(now))
    return bool(mine)


def _scanning(now: datetime) -> list[str]:
    rows = Tracking.objects.filter(scanned_at__gt=now - SCANS_WITHIN).exclude(status__in=UNSEEN).exclude(parcel__carrier="")
    return sorted({name.lower() for name in rows.order_by().values_list("parcel__carrier", flat=True).distinct()})


def _usual(today: date) -> dict[Key, float]:
    """The share of its parcels that each carrier usually moves in a day."""
    shares: dict[Key, list[float]] = defaultdict(list)
    for row in CarrierDay.objects.filter(day__gte=today - DAYS * _DAY, day__lt=today, parcels__gt=0):
        shares[row.carrier, row.place].append(row.moved / row.parcels)
    return {key: median(known) for key, known in shares.items() if len(known) >= LEAST_DAYS}


def _works(place: str, now: datetime) -> bool:
    """Whether both days of the last 24 hours are working days at a place."""
    country, _slash, region = place.partition("/")
    calendar = tables().calendar(country, region, DELIVERY_DAYS, now.year - 1)
    return calendar.is_open(now.date()) and calendar.is_open((now - _DAY).date())


def _begin(key: Key, expected: float, count: Count2, now: datetime) -> Outage:
    carrier, place = key
    log.warning("%s hardly moves anything%s: %d of %d parcels in a day, where %d are usual.", carrier, f" to {place}" if place else "",
                count[1], count[0], round(expected))
    return Outage.objects.create(carrier=carrier, place=place, found_at=now, parcels=count[0], moved=count[1], expected=round(expected))


def _end_if_over(outage: Outage, expected: float, count: Count2, now: datetime) -> None:
    """Bring its figures up to date; it is over once it moves well again."""
    over = {"ended_at": now} if count[1] >= RECOVERED * expected else {}
    Outage.objects.filter(pk=outage.pk).update(parcels=count[0], moved=count[1], expected=round(expected), **over)
    if over:
        log.warning("%s moves again.", outage)


def _end_without_parcels(standing: dict[Key, Outage], counts: Iterable[Key], now: datetime) -> None:
    """End what has nothing more to say: hardly a parcel is left, or the carrier stands still as a whole."""
    known = set(counts)
    for key, outage in standing.items():
        left = Watch.objects.filter(carrier=key[0], shipped_at__isnull=False, **({"place": key[1]} if key[1] else {}))[:LEAST_EXPECTED]
        if (key not in known and len(left) < LEAST_EXPECTED) or (key[1] and (key[0], "") in standing):
            Outage.objects.filter(pk=outage.pk, ended_at=None).update(ended_at=now)


def _remember(key: Key, count: Count2, day: date) -> None:
    CarrierDay.objects.update_or_create(carrier=key[0], place=key[1], day=day, defaults={"parcels": count[0], "moved": count[1]})
