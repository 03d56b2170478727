"""Watches every past order each morning until it came, and asks each policy whether it would have told the customer of a delay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from ecommerce_comms.backtest.methods import Method
from ecommerce_comms.backtest.notices import Story
from ecommerce_comms.backtest.reading import Past
from ecommerce_comms.backtest.span import Span
from ecommerce_comms.backtest.verdicts import Reliability, Verdicts
from ecommerce_comms.backtest.walk import Day, as_known, as_ordered, walk
from ecommerce_comms.histories.progress import Progress
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.policy import POLICIES, Policy

SHOP, OWN = "shop", "own"
PROMISE = 0.9
"""The share of parcels that arrive by a promise of our own."""
TIME_ENOUGH = timedelta(days=7)
"""A promise is judged if its day lies at least this long before the end of the file, whatever became of the parcel: to pick by
what became of it would leave out the late ones, and a notice needs time for its new date to come."""

NEAR_DAYS = 3
"""The chances of being late that are held against what came are those of so many days before the date, and of the day itself."""


class Sight(NamedTuple):
    """One parcel on one morning: still on its way, as far as anybody knew."""

    parcel: Shipment
    today: date
    arrival: Callable[[], Distribution | None]
    """When it comes, by what is known; asked only where somebody wants to know."""


@dataclass
class Watched:
    """One parcel, the promises that were made for it and what each policy told about them."""

    parcel: Shipment
    stories: dict[tuple[str, str], Story]
    """By whose promise it is and the name of the policy."""
    chances: dict[str, list[float]] = field(default_factory=dict)
    """The chances of being late that were seen near the date, by whose promise it is."""


@dataclass(kw_only=True)
class Delays:
    """What was measured."""

    span: Span
    verdicts: dict[str, dict[str, Verdicts]]
    """By whose promise it is and the name of the policy."""
    reliability: dict[str, Reliability] = field(default_factory=lambda: {whose: Reliability() for whose in (SHOP, OWN)})
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The measurement as plain data; orders and late ones are those of the shop's promise, or of ours if it made none."""
        counted = next((each for each in map(self.counted, self.verdicts) if each.orders), Verdicts())
        return {"orders": counted.orders, "late": counted.late, "against": self.measured()}

    def measured(self) -> dict[str, dict[str, Any]]:
        """The figures of each policy, against each kind of promise that there is."""
        return {
            whose: {"policies": {name: verdicts.measured() for name, verdicts in policies.items()}}
            for whose, policies in self.verdicts.items() if self.counted(whose).orders
        }

    def counted(self, whose: str) -> Verdicts:
        """How many orders were watched and late against the promise of ``whose``: the same for each policy."""
        return next(iter(self.verdicts[whose].values()))


def measure(past: Past, span: Span, engine: Method, progress: Progress, policies: Mapping[str, Policy] = POLICIES) -> Delays:
    """Watch the orders of ``span`` to the end of the file; ``progress`` is told of each order and may stop the walk."""
    found = Delays(span=span, verdicts={whose: {name: Verdicts() for name in policies} for whose in (SHOP, OWN)})
    watched: dict[int, Watched] = {}
    for sight in sights(past, span, engine, progress):
        if sight.today == sight.parcel.ordered_at.date():
            watched[id(sight.parcel)] = _watched(sight, policies, past.end)
        else:
            _consider(watched[id(sight.parcel)], sight, policies)
    for each in watched.values():
        _judge(each, found, past.end)
    return found


def sights(past: Past, span: Span, engine: Method, progress: Progress) -> Iterator[Sight]:
    """Each order of ``span`` that was not called off: when it is placed, and on each morning after it until it has come."""
    moving: list[Shipment] = []
    for day in walk(past.parcels, span.first, past.end):
        engine.learn(day)
        moving = [parcel for parcel in moving if parcel.delivered_at is None or parcel.delivered_at >= day.began]
        for parcel in moving:
            yield Sight(parcel, day.date, partial(engine.arrival, as_known(parcel, day.began), day.began))
        placed = _placed(day, past, span)
        for parcel in placed:
            yield Sight(parcel, day.date, partial(engine.arrival, as_ordered(parcel), parcel.ordered_at))
        moving += placed
        if day.date >= span.last and not moving:
            return
        progress.reached(day.began, len(day.ordered) if day.date <= span.last else 0)
        if progress.stopping:
            raise KeyboardInterrupt


def _placed(day: Day, past: Past, span: Span) -> list[Shipment]:
    return [parcel for parcel in day.ordered if id(parcel) not in past.cancelled] if day.date <= span.last else []


def _watched(sight: Sight, policies: Mapping[str, Policy], end: date) -> Watched:
    """``sight`` is of the moment of the order. A promise whose day comes too close to ``end`` is not watched."""
    arrival = sight.arrival()
    own = arrival.quantile(PROMISE) if arrival else None
    promised = {SHOP: sight.parcel.promised_by, OWN: own}
    return Watched(sight.parcel, {
        (whose, name): Story(day) for whose, day in promised.items() if day is not None and day + TIME_ENOUGH <= end
        for name in policies
    })


def _consider(watched: Watched, sight: Sight, policies: Mapping[str, Policy]) -> None:
    deciding = [(name, story) for (_, name), story in watched.stories.items() if not story.waits(sight.today)]
    arrival = sight.arrival() if deciding else None
    if arrival is not None:
        _note(watched, sight.today, arrival)
    for name, story in deciding:
        story.consider(policies[name], sight.today, arrival)


def _note(watched: Watched, today: date, arrival: Distribution) -> None:
    for whose, promised in {whose: story.promised for (whose, _), story in watched.stories.items()}.items():
        if 0 <= (promised - today).days <= NEAR_DAYS:
            watched.chances.setdefault(whose, []).append(arrival.chance_after(promised))


def _judge(watched: Watched, found: Delays, end: date) -> None:
    delivered_at = watched.parcel.delivered_at
    for (whose, name), story in watched.stories.items():
        found.verdicts[whose][name].add(story, delivered_at.date() if delivered_at else None, end)
    for whose, chances in watched.chances.items():
        promised = next(story.promised for (each, _), story in watched.stories.items() if each == whose)
        late = delivered_at is None or delivered_at.date() > promised
        for chance in chances:
            found.reliability[whose].add(chance, late)
