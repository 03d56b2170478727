"""From scans to what the carrier says now (``Tracking``), and to the events that follow from it.

Two axes: what the merchant did and what the app knows stands in ``Parcel`` and comes from events; what the carrier says stands in
``Tracking`` and comes from scans. Neither is written over the other. Scans add events of the source ``carrier``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import router, transaction

from ecommerce_comms import keys
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.locking import again_after_deadlock
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.rows import insert_many, update_each
from ecommerce_comms.shipping.carriers import effects, folding
from ecommerce_comms.shipping.carriers.folding import Folded, Step
from ecommerce_comms.shipping.carriers.sightings import compact
from ecommerce_comms.shipping.models.tracking import Scan, Tracking

SOURCE = "carrier"
_FIELDS = ("status", "status_at", "scanned_at", "place", "estimate_earliest", "estimate_latest", "estimated_at")


@dataclass
class _Shop:
    """What the shop told of one order."""

    since: datetime | None = None
    """When the first of it was told."""
    parcels: dict[str, datetime] = field(default_factory=dict)
    """When each parcel was first named."""
    shipped: set[str] = field(default_factory=set)
    """The parcels that it said have left; the empty name stands for all."""

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
    return _follow(sorted(parcels)) if parcels else 0


@again_after_deadlock
def _follow(pks: list[int]) -> int:
    with transaction.atomic(using=router.db_for_write(Scan)):
        # In the order of their keys, so that two that do this at once do not wait for each other.
        parcels = list(Parcel.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
        orders = Order.objects.in_bulk({parcel.order_id for parcel in parcels})
        scans: dict[int, list[Scan]] = defaultdict(list)
        for scan in Scan.objects.filter(parcel__in=pks):
            scans[scan.parcel_id or 0].append(scan)
        shops = _shops(orders.values())
        stories: list[tuple[Parcel, Folded]] = []
        facts: list[Known] = []
        for parcel in parcels:
            order = parcel.order = orders[parcel.order_id]
            story = folding.fold(folding.of_number(scans[parcel.pk], compact(parcel.tracking_number)))
            stories.append((parcel, story))
            facts += _facts(order, parcel, story, shops[order.key])
        _write(stories)
        new = record_all_known(facts)
        _mark(scan for some in scans.values() for scan in some)
        passed_over = {pk for _parcel, story in stories for pk in story.passed_over}
        Scan.objects.filter(pk__in=passed_over).update(state=Scan.State.IGNORED)
    return len(new)


def _facts(order: Order, parcel: Parcel, story: Folded, shop: _Shop) -> list[Known]:
    news = folding.last_news(story) if _is_news(story, parcel, shop) else None
    steps = [step for step in story.steps if step.milestone != "shipped" or not shop.has_shipped(parcel)]
    return [_fact(order, parcel, step, is_told=step is news and effects.may_tell(step)) for step in steps]


def _is_news(story: Folded, parcel: Parcel, shop: _Shop) -> bool:
    """Whether its end was told only now, and by a parcel that had not arrived before anybody here knew of it."""
    if story.newest is None or story.newest.state != Scan.State.WAITING:
        return False
    since = shop.known_since(parcel)
    return not (since and story.delivered_at and story.delivered_at < since)


def _fact(order: Order, parcel: Parcel, step: Step, *, is_told: bool) -> Known:
    at = step.scan.occurred_at
    return Known(
        kind=effects.EFFECTS[step.milestone].kind, order=order, parcel=parcel, occurred_at=at, data=effects.data_of(step, order),
        event_key=keys.make(SOURCE, parcel.key, step.milestone, int(at.timestamp())), source=SOURCE, notify_customer=is_told,
    )


def _shops(orders: Iterable[Order]) -> dict[str, _Shop]:
    """What the shop, and not a carrier, told of each order, by its key; one query."""
    shops: dict[str, _Shop] = defaultdict(_Shop)
    told = OrderEvent.objects.filter(order_key__in=[order.key for order in orders]).exclude(source=SOURCE)
    for key, kind, parcel, recorded_at in told.values_list("order_key", "kind", "parcel", "recorded_at"):
        shop, name = shops[key], (parcel or {}).get("reference", "")
        shop.since = min(shop.since or recorded_at, recorded_at)
        if name:
            shop.parcels[name] = min(shop.parcels.get(name, recorded_at), recorded_at)
        if kind == "order_shipped":
            shop.shipped.add(name)
    return shops


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
