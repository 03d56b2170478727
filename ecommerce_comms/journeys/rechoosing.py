"""A customer who chooses other channels is told there at once, also of what was decided before and is not sent yet."""

from __future__ import annotations

from django.db import router, transaction

from ecommerce_comms.customers.models import Customer
from ecommerce_comms.journeys import addressing
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import history
from ecommerce_comms.orders.models import Order
from ecommerce_comms.signals import channels_chosen


def connect() -> None:
    """Listen to choices."""
    channels_chosen.connect(follow, dispatch_uid="ecommerce_comms.rechoosing")


def follow(sender: type[Customer], customer: Customer, topic: str, **_signal: object) -> None:
    """Send what waits for ``customer`` on the channels that they want now; what stands in for a failed message stays where it is."""
    with transaction.atomic(using=router.db_for_write(Order)):
        orders = {order.key: order for order in Order.objects.select_for_update().filter(customer=customer).order_by("pk")}
        histories = {opened.order.pk: opened for opened in history.load(orders).values()}
        changed = []
        waiting = Message.objects.filter(order__in=histories, role="", state__in=outbox.UNSENT, instead_of=None, repeats=None)
        for message in waiting.defer("facts"):
            opened = histories[message.order_id or 0]
            opened.order.customer = customer
            channel, address = addressing.customer_of(opened, message.purpose).way()
            if address and (channel, address) != (message.backend, message.recipient):
                message.backend, message.recipient = channel, address
                changed.append(message)
        outbox.change(changed)
