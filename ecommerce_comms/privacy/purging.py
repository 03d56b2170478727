"""Nothing is kept for longer than the setting ``RETENTION_DAYS`` says.

Rows go in small batches, the oldest first: no table is blocked, and a run that was stopped is gone on with by the next one.
What is about an order that is still open stays, and so does every proof that still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import router, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from ecommerce_comms import clock
from ecommerce_comms.chat.models import Conversation
from ecommerce_comms.conf import DEFAULTS, conf
from ecommerce_comms.contact.closing import OPEN
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.messaging.outbox import UNSENT
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.privacy.erasing import forget
from ecommerce_comms.privacy.leftovers import clean_admin_log
from ecommerce_comms.shipping.models import Scan

BATCH = 1000
"""How many rows go at once."""
_WAITING = (*UNSENT, Message.State.SENDING)


def ended(prefix: str = "") -> Q:
    """Orders of which nothing more is to come: arrived, cancelled or refunded, without a return or a dispute under way."""
    def is_set(*names: str) -> Q:
        return reduce(or_, (Q(**{f"{prefix}{name}__isnull": False}) for name in names))

    at_rest = Q(**{f"{prefix}return_requested_at": None}) | is_set("return_received_at", "refunded_at")
    return is_set("delivered_at", "cancelled_at", "refunded_at") & at_rest & Q(**{f"{prefix}disputed": False})


def days(name: str) -> int:
    """For how many days rows of ``name`` are kept; 0 is for ever."""
    return int({**DEFAULTS["RETENTION_DAYS"], **conf.RETENTION_DAYS}[name])


def purge(now: datetime | None = None, *, dry_run: bool = False) -> dict[str, int]:
    """Remove what is older than it may be at ``now`` (aware); returns how many rows of each went, or would go if ``dry_run``."""
    moment = now or clock.now()
    gone = {}
    for name, kind in KINDS.items():
        kept = days(name)
        due = kind.due(moment - timedelta(days=kept)) if kept else None
        gone[name] = 0 if due is None else due.count() if dry_run else _empty(due, kind.remove)
    return gone


def _empty(due: QuerySet[Any], remove: Callable[[list[int]], object]) -> int:
    gone = last = 0
    while pks := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        remove(pks)
        gone, last = gone + len(pks), pks[-1]
    return gone


def _attempts(before: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(ended_at__lt=before).exclude(message__state__in=_WAITING)


def _notices(before: datetime) -> QuerySet[ProviderEvent]:
    return ProviderEvent.objects.filter(received_at__lt=before).exclude(state=ProviderEvent.State.WAITING)


def _messages(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(Q(order=None) | ended("order__"), decided_at__lt=before).exclude(state__in=_WAITING)


def _events(before: datetime) -> QuerySet[OrderEvent]:
    """Processed ones whose words are still there; those that were given up without an order belong to nobody."""
    told = OrderEvent.objects.filter(recorded_at__lt=before).exclude(state=OrderEvent.State.NEW)
    return told.filter(Q(order=None) | ended("order__") & (Q(snapshot__isnull=False) | ~Q(error="")))


def _customers(before: datetime) -> QuerySet[Customer]:
    """Those of whom nothing was heard since."""
    newer = Order.objects.filter(customer=OuterRef("pk")).exclude(ended(), placed_at__lt=before)
    told = OrderEvent.objects.filter(order__customer=OuterRef("pk"), recorded_at__gte=before)
    said = Message.objects.filter(Q(decided_at__gte=before) | Q(state__in=_WAITING), customer=OuterRef("pk"))
    quiet = Customer.objects.filter(created_at__lt=before, erased_at=None)
    called = CallbackRequest.objects.filter(Q(created_at__gte=before) | Q(state__in=OPEN), customer=OuterRef("pk"))
    talked = Conversation.objects.filter(last_at__gte=before, customer=OuterRef("pk"))
    return quiet.filter(~Exists(newer), ~Exists(told), ~Exists(said), ~Exists(called), ~Exists(talked))


def _orders(before: datetime) -> QuerySet[Order]:
    newer = OrderEvent.objects.filter(order_key=OuterRef("key"), recorded_at__gte=before)
    return Order.objects.filter(ended(), ~Exists(newer), placed_at__lt=before)


def _consents(before: datetime) -> QuerySet[Consent]:
    """Words that were taken back or repeated since: only the newest about an address, channel and topic counts."""
    same = {name: OuterRef(name) for name in ("address_hash", "channel", "topic")}
    return Consent.objects.filter(at__lt=before).filter(Exists(Consent.objects.filter(at__gt=OuterRef("at"), **same)))


def _suppressions(before: datetime) -> QuerySet[Suppression]:
    return Suppression.objects.filter(lifted_at__lt=before)


def _scans(before: datetime) -> QuerySet[Scan]:
    """Those that never found their parcel; the others go with their orders."""
    return Scan.objects.filter(parcel=None, received_at__lt=before)


def _calls(before: datetime) -> QuerySet[CallbackRequest]:
    """Those that are over, with every try."""
    return CallbackRequest.objects.filter(closed_at__lt=before)


def _chat(before: datetime) -> QuerySet[Conversation]:
    """Conversations in which nothing was said since, with every line; what is said next begins a new one."""
    return Conversation.objects.filter(last_at__lt=before)


def _delete(model: type[Model]) -> Callable[[list[int]], object]:
    return lambda pks: model._default_manager.filter(pk__in=pks).delete()


def _empty_events(pks: list[int]) -> None:
    """The fact itself stays, for the state of its order is told by its events; what it said goes."""
    events = OrderEvent.objects.filter(pk__in=pks)
    events.filter(order=None).delete()
    events.update(snapshot=None, data={}, error="")


def _forget_customers(pks: list[int]) -> None:
    for customer in Customer.objects.filter(pk__in=pks).order_by("pk"):
        forget(customer)
    said = Message.objects.filter(customer__in=pks).values_list("pk", flat=True)
    clean_admin_log({Customer: pks, Message: list(said)}, set())


def _delete_orders(pks: list[int]) -> None:
    with transaction.atomic(using=router.db_for_write(Order)):
        orders = Order.objects.select_for_update().filter(pk__in=pks).order_by("pk")
        OrderEvent.objects.filter(order_key__in=[order.key for order in orders]).delete()
        Order.objects.filter(pk__in=pks).delete()


@dataclass(frozen=True)
class Kind:
    """How rows of one kind grow old."""

    due: Callable[[datetime], QuerySet[Any]]
    """Those that are older than a moment and may go. What ``remove`` has dealt with is not among them any more."""
    remove: Callable[[list[int]], object]


KINDS: dict[str, Kind] = {
    "attempts": Kind(_attempts, _delete(Attempt)),
    "provider_events": Kind(_notices, _delete(ProviderEvent)),
    "messages": Kind(_messages, _delete(Message)),
    "events": Kind(_events, _empty_events),
    "customers": Kind(_customers, _forget_customers),
    "orders": Kind(_orders, _delete_orders),
    "consents": Kind(_consents, _delete(Consent)),
    "suppressions": Kind(_suppressions, _delete(Suppression)),
    "scans": Kind(_scans, _delete(Scan)),
    "calls": Kind(_calls, _delete(CallbackRequest)),
    "chat": Kind(_chat, _delete(Conversation)),
}
"""What goes when, in this order; the names are those of ``RETENTION_DAYS``."""
