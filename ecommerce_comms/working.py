"""What a worker does when it is woken: rounds of processing and sending, until nothing is left or its time is over."""

from __future__ import annotations

import time
from collections.abc import Callable

from ecommerce_comms import lifecycle
from ecommerce_comms.conf import conf
from ecommerce_comms.journeys.release import release_due
from ecommerce_comms.messaging import channels, delivery
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import waker
from ecommerce_comms.orders.timekeeping import keep_time

SECONDS = 20.0
"""A task that is woken gives way to others after so long, and asks to be woken again."""
OFFERS = waker.OFFERS


def work(seconds: float = SECONDS) -> int:
    """Process what waits and send what is about orders; returns how many events and messages were taken."""
    return _rounds(waker.WORK, orders_round, seconds)


def deliver_offers(seconds: float = SECONDS) -> int:
    """Send advertising; returns how many messages were taken."""
    return _rounds(OFFERS, offers_round, seconds)


def orders_round() -> int:
    """One bite: a batch of events, and a batch of messages about orders. So a new order never waits until a thousand mails are sent."""
    waker.forget(waker.WORK)
    with delivery.at_once() as births:
        events = lifecycle.process_next()
    if births and not waker.was_asked(waker.WORK):
        return events + births.taken
    if channels.are_many():
        release_due()  # what is told on another channel, because the first one failed
    return events + delivery.deliver_next(Message.Lane.ORDERS)


def offers_round() -> int:
    """One bite of advertising."""
    return delivery.deliver_next(Message.Lane.OFFERS)


def _rounds(task: str, bite: Callable[[], int], seconds: float) -> int:
    keep_time()
    until, done = time.monotonic() + seconds, 0
    with waker.covered(task):
        while last := bite():
            done += last
            # What came meanwhile wakes a worker by itself, unless it was this thread that told it.
            is_left = last >= conf.BATCH_SIZE or waker.was_asked(task)
            if not is_left or time.monotonic() >= until:
                break
    if last and is_left:
        waker.wake(task)
    return done
