"""The Celery tasks: none takes an argument, each calls one verb and decides nothing."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from ecommerce_comms import resident, sweeper, working
from ecommerce_comms.orders import waker


@shared_task(name=waker.WORK, bind=True, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def work(self: Any) -> None:
    """Process what waits, and send what is about orders."""
    working.work() if self.request.is_eager else resident.do(working.work)


@shared_task(name=working.OFFERS, bind=True, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def deliver_offers(self: Any) -> None:
    """Send advertising."""
    working.deliver_offers() if self.request.is_eager else resident.do(working.deliver_offers)


@shared_task(name="ecommerce_comms.sweep", ignore_result=True)
def sweep() -> None:
    """Find what was left to do."""
    sweeper.sweep_for_beat()
