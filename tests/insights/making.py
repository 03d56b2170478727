"""A shop with a year of plausible deliveries behind it, for tests and for pictures of the page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from ecommerce_comms import clock, keys
from ecommerce_comms.insights import scoring, tallying
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.models import Lateness, Promise
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot, OrderSnapshot, ParcelSnapshot
from ecommerce_comms.zones import zone

KOLKATA = "Asia/Kolkata"
CARRIERS = {"Delhivery": 0.0, "India Post": 1.4, "Blue Dart": -0.5}
"""Mean days that each is slower than was thought."""
SERVICES = {"Delhivery": "standard", "India Post": "economy", "Blue Dart": "express"}
REGIONS = {"WB": 0.0, "KA": 0.2, "DL": -0.2, "AS": 1.6, "MH": 0.0}
ORIGINS = ("", "delhi", "pune")


@dataclass
class Telling:
    """A delivery as one writes it down in a test."""

    reference: str = "A1"
    due: date = date(2026, 2, 10)
    """Last day of the first promise; its window is three days long and it was told six days ahead."""
    arrived: date | None = date(2026, 2, 9)
    told: date | None = None
    """Day of the first delay notice."""
    stage: str = ""
    new_due: date | None = None
    """Last day of the promise that was told with the notice."""
    carrier: str = "Delhivery"
    service: str = "standard"
    region: str = "WB"
    origin: str = ""
    confidence: float | None = 0.92
    cancelled: date | None = None


def noon(day: date) -> datetime:
    """The middle of a day in Kolkata, in UTC."""
    return datetime.combine(day, time(12), zone(KOLKATA)).astimezone(timezone.utc)


def delivery(**fields: Any) -> Order:
    """An order with one parcel, as its events would have left it; its promises wait to be scored."""
    told = Telling(**fields)
    order, parcel = _order(told), _parcel(told)
    parcel.order = order
    parcel.save()
    first = _promise(order, parcel, told.due, noon(told.due - timedelta(days=6)), told.confidence, 0)
    if told.told:
        _notice(order, parcel, told)
    if told.new_due:
        _promise(order, parcel, told.new_due, noon(told.told or told.due), None, 1)
        Promise.objects.filter(pk=first.pk).update(is_open=False)
    promises.settle(order)
    return order


def score() -> None:
    """Do what sweeps do after a while."""
    scoring.score_due()
    tallying.tally_stale(at_once=True)


def year(number: int = 400, seed: int = 1) -> None:
    """``number`` deliveries of the twelve months before now, some late, some told, a few still open; scored."""
    for telling in _plausible(number, random.Random(seed), clock.now().date()):
        delivery(**vars(telling))
    score()


def _plausible(number: int, chance: random.Random, today: date) -> Iterator[Telling]:
    for count in range(number):
        carrier, region = chance.choice(list(CARRIERS)), chance.choice(list(REGIONS))
        due = today - timedelta(days=chance.randrange(-4, 365))
        peak = 1.5 if due.month in (10, 11) else 0.0
        late = round(chance.gauss(-2.4 + CARRIERS[carrier] + REGIONS[region] + peak, 1.6))
        arrived = due + timedelta(days=late)
        told, new_due = _told(chance, due, late)
        told, new_due = (told, new_due) if told and told <= today else (None, None)
        yield Telling(
            reference=f"Y{count}", due=due, arrived=arrived if arrived <= today else None, told=told, new_due=new_due,
            stage=chance.choice(["will_miss", "not_shipped", "missed"]) if told else "",
            carrier=carrier, service=SERVICES[carrier], region=region, origin=chance.choice(ORIGINS),
            confidence=round(chance.uniform(0.86, 0.98), 3),
        )


def _told(chance: random.Random, due: date, late: int) -> tuple[date | None, date | None]:
    if late > 0 and chance.random() < 0.85:
        return due + timedelta(days=chance.choice([-2, -1, -1, 0, 1])), due + timedelta(days=max(1, late + chance.choice([-1, 0, 1, 2])))
    return (due - timedelta(days=1), due + timedelta(days=2)) if chance.random() < 0.03 else (None, None)


def _order(told: Telling) -> Order:
    placed_at, arrived_at = noon(told.due - timedelta(days=6)), noon(told.arrived) if told.arrived else None
    snapshot = OrderSnapshot(
        reference=told.reference, placed_at=placed_at, shipping_option=told.service, lines=(LineSnapshot(sku="mug", origin=told.origin),),
        address=AddressSnapshot(country="IN", region=told.region),
    )
    return Order.objects.create(
        key=keys.make(told.reference), reference=told.reference, number=told.reference, language="en", time_zone=KOLKATA,
        placed_at=placed_at, snapshot=snapshot.to_json(), status=Order.Status.DELIVERED if arrived_at else Order.Status.SHIPPED,
        delivered_at=arrived_at, cancelled_at=noon(told.cancelled) if told.cancelled else None,
    )


def _parcel(told: Telling) -> Parcel:
    return Parcel(
        key=keys.make(told.reference, "1"), reference="1", carrier=told.carrier, service=told.service,
        shipped_at=noon(told.due - timedelta(days=4)), delivered_at=noon(told.arrived) if told.arrived else None,
        snapshot=ParcelSnapshot(carrier=told.carrier).to_json(),
        status=Parcel.Status.DELIVERED if told.arrived else Parcel.Status.SHIPPED,
    )


def _promise(order: Order, parcel: Parcel, due: date, made_at: datetime, confidence: float | None, revision: int) -> Promise:
    overdue_at = promises.overdue_at(due, zone(KOLKATA))
    return Promise.objects.create(
        order=order, parcel=parcel, earliest=due - timedelta(days=2), latest=due, confidence=confidence, revision=revision,
        source=Promise.Source.RULE if revision else Promise.Source.HISTORY, made_at=made_at, overdue_at=overdue_at, score_at=overdue_at,
    )


def _notice(order: Order, parcel: Parcel, told: Telling) -> None:
    at = noon(told.told or told.due)
    Message.objects.create(
        kind="order_delayed", order=order, parcel=parcel, language="en", dedupe_key=f"late:{told.reference}", state=Message.State.SENT,
        due_at=at, sent_at=at,
    )
    if told.stage:
        Lateness.objects.create(key=f"late:{told.reference}", order=order, parcel=parcel, stage=told.stage, found_at=at, told_at=at,
                                ended_at=noon(told.arrived) if told.arrived else None)
