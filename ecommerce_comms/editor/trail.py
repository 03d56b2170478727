"""Who did what with texts, in the admin's own history."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from ecommerce_comms import clock
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.orders.kinds import in_words

TESTED = "Sent a test to oneself"


def note(request: HttpRequest, kind: str, language: str, what: str) -> None:
    """Write down that the user of ``request`` did ``what`` with the text of ``kind`` in ``language``; no customer is named."""
    template = Template.objects.filter(kind=kind, language=language).only("pk").first()
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0), content_type=ContentType.objects.get_for_model(Template), action_time=clock.now(),
        object_id=str(template.pk) if template else "", object_repr=f"{in_words(kind)} ({language})"[:200],
        action_flag=ADDITION if what.startswith("Saved version 1.") else CHANGE, change_message=what,
    )


def tests_of(request: HttpRequest, seconds: float) -> int:
    """How many tests the user of ``request`` has sent within ``seconds``."""
    return LogEntry.objects.filter(
        user_id=int(request.user.pk or 0), content_type=ContentType.objects.get_for_model(Template), change_message__startswith=TESTED,
        action_time__gte=clock.now() - timedelta(seconds=seconds),
    ).count()
