"""Who did what with messages, in the admin's own history."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.kinds import in_words


def note(request: HttpRequest, messages: Iterable[Message], what: str) -> None:
    """Write down that the user of ``request`` did ``what`` with each of ``messages``.

    No address is written down: the history of the admin outlives a customer's wish to be forgotten.
    """
    user, content_type = int(request.user.pk or 0), ContentType.objects.get_for_model(Message)
    LogEntry.objects.bulk_create([
        LogEntry(user_id=user, content_type=content_type, object_id=str(message.pk), object_repr=in_words(message.kind)[:200],
                 action_flag=CHANGE, change_message=what)
        for message in messages
    ], batch_size=500)
