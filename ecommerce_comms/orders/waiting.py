"""Which events wait, and who takes them: an attempt is counted, and its pause begins, before it is made.

So the claim is one thing with the lease, the back-off and the count that gives up an event which kills its worker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from secrets import randbelow

from django.db import connections, router, transaction
from django.db.models import QuerySet

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.lookups import among
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.prepared import MOMENT, NUMBER, NUMBERS, Read, Write

log = masking.logger(__name__)
State = OrderEvent.State
LEAST_SECONDS = 5
"""However soon failed attempts are to be repeated, whoever has taken an event has it for so long."""


def _due(now: datetime, limit: int) -> QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(state=State.NEW, next_try_at__lte=now).order_by("next_try_at", "pk")[:limit]


_DUE = Read(OrderEvent, _due, MOMENT, NUMBER)
_FREE_DUE = Read(OrderEvent, lambda *values: _due(*values).select_for_update(skip_locked=True), MOMENT, NUMBER)
_TAKE = Write(OrderEvent, lambda keys, attempts, counted, until: (
    OrderEvent.objects.filter(among("id", keys), state=State.NEW, attempts=attempts), {"attempts": counted, "next_try_at": until},
), NUMBERS, NUMBER, NUMBER, MOMENT)


@again_after_deadlock
def claim(limit: int) -> list[OrderEvent]:
    """Take up to ``limit`` events that are due; returns them as they happened, with the attempt counted."""
    now = clock.now()
    skips = connections[router.db_for_write(OrderEvent)].features.has_select_for_update_skip_locked
    # Without SKIP LOCKED there is nothing to hold in between: the UPDATE alone decides.
    with transaction.atomic(using=router.db_for_write(OrderEvent)) if skips else nullcontext():
        found = (_FREE_DUE if skips else _DUE).objects(now, limit)
        mine = _count(found, now)
    given_up = [event for event in mine if event.attempts > conf.MAX_ATTEMPTS]
    for event in given_up:
        failed(event, event.error or "Its processing has never come to an end.")
    return sorted((event for event in mine if event.attempts <= conf.MAX_ATTEMPTS), key=lambda event: (event.occurred_at, event.id))


def failed(event: OrderEvent, error: str) -> None:
    """Keep why an attempt, which was counted before, came to nothing; after the last one the event is given up."""
    given_up = event.attempts >= conf.MAX_ATTEMPTS
    unfinished = OrderEvent.objects.filter(pk=event.pk).exclude(state=State.PROCESSED)
    unfinished.update(error=error[:2000], state=State.FAILED if given_up else State.NEW)
    log.error("Event %s (%s of order %s) failed %d times%s: %s", event.pk, event.kind, event.order_reference, event.attempts,
              " and is given up" if given_up else "", error)


def others(event: OrderEvent) -> bool:
    """Whether something else waits of the order of ``event``."""
    return OrderEvent.objects.filter(order_key=event.order_key, state=State.NEW).exclude(pk=event.pk).exists()


def companions(events: Iterable[OrderEvent]) -> list[OrderEvent]:
    """Those of ``events`` that wait, can be read and have not failed by themselves, as they are in the database."""
    keys = [event.pk for event in events if event.state == State.NEW and event.attempts <= 1]
    return list(OrderEvent.objects.filter(pk__in=keys, snapshot__isnull=False)) if keys else []


def wait_after(attempts: int) -> timedelta:
    """How long after its attempt number ``attempts`` (from 1) an event is left alone: doubled each time."""
    return timedelta(seconds=max(LEAST_SECONDS, conf.RETRY_SECONDS * 2 ** (attempts - 1)))


def _count(found: Sequence[OrderEvent], now: datetime) -> list[OrderEvent]:
    """Count an attempt of each event that nobody took since it was read; returns these."""
    groups: dict[int, list[OrderEvent]] = defaultdict(list)
    for event in found:
        groups[event.attempts].append(event)
    return [event for attempts, group in groups.items() for event in _take(group, attempts, now)]


def _take(group: list[OrderEvent], attempts: int, now: datetime) -> list[OrderEvent]:
    # The fraction of a second tells this claim from one that another worker makes at the same moment.
    until = now + wait_after(attempts + 1) + timedelta(microseconds=randbelow(1_000_000))
    keys = {event.id for event in group}
    if _TAKE(keys, attempts, attempts + 1, until) < len(group):
        same = OrderEvent.objects.using(router.db_for_write(OrderEvent)).filter(among("id", keys), state=State.NEW)
        mine = set(same.filter(attempts=attempts + 1, next_try_at=until).values_list("pk", flat=True))
        group = [event for event in group if event.pk in mine]
    for event in group:
        event.attempts, event.next_try_at = attempts + 1, until
    return group
