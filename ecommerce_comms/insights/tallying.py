"""Adding up the scores, month by month.

Why: counted from the scores themselves, each figure of the page takes PostgreSQL 0.2 to 0.6 seconds at a million deliveries.
A month is added up anew when its scores changed, but not so often that it would take more than a hundredth of the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from django.db import models, router, transaction
from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import Floor

from ecommerce_comms import clock
from ecommerce_comms.insights.chosen import JUDGED, first_open, next_month
from ecommerce_comms.insights.models import Score, Tally, TallyMonth
from ecommerce_comms.rows import insert_many

PAUSE = 100
"""After so many times as long as it took, a month may be added up anew."""
Kind = Tally.Kind
_EVERY = ("carrier", "service", "country")


def mark(months: Iterable[tuple[str, date]]) -> None:
    """Note that scores of these months changed: pairs of the promise that counts and the first day of the month."""
    # In one order, so that two who mark the same months do not wait for each other.
    for judged, month in sorted(set(months)):
        row, _ = TallyMonth.objects.get_or_create(judged=judged, month=month)
        TallyMonth.objects.filter(pk=row.pk).update(is_stale=True)


def tally_stale(*, at_once: bool = False) -> int:
    """Add up the months whose scores changed, those that took long not too often unless ``at_once``; returns how many were."""
    now = clock.now()
    return sum(_tally(row, now) for row in TallyMonth.objects.filter(_stale(now)).order_by("month", "judged") if at_once or _may(row, now))


def _stale(now: datetime) -> Q:
    """What changed, and the months of which another day has passed since."""
    midnight = datetime.combine(first_open(now), datetime.min.time(), timezone.utc)
    return Q(is_stale=True) | Q(made_at=None) | Q(made_at__lt=midnight, month__gte=(midnight - timedelta(days=62)).date())


def _may(row: TallyMonth, now: datetime) -> bool:
    return row.made_at is None or row.made_at + timedelta(seconds=PAUSE * row.seconds) <= now


def _tally(row: TallyMonth, now: datetime) -> bool:
    began = time.perf_counter()
    with transaction.atomic(using=router.db_for_write(Tally)):
        # The mark goes first: whoever scores meanwhile waits, and sets it again; another one that adds up finds it gone.
        if not TallyMonth.objects.filter(pk=row.pk, is_stale=row.is_stale, made_at=row.made_at).update(is_stale=False, made_at=now):
            return False
        Tally.objects.filter(judged=row.judged, month=row.month).delete()
        insert_many(tally for kind in Kind for tally in _tallies(kind, row.judged, row.month, now))
        TallyMonth.objects.filter(pk=row.pk).update(seconds=time.perf_counter() - began)
    return True


def _tallies(kind: str, judged: str, month: date, now: datetime) -> list[Tally]:
    due, kept = f"{judged}_due", f"{judged}_kept"
    # A day counts once it is over: what arrives early is known sooner than what does not, and would make its day look better.
    until = min(next_month(month), first_open(now))
    rows = Score.objects.filter(**{f"{due}__gte": month, f"{due}__lt": until, f"{kept}__isnull": False})
    shape = _shape(kind, judged)
    found = rows.filter(shape.wanted).annotate(**shape.values).order_by().values_list(*_EVERY, *shape.names).annotate(**shape.sums)
    fields = [_field(name, judged) for name in (*_EVERY, *shape.names, *shape.sums)]
    return [Tally.build(kind=kind, judged=judged, month=month, **_filled(fields, values)) for values in found]


def _field(name: str, judged: str) -> str:
    """The field of a tally for what is called ``name`` in a query of scores, where sums must not be named as their fields."""
    return name.removeprefix("sum_").removeprefix(f"{judged}_").removeprefix("told_")


def _filled(fields: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {name: 0 if value is None else value for name, value in zip(fields, values, strict=True)}


class _Shape(NamedTuple):
    """How the scores of a month become the tallies of a kind."""

    names: tuple[str, ...]
    """By what they are put together, besides carrier, service and country."""
    sums: dict[str, Any]
    values: dict[str, Any] = {}  # noqa: RUF012
    """What ``names`` holds that is no field."""
    wanted: Q = Q()


def _shape(kind: str, judged: str) -> _Shape:
    late, sure = f"{judged}_late", f"{judged}_confidence"
    if kind == Kind.WAY:
        return _Shape((f"{judged}_source", "told_stage"), {**_kept(judged), **_TOLD})
    if kind == Kind.LANE:
        return _Shape(("origin", "region"), _kept(judged))
    plain = {"sum_number": Count("pk"), "sum_hits": Count("pk", filter=Q(**{f"{judged}_kept": True}))}
    if kind == Kind.LATE:
        return _Shape(("value",), plain, {"value": F(late)}, Q(**{f"{late}__isnull": False}))
    percent = Floor(F(sure) * 100 + 1e-9, output_field=models.IntegerField())
    return _Shape(("value",), {**plain, "sum_confidence": Sum(sure)}, {"value": percent}, Q(**{f"{sure}__gte": 0, f"{sure}__lte": 1}))


def _kept(judged: str) -> dict[str, Any]:
    late = f"{judged}_late"
    is_later, is_earlier = Q(**{f"{late}__gt": 0}), Q(**{f"{late}__lt": 0})
    return {
        "sum_number": Count("pk"), "sum_hits": Count("pk", filter=Q(**{f"{judged}_kept": True})),
        "sum_missing": Count("pk", filter=Q(arrived_on=None)), "sum_window": Sum(f"{judged}_days"), "sum_lead": Sum(f"{judged}_lead"),
        "sum_later": Count("pk", filter=is_later), "sum_later_days": Sum(Case(When(is_later, then=F(late)), default=0)),
        "sum_earlier": Count("pk", filter=is_earlier), "sum_earlier_days": Sum(Case(When(is_earlier, then=-F(late)), default=0)),
    }


_TOLD: dict[str, Any] = {
    "sum_late": Count("pk", filter=Q(first_kept=False)), "sum_told": Count("pk", filter=Q(told_on__isnull=False)),
    **{f"sum_{telling}": Count("pk", filter=Q(telling=telling)) for telling in ("ahead", "same_day", "after", "needless")},
    "sum_notices": Sum("notices"),
    "sum_renewed": Count("pk", filter=Q(new_kept__isnull=False)), "sum_held": Count("pk", filter=Q(new_kept=True)),
}
"""Notices are held against the first promise, whichever counts for the rest: it is what a notice takes back."""


def months_of(due: Iterable[tuple[date, date]]) -> set[tuple[str, date]]:
    """The months that deliveries count in, from their first and last promised days."""
    return {(judged, day.replace(day=1)) for pair in due for judged, day in zip(JUDGED, pair, strict=True)}


