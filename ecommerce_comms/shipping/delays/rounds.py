"""The round over all that is waited for: chances change from day to day, though nothing happens to a parcel.

A round goes from situation to situation and not from parcel to parcel: what is alike is computed once, and the database is written to
only where a chance has moved to another twentieth. It is cut into pieces that any sweep may go on with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import Max, Min, Q

from ecommerce_comms.conf import conf
from ecommerce_comms.lookups import among
from ecommerce_comms.shipping.delays import chances
from ecommerce_comms.shipping.delays.judging import Look
from ecommerce_comms.shipping.delays.stages import LETTERS, Stage
from ecommerce_comms.shipping.estimators.base import tells_chances
from ecommerce_comms.shipping.models import DelayRound, Outlook, Watch
from ecommerce_comms.zones import zone

SITUATIONS = 5000
"""So many are looked at in one piece of a round."""
STEP, LEAST = 20, 0.3
"""Chances are kept in twentieths, and from three in ten on."""
_LEASE = timedelta(minutes=5)
_FIRST = -(2**63)


def go_round(look: Look, pieces: int) -> int:
    """Do up to ``pieces`` pieces of the round that is due, if one is; returns how many situations were looked at.

    One process at a time goes round. One that dies is followed by another, which goes on where it was.
    """
    if not tells_chances():
        return 0
    seen = 0
    for _piece in range(pieces):
        row = _claim(look.now)
        if row is None:
            break
        looked = _piece_of(row, look)
        seen += looked
    return seen


def is_due(row: DelayRound, now: datetime) -> bool:
    """Whether a new round is to begin."""
    return row.is_over and not timedelta(0) <= now - row.started_at < timedelta(minutes=conf.DELAY_ROUND_MINUTES)


def _claim(now: datetime) -> DelayRound | None:
    """The round, for this process alone; ``None`` if none is due or another process is at it."""
    row, _made = DelayRound.objects.get_or_create(name="chances")
    if row.leased_until > now or (row.is_over and not is_due(row, now)):
        return None
    begun = {"started_at": now, "cursor": None, "is_over": False} if row.is_over else {}
    free = DelayRound.objects.filter(pk=row.pk, leased_until=row.leased_until, is_over=row.is_over)
    mine = free.update(leased_until=now + _LEASE, **begun)
    if not mine:
        return None
    row.refresh_from_db()
    return row


def _piece_of(row: DelayRound, look: Look) -> int:
    found = _situations(row.cursor if row.cursor is not None else _FIRST)
    if found:
        with transaction.atomic(using=router.db_for_write(Watch)):
            _judge(found, look)
    last = len(found) < SITUATIONS
    if last:
        Outlook.objects.filter(day__lt=look.now.date() - timedelta(days=conf.DELAY_OUTLOOK_DAYS)).delete()
    free = look.now - timedelta(seconds=1)
    DelayRound.objects.filter(pk=row.pk).update(cursor=None if last else found[-1]["situation"], is_over=last, leased_until=free)
    return len(found)


def _situations(after: int) -> list[dict[str, Any]]:
    """The next situations, each with one watch for all and the span of the chances that were kept of it."""
    rows = Watch.objects.filter(situation__gt=after).values("situation").annotate(one=Min("id"), low=Min("chance"), high=Max("chance"))
    return [dict(row) for row in rows.order_by("situation")[:SITUATIONS]]


def _judge(found: Sequence[dict[str, Any]], look: Look) -> None:
    narrow = Watch.objects.only("situation", "lane", "zone", "ordered_at", "shipped_at", "due_on")
    examples = {each.situation: each for each in narrow.filter(among("id", {row["one"] for row in found}))}
    watches = [examples[row["situation"]] for row in found if row["situation"] in examples]
    moved: dict[tuple[float, date], set[int]] = defaultdict(set)
    speaking: set[int] = set()
    clear: set[int] = set()
    spans = {row["situation"]: (row["low"], row["high"]) for row in found}
    for watch, distribution in zip(watches, chances.distributions(watches, look.now), strict=True):
        if distribution is None or watch.due_on is None or watch.situation is None:
            continue
        today = look.now.astimezone(zone(watch.zone)).date()
        left = (watch.due_on - today).days
        chance = distribution.chance_after(watch.due_on) if left >= 0 else 1.0
        kept = rounded(chance)
        if left >= 0 and spans[watch.situation] != (kept, kept):
            moved[kept, today].add(watch.situation)
        if left >= 0 and look.rules.policy.speaks(chance, left):
            speaking.add(watch.situation)
        if chance < look.rules.clear:
            clear.add(watch.situation)
    for (kept, today), situations in moved.items():
        _remember(situations, kept, today)
    _make_due(speaking, clear, look.now)


def rounded(chance: float) -> float:
    """As it is kept: a twentieth, and 0 for little."""
    return 0.0 if chance < LEAST else int(min(chance, 1.0) * STEP + 1e-9) / STEP


def _remember(situations: Collection[int], chance: float, today: date) -> None:
    """Keep what is known of these parcels today; a chance that is little again as well, so that the old one does not go on."""
    changed = Watch.objects.filter(among("situation", situations)).exclude(chance=chance)
    promises = [promise for promise in changed.values_list("promise_id", flat=True) if promise]
    insert_outlooks([Outlook.build(promise_id=promise, day=today, chance=chance) for promise in promises])
    changed.update(chance=chance)


def insert_outlooks(rows: Sequence[Outlook]) -> None:
    """Keep outlooks; of two on one day the first stays."""
    Outlook.objects.bulk_create(list({(row.promise_id, row.day): row for row in rows}.values()), ignore_conflicts=True, batch_size=2000)


def _make_due(speaking: Collection[int], clear: Collection[int], now: datetime) -> None:
    """Let those be judged of which there may be something to say: only where that is new."""
    will_miss = LETTERS[Stage.WILL_MISS]
    Watch.objects.filter(among("situation", speaking)).exclude(stages__contains=will_miss).update(look_at=now)
    Watch.objects.filter(among("situation", clear)).filter(Q(is_told=True) | Q(stages__contains=will_miss)).update(look_at=now)
