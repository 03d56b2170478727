"""One order's story for the merchant: what happened, what was promised, what was said or not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.shipping.models import Promise


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the story."""

    at: datetime
    what: str
    """``event``, ``promise`` or ``message``."""
    title: str
    state: str = ""
    why: str = ""
    pk: int = 0


def entries(order: Order) -> list[Entry]:
    """Everything about ``order``, oldest first; what happened stands before what it set off."""
    ranks = {"event": 0, "promise": 1, "message": 2}
    story = [*_events(order), *_promises(order), *_messages(order)]
    return sorted(story, key=lambda entry: (entry.at, ranks[entry.what], entry.pk))


def _events(order: Order) -> Iterator[Entry]:
    for event in OrderEvent.objects.filter(order_key=order.key).defer("snapshot"):
        parcel = (event.parcel or {}).get("reference", "")
        reason = str(event.data.get("reason", ""))
        yield Entry(
            at=event.occurred_at, what="event", title=event.get_kind_display() + (f" · {parcel}" if parcel else ""), pk=event.pk,
            state="" if event.state == OrderEvent.State.PROCESSED else event.get_state_display(), why=event.error or reason,
        )


def _promises(order: Order) -> Iterator[Entry]:
    for promise in Promise.objects.filter(order=order).select_related("parcel"):
        window = f"{date_format(promise.earliest)} – {date_format(promise.latest)}"
        outcome = {None: "", True: _("kept"), False: _("missed")}[promise.kept]
        yield Entry(
            at=promise.made_at, what="promise", title=window + (f" · {promise.parcel.reference}" if promise.parcel else ""), pk=promise.pk,
            state=outcome, why=f"{promise.get_source_display()}: {promise.reason}" if promise.reason else promise.get_source_display(),
        )


def _messages(order: Order) -> Iterator[Entry]:
    for message in Message.objects.filter(order=order).select_related("parcel"):
        yield Entry(
            at=message.sent_at or message.decided_at, what="message", title=message.subject or message.kind.replace("_", " ").capitalize(),
            pk=message.pk, state=message.get_state_display(), why=explain(message),
        )


def explain(message: Message) -> str:
    """Why ``message`` was sent, waits or was not sent, in one sentence."""
    reason: str | LazyText = message.get_reason_display() if message.reason else ""
    if message.state == Message.State.SCHEDULED:
        return _("Planned for %(when)s.") % {"when": date_format(message.due_at, "DATETIME_FORMAT")}
    if message.state == Message.State.SENT:
        told = _("To %(recipient)s.") % {"recipient": message.recipient}
        return f'{told} {_("It may have arrived twice.")}' if message.possible_duplicate else told
    if message.last_error:
        return f"{reason}: {message.last_error}" if reason else message.last_error
    return f"{str(reason).capitalize()}." if reason else ""
