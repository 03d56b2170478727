"""The state of an order, told by its events alone.

State is folded anew from all events in the order in which they *happened*, so events that arrive late, twice or in
any order lead to the same end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any

from ecommerce_comms import keys
from ecommerce_comms.customers.identity import recognise
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.kinds import PARCEL_KINDS
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.rows import update_each
from ecommerce_comms.snapshots import LineSnapshot, OrderSnapshot

_FOLDED = (
    "snapshot", "snapshot_at", "disputed", "number", "placed_at", "customer", "status", "paid_at", "processed_at", "cancelled_at",
    "refunded_at", "delivered_at", "delayed_at", "return_requested_at", "return_received_at",
)
_values = attrgetter(*({"customer": "customer_id"}.get(name, name) for name in _FOLDED))
"""What these fields hold, found without a query."""
Times = dict[str, list[datetime]]
"""When each kind of fact became true, oldest first."""
LABEL = frozenset({"carrier", "tracking_number", "tracking_url"})
"""What a merchant puts right together."""
MERCHANT = "merchant"
"""Source of what somebody did in the admin."""


def apply(history: History, events: Iterable[OrderEvent]) -> set[str]:
    """Bring order and parcels up to what ``history.events`` say; ``events`` are the ones that are new.

    Parcels are written; the order is not: returned are the names of its fields that changed, for ``save``.
    """
    before = _values(history.order)
    for event in events:
        _take_snapshot(history.order, event)
    _fold_parcels(history)
    for name, value in _fold_order(history).items():
        setattr(history.order, name, value)
    after = _values(history.order)
    return {name for name, was, now in zip(_FOLDED, before, after, strict=True) if was != now} if before != after else set()


def save(changes: Iterable[tuple[Order, set[str]]]) -> None:
    """Write what ``apply`` changed, for many orders at once; the snapshot, which is long, only where it is new."""
    changed = [(order, fields) for order, fields in changes if fields]
    update_each([order for order, fields in changed if "snapshot" in fields], _FOLDED)
    update_each([order for order, fields in changed if "snapshot" not in fields], _FOLDED[1:])


def _take_snapshot(order: Order, event: OrderEvent) -> None:
    """The newest snapshot wins, by the time at which it was true."""
    if event.snapshot is None or (order.snapshot_at and event.occurred_at < order.snapshot_at):
        return
    if order.snapshot == event.snapshot:
        return
    snapshot, known = OrderSnapshot.from_json(event.snapshot), bool(order.snapshot)
    order.snapshot, order.snapshot_at, order.disputed = event.snapshot, event.occurred_at, snapshot.disputed
    order.__dict__.pop("as_snapshot", None)
    order.number = (snapshot.number or order.reference)[:190]
    order.placed_at = snapshot.placed_at or order.placed_at
    if known:  # the first one's customer was recognised when the order was made
        order.customer = recognise(snapshot.customer, snapshot.placed_at or order.placed_at) or order.customer


def _fold_parcels(history: History) -> None:
    """Make the parcels that the events name, and set their states; an order without names has one parcel, ``1``."""
    named: dict[str, Times] = {}
    unnamed: Times = defaultdict(list)
    told: dict[str, dict[str, Any]] = defaultdict(dict)
    wrong: dict[str, set[str]] = defaultdict(set)
    for event in history.events:
        if event.parcel:
            reference = event.parcel.get("reference", "1")
            named.setdefault(reference, defaultdict(list))[event.kind].append(event.occurred_at)
            # A later fact adds to what is known of the parcel, and takes nothing away.
            told[reference] |= _added(event, told[reference], wrong[reference])
        elif event.kind in PARCEL_KINDS:
            unnamed[event.kind].append(event.occurred_at)
    if unnamed and not named:
        named["1"] = defaultdict(list)
    for reference, times in named.items():
        for kind, moments in unnamed.items():
            times[kind] = sorted(times[kind] + moments)
        _save_parcel(history, reference, times, told[reference])
    for reference in set(history.parcels) - set(named):
        history.parcels.pop(reference).delete()


def _added(event: OrderEvent, told: dict[str, Any], wrong: set[str]) -> dict[str, Any]:
    """What ``event`` adds to what was ``told`` of its parcel; ``wrong`` are the numbers that a merchant has replaced so far.

    The shop that mistyped a number goes on naming it with every later fact: that must not undo the correction.
    """
    facts = {name: value for name, value in (event.parcel or {}).items() if value}
    number, before = str(facts.get("tracking_number", "")), str(told.get("tracking_number", ""))
    if event.source == MERCHANT:
        wrong |= {before} - {"", number} if number else set()
        wrong.discard(number)
    elif number in wrong:
        return {name: value for name, value in facts.items() if name not in LABEL}
    return facts


def _save_parcel(history: History, reference: str, times: Times, told: dict[str, Any]) -> None:
    parcel = history.parcels.get(reference)
    values = _parcel_values(times)
    if told:
        values |= {name: str(told.get(name, ""))[:100] for name in ("carrier", "service")}
        # In one form, that of carriers, so that what they tell is found; customers see it as the shop wrote it.
        values["tracking_number"] = "".join(str(told.get("tracking_number", "")).split()).upper()[:100]
        values["snapshot"] = told
    if parcel is None:
        history.parcels[reference] = Parcel.objects.create(
            order=history.order, key=keys.make(history.order.reference, reference), reference=reference, **values
        )
    elif changed := [name for name, value in values.items() if getattr(parcel, name) != value]:
        for name in changed:
            setattr(parcel, name, values[name])
        parcel.save(update_fields=changed)


def _parcel_values(times: Times) -> dict[str, Any]:
    failed = max(times["delivery_failed"], default=None)
    # A failed attempt reported after an arrival is a correction: the parcel did not arrive after all.
    arrivals = [moment for moment in times["order_delivered"] if failed is None or moment >= failed]
    delivered_at = min(arrivals, default=None)
    return {
        "shipped_at": min(times["order_shipped"], default=None),
        "delivered_at": delivered_at,
        "delayed_at": None if delivered_at else _standing_delay(times),
        "status": _parcel_status(times, delivered_at),
    }


def _parcel_status(times: Times, delivered_at: datetime | None) -> str:
    if delivered_at:
        return Parcel.Status.DELIVERED
    last = {
        Parcel.Status.FAILED: max(times["delivery_failed"], default=None),
        Parcel.Status.READY_FOR_PICKUP: max(times["order_ready_for_pickup"], default=None),
        Parcel.Status.OUT_FOR_DELIVERY: max(times["order_out_for_delivery"], default=None),
    }
    reached = [(moment, status) for status, moment in last.items() if moment]
    if reached:
        return max(reached)[1]
    return Parcel.Status.SHIPPED if times["order_shipped"] else Parcel.Status.EXPECTED


def _standing_delay(times: Times) -> datetime | None:
    """When the delay that still stands was told; ``None`` if there is none, or it was cleared since."""
    cleared = max(times["order_back_on_track"], default=None)
    delays = [moment for moment in times["order_delayed"] if cleared is None or moment > cleared]
    return min(delays, default=None)


def _fold_order(history: History) -> dict[str, Any]:
    times: Times = defaultdict(list)
    whole: Times = defaultdict(list)
    for event in history.events:
        times[event.kind].append(event.occurred_at)
        if not event.parcel:
            whole[event.kind].append(event.occurred_at)
    delivered_at = _all_delivered_at(history)
    delays = [parcel.delayed_at for parcel in history.parcels.values() if parcel.delayed_at]
    standing = [moment for moment in (_standing_delay(whole), *delays) if moment]
    requested, received = max(times["return_requested"], default=None), max(times["return_received"], default=None)
    values = {
        "paid_at": min(times["order_paid"], default=None),
        "processed_at": min(times["order_processed"], default=None),
        "cancelled_at": min(times["order_cancelled"], default=None),
        "refunded_at": max(times["order_refunded"], default=None),
        "return_requested_at": requested,
        "return_received_at": received if requested is None or received is None or received >= requested else None,
        "delivered_at": delivered_at,
        "delayed_at": None if delivered_at or times["order_cancelled"] else min(standing, default=None),
    }
    if history.order.placed_at is None and times["order_placed"]:
        values["placed_at"] = times["order_placed"][0]
    return values | {"status": _order_status(values, history)}


def _order_status(values: dict[str, Any], history: History) -> str:
    parcels = history.parcels.values()
    steps = [
        (values["cancelled_at"], Order.Status.CANCELLED),
        (values["delivered_at"], Order.Status.DELIVERED),
        (any(parcel.delivered_at for parcel in parcels), Order.Status.PARTLY_DELIVERED),
        (any(parcel.shipped_at for parcel in parcels) and _is_complete(history), Order.Status.SHIPPED),
        (any(parcel.shipped_at for parcel in parcels), Order.Status.PARTLY_SHIPPED),
        (values["processed_at"], Order.Status.PROCESSED),
        (values["paid_at"], Order.Status.PAID),
    ]
    return next((status for reached, status in steps if reached), Order.Status.PLACED)


def _all_delivered_at(history: History) -> datetime | None:
    arrivals = [parcel.delivered_at for parcel in history.parcels.values()]
    if not arrivals or None in arrivals or not _is_complete(history):
        return None
    return max(moment for moment in arrivals if moment)


def _is_complete(history: History) -> bool:
    """Whether the known parcels hold all of the order, as far as the shop told what is in them."""
    snapshots = [parcel.as_snapshot for parcel in history.parcels.values()]
    if max((snapshot.of for snapshot in snapshots), default=0) > len(snapshots):
        return False
    if any(not snapshot.lines for snapshot in snapshots):
        return True
    ordered = OrderSnapshot.from_json(history.order.snapshot).lines if history.order.snapshot else ()
    return sum(map(_units, snapshots_lines(snapshots))) >= sum(map(_units, ordered))


def snapshots_lines(snapshots: Iterable[Any]) -> list[LineSnapshot]:
    """Every line of every parcel."""
    return [line for snapshot in snapshots for line in snapshot.lines]


def _units(line: LineSnapshot) -> int:
    return line.quantity
