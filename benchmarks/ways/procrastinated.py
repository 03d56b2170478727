"""procrastinate: the task is a row of PostgreSQL, and its worker is told of it by NOTIFY."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from benchmarks.ways import mail
from tests.hosts.plain.models import PlainOrder

_kept = mail.Kept()


@app.task(name="send_confirmation")
def send_confirmation(pk: int) -> None:
    """Mail the order with the key ``pk``."""
    mail.send(PlainOrder.objects.get(pk=pk), _kept.get() if getattr(settings, "KEEP_CONNECTION", False) else None)


def tell(order: PlainOrder) -> None:
    """Put the task into procrastinate's table."""
    send_confirmation.defer(pk=order.pk)


def waiting() -> int:
    """Jobs that are to do, and those that a worker took and never finished."""
    return int(ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).count())
