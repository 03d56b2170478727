"""The shop's Celery tasks."""

from __future__ import annotations

from celery import shared_task

from ecommerce_comms import clock
from example_project.shop import carrier


@shared_task(name="shop.carrier_step")
def carrier_step() -> int:
    """Let the simulated carrier do what is due; called every few seconds."""
    return carrier.step(clock.now())
