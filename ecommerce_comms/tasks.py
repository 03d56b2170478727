"""The Celery tasks: none takes an argument, each calls one verb and decides nothing."""

from __future__ import annotations

from celery import shared_task

from ecommerce_comms import sweeper, working
from ecommerce_comms.orders import waker


@shared_task(name=waker.WORK, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def work() -> None:
    """Process what waits, and send what is about orders."""
    working.work()


@shared_task(name=working.OFFERS, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def deliver_offers() -> None:
    """Send advertising."""
    working.deliver_offers()


@shared_task(name="ecommerce_comms.sweep", ignore_result=True)
def sweep() -> None:
    """Find what was left to do."""
    sweeper.sweep_for_beat()
