"""Lets messages go that were planned for later: each is judged anew at its hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import router, transaction

from ecommerce_comms import clock
from ecommerce_comms.journeys.planning import Planner
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import history
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order


@again_after_deadlock
def release_due(limit: int = 500) -> int:
    """Judge scheduled messages whose hour has come; returns how many there were."""
    due = Message.objects.filter(state=Message.State.SCHEDULED, due_at__lte=clock.now(), order__isnull=False)
    orders = list(due.order_by("due_at", "pk").values_list("order_id", flat=True)[:limit])
    if not orders:
        return 0
    with transaction.atomic(using=router.db_for_write(Order)):
        locked = {order.key: order for order in Order.objects.select_for_update().filter(pk__in=orders).order_by("pk")}
        messages: dict[int, list[Message]] = defaultdict(list)
        for message in due.filter(order_id__in=orders):
            messages[message.order_id or 0].append(message)
        opened = history.load(locked)
        planner = Planner(opened.values(), are_planned=False)
        for each in opened.values():
            planner.judge_anew(each, messages[each.order.pk])
        _let_go(message for some in messages.values() for message in some)
    return len(orders)


def _let_go(messages: Iterable[Message]) -> None:
    """What no rule speaks for is due when it is due."""
    free = [message for message in messages if message.state == Message.State.SCHEDULED and not _has_rule(message)]
    for message in free:
        message.state = Message.State.QUEUED
    outbox.change(free)


def _has_rule(message: Message) -> bool:
    return message.kind in SPECS and message.event_id is not None
