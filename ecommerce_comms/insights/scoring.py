"""Keeping the scores up to date: promises say when they want to be looked at, and a sweep does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, router, transaction

from ecommerce_comms import clock, masking
from ecommerce_comms.insights import tallying
from ecommerce_comms.insights.judging import Facts, Notice, scores
from ecommerce_comms.insights.models import Score
from ecommerce_comms.lookups import among
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.models import Lateness, Promise

log = masking.logger(__name__)
AGAIN = timedelta(hours=1)
BATCH = 500
"""Promises that one transaction deals with, with all others of their orders."""
NOTICE = "order_delayed"
_UNTOLD = (Message.State.SKIPPED, Message.State.FAILED, Message.State.HELD)
_WRITTEN = [field.name for field in Score._meta.concrete_fields if field.name not in ("id", "order", "slot")]


def score_due(limit: int | None = None) -> int:
    """Score the deliveries of which a promised day has passed, or something has changed, since they were looked at.

    Batch after batch, until none is due or about ``limit`` promises were looked at; returns how many.
    """
    done = 0
    while limit is None or done < limit:
        due = list(Promise.objects.filter(score_at__lte=clock.now()).order_by("score_at", "pk").values_list("pk", "order")[:BATCH])
        if not due:
            break
        _score_or_put_off(due)
        done += len(due)
    return done


def score_again() -> None:
    """Mark every promise to be looked at, from the oldest on: the scores are made anew, and stay readable meanwhile."""
    Promise.objects.update(score_at=clock.now())


def _score_or_put_off(due: Sequence[tuple[int, int]]) -> None:
    """Score what is due; of what cannot be scored each order is tried alone, and one that fails again waits for an hour."""
    try:
        _score({pk for pk, _ in due}, {order for _, order in due})
    except Exception:
        log.exception("%d promises could not be counted together; each order is tried alone.", len(due))
        for order in {order for _, order in due}:
            mine = {pk for pk, each in due if each == order}
            try:
                _score(mine, {order})
            except Exception:
                log.exception("What became of the promises of order %s could not be found out; it is tried again in an hour.", order)
                Promise.objects.filter(among("pk", mine)).update(score_at=clock.now() + AGAIN)


def _score(promises: set[int], orders: set[int]) -> None:
    now = clock.now()
    with transaction.atomic(using=router.db_for_write(Score)):
        # The mark goes before anything is read: whoever settles a promise meanwhile waits, and sets it again.
        Promise.objects.filter(among("pk", promises)).update(score_at=None)
        facts = _facts(orders)
        rows = [row for each in facts for row in scores(each, now)]
        _write(rows, orders)
        _put_off(facts, promises, now)


def _put_off(facts: Sequence[Facts], promises: set[int], now: datetime) -> None:
    """Look again when the day has passed: at what was marked too early, as a promise that was written by other hands."""
    early = [promise for each in facts for promise in each.promises
             if promise.pk in promises and promise.kept is None and promise.overdue_at > now and each.order.cancelled_at is None]
    for promise in early:
        Promise.objects.filter(pk=promise.pk).update(score_at=promise.overdue_at)


def _facts(orders: set[int]) -> list[Facts]:
    parcels, promises = (_by_order(model._default_manager.filter(among("order_id", orders))) for model in (Parcel, Promise))
    notices = _notices(orders)
    return [Facts(order, parcels[order.pk], promises[order.pk], notices[order.pk]) for order in Order.objects.filter(among("pk", orders))]


def _by_order(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def _notices(orders: set[int]) -> dict[int, list[Notice]]:
    """The delay notices that went out or are about to, with what had been found out before."""
    sent = Message.objects.filter(among("order_id", orders), kind=NOTICE).exclude(state__in=_UNTOLD)
    found = _by_order(Lateness.objects.filter(among("order_id", orders), told_at__isnull=False)) if sent else {}
    told: dict[int, list[Notice]] = defaultdict(list)
    for order, parcel, at, due_at, data in sent.values_list("order", "parcel", "sent_at", "due_at", "event__data"):
        moment, said = at or due_at, (data or {}).get("stage")
        stage = said if said in Lateness.Stage.values else _stage(found.get(order, ()), parcel, moment)
        told[order].append(Notice(moment, parcel, stage))
    return told


def _stage(found: Sequence[Lateness], parcel: int | None, moment: datetime) -> str:
    """Where the event does not say: the stage that was told nearest to ``moment``; empty if none was, and the shop told it itself."""
    mine = [row for row in found if row.told_at and (parcel is None or row.parcel_id in (None, parcel))]
    nearest = min(mine, key=lambda row: abs((row.told_at or moment) - moment), default=None)
    return nearest.stage if nearest else ""


def _write(rows: Sequence[Score], orders: set[int]) -> None:
    """Bring the rows of ``orders`` to ``rows``: the same delivery has the same row, and what is none any more goes."""
    kept = {(row.order_id, row.slot) for row in rows}
    known = list(Score.objects.filter(among("order_id", orders)).values_list("pk", "order", "slot", "first_due", "last_due"))
    tallying.mark(tallying.months_of([*((first, last) for *_, first, last in known), *((row.first_due, row.last_due) for row in rows)]))
    gone = [pk for pk, order, slot, *_ in known if (order, slot) not in kept]
    if gone:
        Score.objects.filter(among("pk", gone)).delete()
    if rows:
        names = ["order", "slot"] if _targets() else None
        Score.objects.bulk_create(rows, update_conflicts=True, update_fields=_WRITTEN, unique_fields=names)


def _targets() -> bool:
    """Whether the database wants to know which constraint may be hurt; MySQL and MariaDB do not."""
    return bool(connections[router.db_for_write(Score)].features.supports_update_conflicts_with_target)
