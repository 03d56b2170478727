"""Which of our messages a notice is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db.models import Q

from ecommerce_comms.messaging.feedback.notices import Notice
from ecommerce_comms.messaging.models import Message

T = TypeVar("T")


def messages_of(notices: Sequence[Notice]) -> dict[str, Message]:
    """The message of each notice, by the key of the notice: by our own mark, else by the provider's number or the Message-ID.

    It must have gone to the very address that the notice is about; else there is none.
    """
    candidates = [notice for notice in notices if notice.hashes]
    by_mark = {message.uid: message for message in _find("uid", {each.message_uid for each in candidates if each.message_uid})}
    numbers = {each.provider_message_id for each in candidates if each.message_uid not in by_mark and each.provider_message_id}
    by_number: dict[str, list[Message]] = {}
    for field in ("provider_message_id", "message_id"):
        for message in _find(field, {form for number in numbers for form in (number, f"<{number}>")}):
            by_number.setdefault(getattr(message, field).strip("<>"), []).append(message)
    found: dict[str, Message] = {}
    for notice in candidates:
        marked = by_mark.get(notice.message_uid) if notice.message_uid else None
        possible = [marked] if marked else by_number.get(notice.provider_message_id, [])
        found.update((notice.key, each) for each in possible if each.recipient_hash in notice.hashes)
    return found


def has_number(number: str) -> Q:
    """The messages that a provider knows by ``number``, with or without angle brackets, or under our own Message-ID."""
    return Q(provider_message_id__in=[number, f"<{number}>"]) | Q(message_id=number)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """``items`` in lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _find(field: str, values: Iterable[object]) -> Iterator[Message]:
    for some in batches(values, 500):
        yield from Message.objects.filter(**{f"{field}__in": some}).only("uid", "recipient_hash", "provider_message_id", "message_id")
