"""What is still to be told of a history, and between which moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice

from django.db.models import Max

from ecommerce_comms import keys
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.replay.facts import SOURCE, Step, steps
from ecommerce_comms.replay.history import PastOrder
from ecommerce_comms.replay.selection import end_of_day
from ecommerce_comms.zones import zone

STRIDE = timedelta(hours=3)
"""How far apart the moments lie at which the story may stop for what is due. Larger strides are faster and less exact."""
MOST_IN_A_BATCH = 200
_MOST_IN_A_QUERY = 500
_TOGETHER = {"order_placed", "order_paid"}
"""Told in one go these come out as they would one by one: neither makes the other old news."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps that are still to be told, and where the clock starts and stops."""

    waiting: list[Step]
    told: int
    """How many steps an earlier run has told."""
    start: datetime
    end: datetime


def make(orders: Sequence[PastOrder], time_zone: str) -> Plan | None:
    """The plan for ``orders``; ``None`` if there are none."""
    every = steps(orders)
    if not every:
        return None
    known = _known(orders)
    waiting = [step for step in every if (step.kind, step.order_id) not in known]
    told = [step for step in every if (step.kind, step.order_id) in known]
    newest = OrderEvent.objects.filter(source=SOURCE).aggregate(at=Max("occurred_at"))["at"]
    last = max(every[-1].occurred_at, newest or every[-1].occurred_at)
    # An earlier run may have been cut anywhere after the last step that it told: the time since then is lived through again.
    start = min(part.occurred_at for part in (*told[-1:], *waiting[:1]))
    midnight = end_of_day(last.astimezone(zone(time_zone)).date(), zone(time_zone))
    return Plan(waiting=waiting, told=len(told), start=start, end=ceiling(midnight))


def batches(waiting: Iterable[Step]) -> Iterator[list[Step]]:
    """``waiting`` in pieces that can be told at once: of one stride, and with nothing that another step of it could overtake."""
    batch: list[Step] = []
    for step in waiting:
        if batch and not _fits(step, batch):
            yield batch
            batch = []
        batch.append(step)
    if batch:
        yield batch


def floor(moment: datetime) -> datetime:
    """The beginning of the stride in which ``moment`` lies."""
    return moment.astimezone(timezone.utc) - (moment - _EPOCH) % STRIDE


def ceiling(moment: datetime) -> datetime:
    """``moment``, if a stride begins there, else the end of its stride."""
    beginning = floor(moment)
    return beginning if beginning == moment else beginning + STRIDE


def order_keys(orders: Iterable[PastOrder]) -> Iterator[list[str]]:
    """The keys under which ``orders`` are stored, in handfuls that suit a query."""
    every = (keys.make(order.order_id) for order in orders)
    while some := list(islice(every, _MOST_IN_A_QUERY)):
        yield some


def _fits(step: Step, batch: list[Step]) -> bool:
    if len(batch) >= MOST_IN_A_BATCH or floor(step.occurred_at) != floor(batch[0].occurred_at):
        return False
    return all(step.order_id != other.order_id or {step.kind, other.kind} == _TOGETHER for other in batch)


def _known(orders: Iterable[PastOrder]) -> set[tuple[str, str]]:
    """Kind and order of each fact that an earlier run has told; in a history nothing happens twice to an order."""
    known: set[tuple[str, str]] = set()
    for some in order_keys(orders):
        known.update(OrderEvent.objects.filter(order_key__in=some, source=SOURCE).values_list("kind", "order_reference"))
    return known
