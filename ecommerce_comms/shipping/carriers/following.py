"""From scans to what the carrier says now (``Tracking``), and to the events that follow from it.

Two axes: what the merchant did and what the app knows stands in ``Parcel`` and comes from events; what the carrier says stands in
``Tracking`` and comes from scans. Neither is written over the other. Scans add events of the source ``carrier``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction

from ecommerce_comms import keys
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.rows import insert_many, update_each
from ecommerce_comms.shipping import delays
from ecommerce_comms.shipping.carriers import effects, folding
from ecommerce_comms.shipping.carriers.folding import Folded, Step
from ecommerce_comms.shipping.carriers.sightings import compact
from ecommerce_comms.shipping.models.tracking import Scan, Tracking

SOURCE = "carrier"
_FORWARD = ("order_delivered", "order_out_for_delivery", "order_ready_for_pickup")
_FIELDS = ("status", "status_at", "scanned_at", "place", "estimate_earliest", "estimate_latest", "estimated_at")


@dataclass
class _Told:
    """What was told of one order, by the shop and by carriers."""

    since: datetime | None = None
    """When the first of it was told."""
    parcels: dict[str, datetime] = field(default_factory=dict)
    """When each parcel was first named."""
    shipped: set[str] = field(default_factory=set)
    """The parcels that it said have left; the empty name stands for all."""
    carriers: dict[str, list[tuple[str, datetime]]] = field(default_factory=lambda: defaultdict(list))
    """What carriers told of each parcel: kinds of events, and when they happened."""

    def known_since(self, parcel: Parcel) -> datetime | None:
        """Since when the app has known of ``parcel``."""
        return self.parcels.get(parcel.reference, self.since)

    def has_shipped(self, parcel: Parcel) -> bool:
        """Whether the shop itself said that ``parcel`` has left."""
        return bool(self.shipped & {"", parcel.reference})


def follow(parcels: Collection[int]) -> int:
    """Bring tracking and events of the parcels with these keys up to their scans; returns how many events are new.

    A function of the scans alone: doing it again, or in another order, changes nothing.
    """
    if not parcels:
        return 0
    new = _follow(sorted(parcels))
    delays.touch(parcels)
    return new


@again_after_deadlock
def _follow(pks: list[int]) -> int:
    with transaction.atomic(using=router.db_for_write(Scan)):
        # In the order of their keys, so that two that do this at once do not wait for each other.
        parcels = list(Parcel.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
        orders = Order.objects.in_bulk({parcel.order_id for parcel in parcels})
        scans: dict[int, list[Scan]] = defaultdict(list)
        for scan in Scan.objects.filter(parcel__in=pks):
            scans[scan.parcel_id or 0].append(scan)
        told = _what_was_told(orders.values())
        stories: list[tuple[Parcel, Folded]] = []
        facts: list[Known] = []
        for parcel in parcels:
            order = parcel.order = orders[parcel.order_id]
            story = folding.fold(folding.of_number(scans[parcel.pk], compact(parcel.tracking_number)))
            stories.append((parcel, story))
            facts += _facts(order, parcel, story, told[order.key])
        _write(stories)
        new = record_all_known(facts)
        _mark(scan for some in scans.values() for scan in some)
        passed_over = {pk for _parcel, story in stories for pk in story.passed_over}
        Scan.objects.filter(pk__in=passed_over).update(state=Scan.State.IGNORED)
    return len(new)


def _facts(order: Order, parcel: Parcel, story: Folded, told: _Told) -> list[Known]:
    news = folding.last_news(story) if _is_news(story, parcel, told) else None
    steps = [step for step in story.steps if step.milestone != "shipped" or not told.has_shipped(parcel)]
    facts = [_fact(order, parcel, step, is_told=step is news and effects.may_tell(step)) for step in steps]
    return [*facts, *_undone(order, parcel, story, told)]


def _undone(order: Order, parcel: Parcel, story: Folded, told: _Told) -> list[Known]:
    """What was told of a parcel before it came out that it had been on its way back by then: taken back, and told if it was its arrival."""
    if story.status not in folding.BACK or not story.steps:
        return []
    step = story.steps[-1]
    later = [(at, kind) for kind, at in told.carriers[parcel.reference] if at > step.scan.occurred_at and kind in _FORWARD]
    if not later:
        return []
    at = max(later)[0] + timedelta(microseconds=1)
    is_told = any(kind == "order_delivered" for _at, kind in later)
    return [replace(_fact(order, parcel, step, is_told=is_told), occurred_at=at, event_key=keys.make(SOURCE, parcel.key, "undone", at))]


def _is_news(story: Folded, parcel: Parcel, told: _Told) -> bool:
    """Whether its end was told only now, and by a parcel that had not arrived before anybody here knew of it."""
    if story.newest is None or story.newest.state != Scan.State.WAITING:
        return False
    since = told.known_since(parcel)
    return not (since and story.delivered_at and story.delivered_at < since)


def _fact(order: Order, parcel: Parcel, step: Step, *, is_told: bool) -> Known:
    at = step.scan.occurred_at
    return Known(
        kind=effects.EFFECTS[step.milestone].kind, order=order, parcel=parcel, occurred_at=at, data=effects.data_of(step, order),
        event_key=keys.make(SOURCE, parcel.key, step.milestone, int(at.timestamp())), source=SOURCE, notify_customer=is_told,
    )


def _what_was_told(orders: Iterable[Order]) -> dict[str, _Told]:
    """What was told of each order, by its key; one query."""
    found: dict[str, _Told] = defaultdict(_Told)
    events = OrderEvent.objects.filter(order_key__in=[order.key for order in orders])
    columns = ("order_key", "kind", "source", "parcel", "occurred_at", "recorded_at")
    for key, kind, source, parcel, occurred_at, recorded_at in events.values_list(*columns):
        told, name = found[key], (parcel or {}).get("reference", "")
        if source == SOURCE:
            told.carriers[name].append((kind, occurred_at))
            continue
        told.since = min(told.since or recorded_at, recorded_at)
        if name:
            told.parcels[name] = min(told.parcels.get(name, recorded_at), recorded_at)
        if kind == "order_shipped":
            told.shipped.add(name)
    return found


def _write(stories: list[tuple[Parcel, Folded]]) -> None:
    """Write what changed of the trackings: two statements, however many they are."""
    known = {row.parcel_id: row for row in Tracking.objects.filter(parcel__in=[parcel.pk for parcel, _story in stories])}
    new, changed, gone = [], [], []
    for parcel, story in stories:
        row, values = known.get(parcel.pk), _values(story)
        if values is None:
            gone += [row.pk] if row else []
        elif row is None:
            new.append(Tracking.build(parcel_id=parcel.pk, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    insert_many(new)
    update_each(changed, _FIELDS)
    if gone:
        Tracking.objects.filter(pk__in=gone).delete()


def _values(story: Folded) -> dict[str, Any] | None:
    """The fields of a tracking; ``None`` if nothing is known."""
    expected = story.expected
    seen_at = story.scanned_at or (expected.occurred_at if expected else None)
    if seen_at is None:
        return None
    return {
        "status": story.status, "status_at": story.status_at or seen_at, "scanned_at": seen_at, "place": story.place,
        "estimate_earliest": (expected.estimate_earliest or expected.estimate_latest) if expected else None,
        "estimate_latest": expected.estimate_latest if expected else None,
        "estimated_at": max(expected.occurred_at, expected.received_at) if expected else None,
    }


def _mark(scans: Iterable[Scan]) -> None:
    waiting = [scan.pk for scan in scans if scan.state == Scan.State.WAITING]
    if waiting:
        Scan.objects.filter(pk__in=waiting).update(state=Scan.State.APPLIED)
