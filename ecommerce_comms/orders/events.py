"""The only door for facts: ``record(kind, order, …)`` inserts one row in the shop's own transaction.

The row is the promise that the fact will be dealt with; everything after it is only a wake-up.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.utils.translation import get_language

from ecommerce_comms import clock, keys
from ecommerce_comms.adapters.base import OrderAdapter, get_adapter
from ecommerce_comms.orders import kinds, waker
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.snapshots import OrderSnapshot, ParcelSnapshot

log = logging.getLogger(__name__)
PROCESS_EVENT = "ecommerce_comms.process_event"


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
    later. Raises ``UnknownKind``, ``ValueError`` for a naive ``occurred_at`` or an order without a key, and ``DatabaseError``.
    """
    kinds.check(kind)
    if occurred_at is not None and occurred_at.tzinfo is None:
        raise ValueError(f"occurred_at of {kind} is naive: {occurred_at!r}; give an aware datetime.")
    adapter = get_adapter()
    reference = adapter.reference(order)[:190]
    if reference in ("", "None") or getattr(getattr(order, "_state", None), "adding", False):
        raise ValueError(f"{kind} is about an order that has no key yet: {order!r}; send the signal after the order is saved.")
    event = OrderEvent(
        kind=kind, order_reference=reference, occurred_at=occurred_at or clock.now(), recorded_at=clock.now(),
        source=source, notify_customer=notify_customer, data=_plain(data or {}),
        language=(get_language() or "") if kind == "order_placed" else "",
    )
    event.order_key = keys.make(event.order_reference)
    home = router.db_for_write(OrderEvent)
    shop = adapter.database(order) or home
    _read(event, adapter, order, parcel, {home, shop})
    event.event_key = _event_key(event, event_key, exact=occurred_at is not None)
    if kind == "order_placed" and occurred_at is None:
        event.occurred_at = _placed_at(event) or event.occurred_at
    if shop != home and connections[shop].in_atomic_block:
        # No transaction spans two databases: nothing is kept of an order that may yet be rolled back.
        transaction.on_commit(lambda: _insert_guarded(event), using=shop, robust=True)
        return None
    return _insert(event)


def record_known(
    kind: str, order: Order, *, parcel: Parcel | None = None, occurred_at: datetime, event_key: str,
    data: dict[str, Any] | None = None, source: str,
) -> OrderEvent | None:
    """Keep a fact that the app itself found out about an order it knows; ``None`` if it was known.

    ``event_key`` is made by ``keys.make``.
    """
    kinds.check(kind)
    return _insert(OrderEvent(
        kind=kind, order_reference=order.reference, order_key=order.key, occurred_at=occurred_at, recorded_at=clock.now(), source=source,
        event_key=event_key, snapshot=order.snapshot, parcel=parcel.as_snapshot.to_json() if parcel else None, data=_plain(data or {}),
    ))


def record_facts(facts: Sequence[Fact]) -> list[OrderEvent]:
    """Insert many facts at once; returns the new ones in their order.

    Nobody is woken: call ``lifecycle.process_batch``, or leave them to the sweep. Raises ``IntegrityError``, with nothing
    inserted, if somebody else records one of them at the same moment.
    """
    events = [_event_of(fact) for fact in facts]
    known = set(OrderEvent.objects.filter(event_key__in=[event.event_key for event in events]).values_list("event_key", flat=True))
    fresh = list({event.event_key: event for event in events if event.event_key not in known}.values())
    if not connections[router.db_for_write(OrderEvent)].features.can_return_rows_from_bulk_insert:
        return [event for event in fresh if _insert(event)]
    with transaction.atomic():
        return OrderEvent.objects.bulk_create(fresh)


def read_again(event: OrderEvent) -> bool:
    """Try once more to read the order of an event that has no snapshot; whether it has one now."""
    adapter = get_adapter()
    order = adapter.load(event.order_reference)
    if order is not None:
        _read(event, adapter, order, event.parcel, {router.db_for_write(OrderEvent)})
        event.save(update_fields=["snapshot", "parcel", "error"])
    return event.snapshot is not None


def record_safely(kind: str, order: Any, **arguments: Any) -> None:
    """``record``, for code that must not fail whatever happens here.

    A failure is logged with the order's reference. If it was the database's, the fact is recorded once the order is
    committed, by another thread and with the order's reference alone; orders that stay unknown are found by the sweep.
    """
    try:
        record(kind, order, **arguments)
    except DatabaseError:
        log.exception("The fact %s of order %s could not be recorded; it is tried again.", kind, _reference(order))
        _try_again_after_commit(kind, order, {"occurred_at": clock.now(), **arguments})
    except Exception:
        log.exception("The fact %s of order %s could not be recorded.", kind, _reference(order))


def _try_again_after_commit(kind: str, order: Any, arguments: dict[str, Any]) -> None:
    work = partial(_record_later, kind, _reference(order), arguments)
    try:
        alias = get_adapter().database(order) or router.db_for_write(OrderEvent)
        with transaction.atomic(using=alias):
            transaction.on_commit(partial(waker.call, work), using=alias, robust=True)
    except Exception:
        log.exception("The fact %s of order %s cannot even be tried again.", kind, _reference(order))


def _record_later(kind: str, reference: str, arguments: dict[str, Any]) -> None:
    record(kind, get_adapter().load(reference) or reference, **arguments)


def _read(event: OrderEvent, adapter: OrderAdapter, order: Any, parcel: Any, aliases: set[str]) -> None:
    """Fill in the snapshots; what cannot be read leaves its error and an unharmed transaction."""
    try:
        with ExitStack() as savepoints:
            for alias in aliases:
                if connections[alias].in_atomic_block:
                    savepoints.enter_context(transaction.atomic(using=alias))
            event.parcel = adapter.parcel(parcel).to_json() if parcel is not None else None
            event.snapshot = adapter.snapshot(order).to_json()
            event.error = ""
    except Exception as error:
        event.snapshot = None
        if parcel is not None and event.parcel is None:
            key = parcel.get("reference", "1") if isinstance(parcel, dict) else getattr(parcel, "pk", parcel)
            event.parcel = {"reference": str(key)[:150]}
        event.error = f"{type(error).__name__}: {error}"
        log.exception("Order %s could not be read for %s; it is kept and read again later.", event.order_reference, event.kind)


def _insert(event: OrderEvent) -> OrderEvent | None:
    home = router.db_for_write(OrderEvent)
    try:
        with transaction.atomic(using=home):
            event.save(force_insert=True)
            # Inside the block: outside of it a shop that commits by hand may not ask for what comes after its commit.
            transaction.on_commit(lambda: waker.wake(PROCESS_EVENT, event.pk), using=home, robust=True)
    except IntegrityError:
        if OrderEvent.objects.filter(event_key=event.event_key).exists():
            return None
        raise
    return event


def _insert_guarded(event: OrderEvent) -> None:
    try:
        _insert(event)
    except DatabaseError:
        log.exception("The fact %s of order %s could not be recorded.", event.kind, event.order_reference)


def _event_of(fact: Fact) -> OrderEvent:
    kinds.check(fact.kind)
    return OrderEvent(
        kind=fact.kind, order_reference=fact.snapshot.reference, order_key=keys.make(fact.snapshot.reference), occurred_at=fact.occurred_at,
        recorded_at=clock.now(), source=fact.source, event_key=fact.event_key, snapshot=fact.snapshot.to_json(),
        parcel=fact.parcel.to_json() if fact.parcel else None, data=_plain(fact.data),
    )


def _placed_at(event: OrderEvent) -> datetime | None:
    """When the order itself says that it was placed, unless that is still to come."""
    placed_at = OrderSnapshot.from_json(event.snapshot).placed_at if event.snapshot else None
    return placed_at if placed_at and placed_at <= event.recorded_at else None


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
