"""Judges what is due to be judged: by the passing of a moment, by something that happened, or by the round over all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connections, router, transaction

from ecommerce_comms.lookups import among
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.shipping.delays import chances, notices, spells
from ecommerce_comms.shipping.delays.judging import Case, Look, Verdict, judge
from ecommerce_comms.shipping.delays.stages import Stage, read, written
from ecommerce_comms.shipping.models import Lateness, Promise, Tracking, Watch

BATCH = 1000
LATER = timedelta(days=1)
"""What waits for another reason than a moment is looked at again after so long."""


def look_at_due(look: Look, limit: int) -> int:
    """Judge up to ``limit`` watches that are due, the longest due first; returns how many events that brought."""
    taken = recorded = 0
    while taken < limit:
        size, events = _look(look, min(BATCH, limit - taken))
        taken, recorded = taken + size, recorded + events
        if size < BATCH:
            break
    return recorded


@again_after_deadlock
def _look(look: Look, size: int) -> tuple[int, int]:
    """One batch in one transaction: how many were judged, and how many events there were."""
    with transaction.atomic(using=router.db_for_write(Watch)):
        watches = _claim(look.now, size)
        cases = _cases(watches, look)
        verdicts = [judge(case) for case in cases]
        recorded, told = _speak(cases, verdicts, look)
        _keep(cases, verdicts, told)
    return len(watches), recorded


def _claim(now: datetime, size: int) -> list[Watch]:
    """Watches that nobody else is judging."""
    features = connections[router.db_for_write(Watch)].features
    due = Watch.objects.filter(look_at__lte=now).order_by("look_at", "pk")
    return list(due.select_for_update(skip_locked=features.has_select_for_update_skip_locked)[:size])


def _cases(watches: Sequence[Watch], look: Look) -> list[Case]:
    parcels = {watch.parcel_id for watch in watches if watch.parcel_id}
    trackings = {each.parcel_id: each for each in Tracking.objects.filter(among("parcel_id", parcels))} if parcels else {}
    measures = {watch.promise_id for watch in watches if watch.promise_id}
    known = {each.pk: each for each in Promise.objects.filter(among("id", measures))} if measures else {}
    return [
        Case(
            watch=watch, promise=known.get(watch.promise_id or 0), tracking=trackings.get(watch.parcel_id or 0), distribution=distribution,
            look=look,
        )
        for watch, distribution in zip(watches, chances.distributions(watches, look.now), strict=True)
    ]


def _speak(cases: Sequence[Case], verdicts: Sequence[Verdict], look: Look) -> tuple[int, set[spells.Who]]:
    """Record what is to be told; returns how many events were new, and of whom a delay is told now."""
    newest = _newest_of_told(cases)
    tellings = [
        telling for case, verdict in zip(cases, verdicts, strict=True) if (telling := notices.wished(case, verdict, newest.get(who(case))))
    ]
    if not tellings:
        return 0, set()
    orders, parcels = notices.orders_and_parcels(tellings)
    found: dict[spells.Who, Known] = {}
    for telling in tellings:
        order, parcel = orders[telling.case.watch.order_id], parcels.get(telling.case.watch.parcel_id or 0)
        key = who(telling.case)
        made = notices.delay(telling, order, parcel) if telling.stage else notices.good_news(telling, order, parcel, newest[key])
        if made is not None:
            found[key] = made
    recorded = record_all_known(list(found.values()))
    return len(recorded), {key for key, fact in found.items() if fact.kind == "order_delayed"}


def _keep(cases: Sequence[Case], verdicts: Sequence[Verdict], told: set[spells.Who]) -> None:
    """Open and close spells, and note on the watches what was found."""
    begun, over = [], {}
    for case, verdict in zip(cases, verdicts, strict=True):
        before = read(case.watch.stages)
        begun += [_spell(case, stage, verdict) for stage in verdict.stages - before]
        if left := before - verdict.stages:
            over[who(case)] = left
        case.watch.stages, case.watch.look_at = written(verdict.stages), _look_again(case, verdict)
    now = cases[0].look.now if cases else None
    spells.begin(begun)
    if now is not None:
        spells.end(over, now)
        spells.tell(told, Stage.values, now)
    _mark([case.watch for case in cases])


def _mark(watches: Sequence[Watch]) -> None:
    """Write what was found: one statement for all to which the same happened."""
    alike: dict[tuple[str, datetime | None], set[int]] = defaultdict(set)
    for watch in watches:
        alike[watch.stages, watch.look_at].add(watch.id)
    for (stages, look_at), numbers in alike.items():
        Watch.objects.filter(among("id", numbers)).update(stages=stages, look_at=look_at)


def _spell(case: Case, stage: Stage, verdict: Verdict) -> Lateness:
    return spells.spell(
        who(case), stage, case.look.now, promise=case.watch.promise_id, chance=verdict.chance, outage=case.look.outage(case.watch)
    )


def _look_again(case: Case, verdict: Verdict) -> datetime | None:
    """What is slow and not told yet may be late tomorrow, though nothing happens."""
    waits = bool(verdict.stages) and not case.watch.told and case.days_left >= 0
    ahead = [moment for moment in (verdict.look_at, case.look.now + LATER if waits else None) if moment]
    return min(ahead, default=None)


def who(case: Case) -> spells.Who:
    """Order and parcel."""
    return case.watch.order_id, case.watch.parcel_id


def _newest_of_told(cases: Sequence[Case]) -> dict[spells.Who, Promise]:
    """The newest promise of each parcel of which a delay was told; one that has none of its own has the order's."""
    orders = {case.watch.order_id for case in cases if case.watch.is_told}
    if not orders:
        return {}
    newest: dict[spells.Who, Promise] = {}
    for promise in Promise.objects.filter(among("order_id", orders)).order_by("revision", "pk"):
        newest[promise.order_id, promise.parcel_id] = promise
    return {
        (case.watch.order_id, case.watch.parcel_id): found for case in cases if case.watch.is_told
        and (found := newest.get((case.watch.order_id, case.watch.parcel_id)) or newest.get((case.watch.order_id, None)))
    }
