"""This app: one signal, and the app does the rest."""

from __future__ import annotations

from ecommerce_comms import signals
from ecommerce_comms.models import Message, OrderEvent
from ecommerce_comms.orders import waker
from tests.hosts.plain.models import PlainOrder


def tell(order: PlainOrder) -> None:
    """Say that an order was placed."""
    signals.order_placed.send(sender=PlainOrder, order=order)


def idle() -> bool:
    """Whether every wake-up was published or dropped."""
    return waker.idle()


def waiting() -> int:
    """Facts that were not processed yet, and messages that are neither sent nor given up."""
    unsent = Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.SENDING])
    return int(OrderEvent.objects.filter(state=OrderEvent.State.NEW).count()) + int(unsent.count())


def unmarked_doubles(numbers: list[str]) -> int:
    """How many of the orders ``numbers``, whose customers got a mail twice, have no message marked as a possible duplicate."""
    marked = Message.objects.filter(order__number__in=numbers, possible_duplicate=True).values_list("order__number", flat=True)
    return len(set(numbers) - set(marked))
