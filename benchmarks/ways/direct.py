"""What most shops do: once the order is committed a Celery task sends the mail."""

from __future__ import annotations

from celery import current_app, shared_task
from django.db import transaction

from benchmarks import queues, scene
from benchmarks.ways import mail
from tests.hosts.plain.models import PlainOrder


@shared_task
def send_confirmation(pk: int) -> None:
    """Mail the order with the key ``pk``."""
    mail.send(PlainOrder.objects.get(pk=pk))


def tell(order: PlainOrder) -> None:
    """Ask for the mail once the order is there."""
    transaction.on_commit(lambda: send_confirmation.delay(order.pk))


def waiting() -> int:
    """Tasks in the queue, and those that a worker took and has not answered for."""
    return queues.length(current_app, scene.current().queue)
