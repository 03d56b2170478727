"""A market of its own: shops in three regions, customers in four, weekdays, a cut-off, slow lanes, lost parcels."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from ecommerce_comms.shipping.engine import EngineSettings, State, arrival
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

ZONE = timezone(timedelta(hours=-3))
START = datetime(2025, 9, 1, tzinfo=ZONE)
UNTIL = datetime(2026, 3, 2, tzinfo=ZONE)
DISTANCE = {"AA": 3, "BB": 5, "CC": 8, "DD": 13}
"""Mean transit in days, by the customer's region."""


def workday(moment: datetime, days: int) -> datetime:
    """So many working days later."""
    for _ in range(days):
        moment += timedelta(days=1)
        while moment.weekday() > 4:
            moment += timedelta(days=1)
    return moment


def parcels(number: int = 1500, *, seed: int = 7, slow: float = 1.0, until: datetime = UNTIL) -> list[Shipment]:
    """So many parcels from ``START`` to ``until``, in the order of their orders, with all that ever happens to them."""
    chance = random.Random(seed)
    span = (until - START).total_seconds()
    return [_parcel(chance, START + timedelta(seconds=span * (index + chance.random()) / number), slow) for index in range(number)]


def _parcel(chance: random.Random, ordered: datetime, slow: float) -> Shipment:
    seller = chance.choice(["quick", "usual", "tardy"])
    region = chance.choice(list(DISTANCE))
    wait = {"quick": 0, "usual": 1, "tardy": 4}[seller] + chance.choice([0, 0, 0, 1, 1, 2]) + (ordered.hour >= 14)
    shipped = workday(ordered, wait).replace(hour=15)
    shipped = max(shipped if shipped.weekday() < 5 else workday(shipped, 1), ordered)
    delivered = workday(shipped, max(1, round(chance.gammavariate(9, DISTANCE[region] * slow / 9)))).replace(hour=16)
    lost = chance.random() < 0.01
    return Shipment(
        ordered_at=ordered, shipped_at=shipped, delivered_at=None if lost else delivered, origin=seller, origin_country="XX",
        origin_region="AA", origin_postcode="10000", destination_country="XX", destination_region=region, destination_postcode="20000",
        carrier="post", service="standard", weight_kg=1.0, value=20.0, freight=4.0, category="gifts",
    )


def known(parcel: Shipment, now: datetime) -> Shipment:
    """The parcel as it stood at a moment."""
    def past(moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment <= now else None
    return replace(parcel, shipped_at=past(parcel.shipped_at), delivered_at=past(parcel.delivered_at))


def order(ordered_at: datetime = UNTIL + timedelta(hours=10), **fields: object) -> Shipment:
    """A new order of the usual seller to region CC."""
    plain = _parcel(random.Random(1), ordered_at, 1.0)
    empty = {"shipped_at": None, "delivered_at": None, "origin": "usual", "destination_region": "CC"}
    return replace(plain, **(empty | fields))  # type: ignore[arg-type]


def told(state: State, shipment: Shipment, now: datetime | None = None, settings: EngineSettings | None = None) -> Distribution:
    """What is known about it at ``now``, else at the moment of the order."""
    found = arrival(state, shipment, now or shipment.ordered_at, settings)
    assert found is not None
    return found


def never_earlier(later: Distribution, sooner: Distribution, slack: float = 1e-9) -> bool:
    """Whether ``later`` gives no day a higher chance of having arrived by it."""
    days = [sooner.first + timedelta(days=number) for number in range(150)]
    return all(later.chance_by(day) <= sooner.chance_by(day) + slack for day in days)


def holiday(*closed: date) -> EngineSettings:
    """Everything is closed on these days."""
    return EngineSettings(is_closed=lambda country, region, day: day in closed)
