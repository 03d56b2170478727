"""Plays a plan: the clock moves from fact to fact and stops wherever something is due in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Protocol

from django.db import transaction
from django.db.models import Min

from ecommerce_comms import clock, lifecycle, sweeping
from ecommerce_comms.messaging import delivery
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import events
from ecommerce_comms.replay.facts import Step, World, fact
from ecommerce_comms.replay.plan import Plan, batches, ceiling, floor
from ecommerce_comms.shipping.models import Promise

_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=timezone.utc)
_WAITING = (Message.State.QUEUED, Message.State.SCHEDULED, Message.State.HELD)


class Watcher(Protocol):
    """Who looks on, and may stop the play between two steps."""

    stopping: bool

    def reached(self, moment: datetime, told: int) -> None:
        """The clock shows ``moment``, and ``told`` more facts were told."""


def play(plan: Plan, world: World, watcher: Watcher) -> bool:
    """Tell what is waiting in ``plan``; ``False`` if ``watcher`` stopped it before the end."""
    hands = clock.ManualClock(plan.start)
    with clock.using(hands):
        delivery.deliver_due()
        strides = Strides(hands)
        for batch in batches(plan.waiting):
            if not _wait(strides, batch[0].occurred_at, watcher):
                return False
            hands.set(batch[-1].occurred_at)
            _tell(batch, world)
            watcher.reached(batch[-1].occurred_at, len(batch))
        if not _wait(strides, plan.end, watcher):
            return False
        hands.set(plan.end)
        sweeping.tick()
    return True


def _wait(strides: Strides, moment: datetime, watcher: Watcher) -> bool:
    for stop in strides.until(moment):
        watcher.reached(stop, 0)
        if watcher.stopping:
            return False
    return not watcher.stopping


def _tell(batch: list[Step], world: World) -> None:
    """Take the facts in, all of them or none, and deliver what follows from them."""
    with transaction.atomic():
        lifecycle.process_batch(events.record_facts([fact(step, world) for step in batch]))
    delivery.deliver_due()


class Strides:
    """Sweeps at the end of each stride in which something is due, and of each day on which something happened.

    The stops lie on a grid, so they are the same wherever an earlier run was cut.
    """

    def __init__(self, hands: clock.ManualClock) -> None:
        self._hands = hands
        self._swept = floor(hands())
        self._day_ends = _midnight_after(hands())

    def until(self, moment: datetime) -> Iterator[datetime]:
        """Sweep at each such moment up to ``moment``, at which something is going to happen."""
        until = floor(moment)
        while self._swept < until and (stop := self._next_stop()) <= until:
            self._hands.set(stop)
            sweeping.tick()
            self._swept = stop
            yield stop
        self._swept = max(self._swept, until)
        self._day_ends = _midnight_after(moment)

    def _next_stop(self) -> datetime:
        coming = [self._day_ends, *(ceiling(due) for due in _next_due(self._swept))]
        return min((stop for stop in coming if stop > self._swept), default=_NEVER)


def _next_due(after: datetime) -> Iterator[datetime]:
    """When the next message wants to be looked at, and when the next promise is broken."""
    if message := Message.objects.filter(state__in=_WAITING, due_at__gt=after).aggregate(at=Min("due_at"))["at"]:
        yield message
    yield from Promise.objects.filter(is_open=True, overdue_at__gt=after).order_by("overdue_at").values_list("overdue_at", flat=True)[:1]


def _midnight_after(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
