"""Keeps what providers tell, once, and lets it take effect as soon as its message is known to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import router, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from ecommerce_comms import clock
from ecommerce_comms.messaging.feedback import applying, rates
from ecommerce_comms.messaging.feedback.matching import batches, has_number, messages_of
from ecommerce_comms.messaging.feedback.notices import Kind, Notice
from ecommerce_comms.messaging.models import Message, ProviderEvent
from ecommerce_comms.orders.locking import again_after_deadlock

State = ProviderEvent.State
TOO_OLD = timedelta(days=7)
"""What happened so long ago is no news."""
WAIT = timedelta(hours=72)
"""So long a notice waits for its message."""
TOKEN_PROVIDERS = frozenset({"mailgun"})
"""They sign a token, so every token is kept, whatever it came with: it must not be used a second time."""


def receive(notices: Sequence[Notice]) -> dict[str, int]:
    """Keep what is new (committed when this returns) and apply what can be; returns how many were ``new``, ``known`` and ``unused``.

    Raises ``DatabaseError`` when it could not be kept.
    """
    wanted = {each.key: each for each in notices if each.provider in TOKEN_PROVIDERS or _is_news(each)}
    known = {key for some in batches(wanted, 500) for key in ProviderEvent.objects.filter(key__in=some).values_list("key", flat=True)}
    new = [notice for key, notice in wanted.items() if key not in known]
    _keep(new)
    keys = [notice.key for notice in new]
    rows = ProviderEvent.objects.filter(state=State.WAITING, message__isnull=False).order_by("pk")
    applying.apply([pk for some in batches(keys, 500) for pk in rows.filter(key__in=some).values_list("pk", flat=True)])
    return {"new": len(new), "known": len(known), "unused": len(notices) - len(wanted)}


def _is_news(notice: Notice) -> bool:
    return notice.kind != Kind.OTHER and notice.occurred_at >= clock.now() - TOO_OLD


@again_after_deadlock
def _keep(notices: Sequence[Notice]) -> None:
    found = messages_of(notices)
    with transaction.atomic(using=router.db_for_write(ProviderEvent)):
        ProviderEvent.objects.bulk_create([_row(each, found.get(each.key)) for each in notices], ignore_conflicts=True, batch_size=500)


def _row(notice: Notice, message: Message | None) -> ProviderEvent:
    """A row that waits for its worker, or for its message; or for nothing, if it is about nobody whom we wrote to."""
    # A message that bears our mark was kept before it was sent, so only an event without one can be too early.
    may_come = notice.message_uid is None and notice.provider_message_id and notice.hashes and notice.provider not in TOKEN_PROVIDERS
    return ProviderEvent(
        key=notice.key, provider=notice.provider, kind=notice.kind, is_hard=notice.is_hard, message=message,
        message_uid=notice.message_uid, provider_message_id=notice.provider_message_id, occurred_at=notice.occurred_at,
        detail=notice.detail, state=State.WAITING if _is_news(notice) and (message or may_come) else State.IGNORED,
    )


def look_after() -> int:
    """The sweep's part: notices whose message is known by now, those that waited in vain, and the rates; returns how many took effect."""
    applied = catch_up()
    rates.watch()
    return applied


def catch_up(limit: int = 1000) -> int:
    """Apply what waited and need not wait any longer; returns how many did."""
    ProviderEvent.objects.filter(state=State.WAITING, received_at__lt=clock.now() - WAIT).update(state=State.IGNORED)
    _introduce(limit)
    ready = ProviderEvent.objects.filter(state=State.WAITING, message__isnull=False).exclude(
        Exists(Message.objects.filter(applying.NOT_SENT_YET, pk=OuterRef("message_id")))
    )
    return applying.apply(list(ready.order_by("pk").values_list("pk", flat=True)[:limit]))


def _introduce(limit: int) -> None:
    """Find the messages of notices that came before the worker could write down the provider's number."""
    for event in _early().order_by("pk")[:limit]:
        possible = Message.objects.filter(has_number(event.provider_message_id)).only("recipient_hash")
        address = event.key.rpartition(":")[2]
        if message := next((each for each in possible if each.recipient_hash == address), None):
            ProviderEvent.objects.filter(pk=event.pk, message=None).update(message=message)
        else:
            ProviderEvent.objects.filter(pk=event.pk).update(state=State.IGNORED)


def _early() -> QuerySet[ProviderEvent]:
    waiting = ProviderEvent.objects.filter(state=State.WAITING, message=None).exclude(provider_message_id="")
    waiting = waiting.annotate(number=F("provider_message_id"), bracketed=Concat(Value("<"), "provider_message_id", Value(">")))
    return waiting.filter(
        Exists(Message.objects.filter(provider_message_id=OuterRef("number")))
        | Exists(Message.objects.filter(provider_message_id=OuterRef("bracketed")))
        | Exists(Message.objects.filter(message_id=OuterRef("number")))
    )
