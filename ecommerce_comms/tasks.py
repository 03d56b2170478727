"""The Celery tasks: each loads by id or not at all, calls one verb and decides nothing."""

from __future__ import annotations

from celery import shared_task

from ecommerce_comms import lifecycle, sweeping
from ecommerce_comms.messaging import delivery
from ecommerce_comms.orders import events


@shared_task(name=events.PROCESS_EVENT, ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def process_event(event_id: int) -> None:
    """Walk the lifecycle table for one event."""
    lifecycle.process(event_id)


@shared_task(name="ecommerce_comms.deliver", ignore_result=True, acks_late=True, reject_on_worker_lost=True)
def deliver() -> None:
    """Send what is due."""
    delivery.deliver_due()


@shared_task(name="ecommerce_comms.sweep", ignore_result=True)
def sweep() -> None:
    """Find what was left to do."""
    sweeping.sweep()
