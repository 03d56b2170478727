"""The only door for facts: ``record(kind, order, …)`` inserts one row in the shop's own transaction.

The row is the promise that the fact will be dealt with; everything after it is only a wake-up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from django.db import DatabaseError, InterfaceError, connections, router, transaction
from django.utils.translation import get_language

from ecommerce_comms import clock, keys, masking, tracing
from ecommerce_comms.adapters.base import OrderAdapter, get_adapter
from ecommerce_comms.orders import kinds, spool, waker
from ecommerce_comms.orders.contained import Savepoints, after_commit, contain
from ecommerce_comms.orders.inserting import insert
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.rows import insert_many
from ecommerce_comms.snapshots import OrderSnapshot, ParcelSnapshot

log = masking.logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact whose order has been read already; for imports and replays that tell many at once."""

    kind: str
    snapshot: OrderSnapshot
    parcel: ParcelSnapshot | None = None
    occurred_at: datetime
    event_key: str
    """Made by ``keys.make``."""
    data: dict[str, Any] = field(default_factory=dict)
    source: str = "shop"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A fact that the app found out about an order it knows."""

    kind: str
    order: Order
    parcel: Parcel | None = None
    occurred_at: datetime
    event_key: str
    """Made by ``keys.make``."""
    data: dict[str, Any] = field(default_factory=dict)
    source: str
    notify_customer: bool = True
    changes: dict[str, str] = field(default_factory=dict)
    """Fields of the parcel's snapshot that it puts right."""


def record(
    kind: str,
    order: Any,
    *,
    parcel: Any = None,
    occurred_at: datetime | None = None,
    event_key: str = "",
    data: dict[str, Any] | None = None,
    notify_customer: bool = True,
    source: str = "shop",
) -> OrderEvent | None:
    """Keep the fact that ``kind`` happened to the shop's ``order``; see ``signals`` for the arguments.

    Returns the new event; ``None`` if the same fact was known, or if the order's transaction is in another database
    and the row is written when that one commits. An order that cannot be read is kept by its reference and read again
    later. Raises ``UnknownKind``, ``ValueError`` for a naive ``occurred_at`` or an order without a key, and ``DatabaseError``,
    with the transaction unharmed.
    """
    return _told(kind, order, parcel, occurred_at, event_key, data, notify_customer, source).insert()


def record_all_known(facts: Sequence[Known]) -> list[OrderEvent]:
    """Keep many facts about known orders with two statements, in the transaction of the caller; returns the new ones."""
    events = {fact.event_key: _found_out(fact) for fact in facts}
    known = set(OrderEvent.objects.filter(event_key__in=events).values_list("event_key", flat=True)) if events else set()
    fresh = [events[key] for key in sorted(events.keys() - known)]
    if fresh:
        insert_many(fresh, unique="event_key")
        after_commit(partial(waker.wake, waker.WORK), router.db_for_write(OrderEvent))
    return fresh


def record_facts(facts: Sequence[Fact]) -> list[OrderEvent]:
    """Insert many facts at once; returns the new ones in their order.

    Nobody is woken: call ``lifecycle.process_batch``, or leave them to the sweep. Raises ``IntegrityError``, with nothing
    inserted, if somebody else records one of them at the same moment.
    """
    events = [_event_of(fact) for fact in facts]
    known = set(OrderEvent.objects.filter(event_key__in=[event.event_key for event in events]).values_list("event_key", flat=True))
    fresh = list({event.event_key: event for event in events if event.event_key not in known}.values())
    with transaction.atomic(using=router.db_for_write(OrderEvent)):
        insert_many(fresh)
    return fresh


def read_again(event: OrderEvent) -> bool:
    """Try once more to read the order of an event that has no snapshot; whether it has one now."""
    adapter = get_adapter()
    order = adapter.load(event.order_reference)
    if order is not None:
        _read(event, adapter, order, event.parcel, [contain(router.db_for_write(OrderEvent))])
        event.save(update_fields=["snapshot", "parcel", "error"])
    return event.snapshot is not None


def record_safely(kind: str, order: Any, **arguments: Any) -> None:
    """``record``, for code that must not fail whatever happens here.

    A failure is logged with the order's reference. If it was the database's, the fact is written into a file of this host once
    the order is committed, and recorded from there as soon as the database takes it (``spool``).
    """
    try:
        spool.look()
        told = _told(kind, order, **arguments)
    except Exception:
        log.exception("The fact %s of order %s could not be recorded.", kind, _reference(order))
        return
    try:
        told.insert()
    except (DatabaseError, InterfaceError):
        log.exception("The fact %s of order %s could not be recorded; it is tried again.", kind, told.event.order_reference)
        told.spool()
    except Exception:
        log.exception("The fact %s of order %s could not be recorded.", kind, told.event.order_reference)


@dataclass
class _Told:
    """A fact that was told and is not yet in the database."""

    event: OrderEvent
    place: Savepoints
    """The database of our tables."""
    shop: str
    """Alias of the database in whose transaction the shop changes the order."""

    def insert(self) -> OrderEvent | None:
        with tracing.span("record", self.event.event_key, kind=self.event.kind):
            return self._insert()

    def _insert(self) -> OrderEvent | None:
        if self.shop == self.place.connection.alias or not connections[self.shop].in_atomic_block:
            return _insert(self.event, self.place)
        # No transaction spans two databases: nothing is kept of an order that may yet be rolled back.
        after_commit(partial(_insert_or_spool, self.event), self.shop)
        return None

    def spool(self) -> None:
        """Write it down outside of the database once the order is committed."""
        try:
            after_commit(partial(spool.keep, self.event), self.shop)
        except Exception:
            log.exception("The fact %s of order %s cannot even be tried again.", self.event.kind, self.event.order_reference)


def _told(
    kind: str, order: Any, parcel: Any = None, occurred_at: datetime | None = None, event_key: str = "",
    data: dict[str, Any] | None = None, notify_customer: bool = True, source: str = "shop",
) -> _Told:
    """Read what ``record`` was told."""
    kinds.check(kind)
    if occurred_at is not None and occurred_at.tzinfo is None:
        raise ValueError(f"occurred_at of {kind} is naive: {occurred_at!r}; give an aware datetime.")
    adapter = get_adapter()
    reference = adapter.reference(order)[:190]
    if reference in ("", "None") or getattr(getattr(order, "_state", None), "adding", False):
        raise ValueError(f"{kind} is about an order that has no key yet: {order!r}; send the signal after the order is saved.")
    now = clock.now()
    event = OrderEvent(
        kind=kind, order_reference=reference, order_key=keys.make(reference), source=source, notify_customer=notify_customer,
        occurred_at=occurred_at or now, recorded_at=now, next_try_at=now, data=_plain(data) if data else {},
        language=(get_language() or "") if kind == "order_placed" else "",
    )
    home = router.db_for_write(OrderEvent)
    shop = adapter.database(order) or home
    place = contain(home)
    # Of two databases one has no INSERT that could take a savepoint back.
    snapshot = _read(event, adapter, order, parcel, [place] if shop == home else [contain(each, lean=False) for each in (home, shop)])
    event.event_key = _event_key(event, event_key, exact=occurred_at is not None)
    if kind == "order_placed" and occurred_at is None and snapshot and snapshot.placed_at and snapshot.placed_at <= now:
        event.occurred_at = snapshot.placed_at
    return _Told(event, place, shop)


def _read(event: OrderEvent, adapter: OrderAdapter, order: Any, parcel: Any, places: Sequence[Savepoints]) -> OrderSnapshot | None:
    """Fill in the snapshots; what cannot be read leaves its error and an unharmed transaction."""
    try:
        with ExitStack() as held:
            for place in places:
                held.enter_context(place.hold())
            event.parcel = adapter.parcel(parcel).to_json() if parcel is not None else None
            snapshot = adapter.snapshot(order)
            event.snapshot = snapshot.to_json()
            event.error = ""
            return snapshot
    except Exception as error:
        event.snapshot = None
        if parcel is not None and event.parcel is None:
            key = parcel.get("reference", "1") if isinstance(parcel, dict) else getattr(parcel, "pk", parcel)
            event.parcel = {"reference": str(key)[:150]}
        event.error = f"{type(error).__name__}: {error}"
        log.exception("Order %s could not be read for %s; it is kept and read again later.", event.order_reference, event.kind)
        return None


def _insert(event: OrderEvent, place: Savepoints) -> OrderEvent | None:
    if not insert(event, place):
        return None
    after_commit(partial(waker.wake, waker.WORK), place.connection.alias)
    return event


def _insert_or_spool(event: OrderEvent) -> None:
    try:
        _insert(event, contain(router.db_for_write(OrderEvent)))
    except (DatabaseError, InterfaceError):
        log.exception("The fact %s of order %s could not be recorded; it is tried again.", event.kind, event.order_reference)
        spool.keep(event)


def _found_out(fact: Known) -> OrderEvent:
    kinds.check(fact.kind)
    order, now = fact.order, clock.now()
    return OrderEvent(
        kind=fact.kind, order_reference=order.reference, order_key=order.key, occurred_at=fact.occurred_at, recorded_at=now,
        next_try_at=now, source=fact.source, event_key=fact.event_key, snapshot=order.snapshot, data=_plain(fact.data),
        notify_customer=fact.notify_customer,
        # Its name alone: what is known of the parcel is told by the shop, and may be put right at this very moment.
        parcel={"reference": fact.parcel.reference, **fact.changes} if fact.parcel else None,
    )


def _event_of(fact: Fact) -> OrderEvent:
    kinds.check(fact.kind)
    return OrderEvent(
        kind=fact.kind, order_reference=fact.snapshot.reference, order_key=keys.make(fact.snapshot.reference), occurred_at=fact.occurred_at,
        recorded_at=clock.now(), source=fact.source, event_key=fact.event_key, snapshot=fact.snapshot.to_json(),
        parcel=fact.parcel.to_json() if fact.parcel else None, data=_plain(fact.data),
    )


def _event_key(event: OrderEvent, given: str, *, exact: bool) -> str:
    """The shop's own key, or one made from what the fact is about."""
    if given:
        return keys.make("shop", given)
    parcel = (event.parcel or {}).get("reference", "1")
    match kinds.ONCE[event.kind]:
        case kinds.Once.ORDER:
            return keys.make(event.kind, event.order_reference)
        case kinds.Once.PARCEL:
            return keys.make(event.kind, event.order_reference, parcel)
        case _ if exact:
            return keys.make(event.kind, event.order_reference, parcel, event.occurred_at.timestamp())
    content = json.dumps([event.snapshot, event.data], sort_keys=True, default=str)
    return keys.make(event.kind, event.order_reference, parcel, blake2b(content.encode(), digest_size=10).hexdigest())


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` as JSON holds it: dates, amounts and lazy texts become text."""
    plain: dict[str, Any] = json.loads(json.dumps(data, default=str))
    return plain


def _reference(order: Any) -> str:
    try:
        return get_adapter().reference(order)
    except Exception:
        return repr(getattr(order, "pk", order))
