"""Gives every past order the date that each method would have told when it was placed, and scores it by the day that came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecommerce_comms.backtest.methods import Method
from ecommerce_comms.backtest.reading import Past
from ecommerce_comms.backtest.scores import Scores
from ecommerce_comms.backtest.span import Span
from ecommerce_comms.backtest.walk import as_ordered, walk
from ecommerce_comms.histories.progress import Progress
from ecommerce_comms.shipping.estimators.shipments import Shipment

SHOP = "shop"
"""The name of the dates that the shop itself gave."""


@dataclass(kw_only=True)
class Promises:
    """What was measured."""

    span: Span
    scores: dict[str, Scores]
    seconds: float = 0.0
    without_estimate: int = 0
    """Delivered orders of those days for which one of the methods knew too little; they count for none."""
    unknown: int = 0
    """Orders of those days that had not arrived by the end of the file."""

    @property
    def orders(self) -> int:
        """How many orders were scored."""
        return max(scores.orders for scores in self.scores.values())

    def measured(self) -> dict[str, dict[str, Any]]:
        """The figures of each method by name; the shop's only if it gave dates."""
        shop = self.scores[SHOP]
        return {name: scores.measured(shop.promise_days()) for name, scores in self.scores.items() if name != SHOP or shop.orders}

    def to_json(self) -> dict[str, Any]:
        """The measurement as plain data."""
        return {
            "from": self.span.first.isoformat(),
            "until": self.span.last.isoformat(),
            "orders": self.orders,
            "seconds": round(self.seconds, 3),
            "methods": self.measured(),
        }


def measure(past: Past, span: Span, methods: Mapping[str, Method], progress: Progress) -> Promises:
    """Walk through ``span``; ``progress`` is told of each order and may stop the walk at the end of a day."""
    found = Promises(span=span, scores={name: Scores() for name in (*methods, SHOP)})
    for day in walk(past.parcels, span.first, span.last):
        for method in methods.values():
            method.learn(day)
        for parcel in day.ordered:
            _ask(parcel, methods, found)
        progress.reached(day.began, len(day.ordered))
        if progress.stopping:
            raise KeyboardInterrupt
    return found


def orders_of(past: Past, span: Span) -> int:
    """How many orders were placed in ``span``."""
    return sum(span.first <= parcel.ordered_at.date() <= span.last for parcel in past.parcels)


def _ask(parcel: Shipment, methods: Mapping[str, Method], found: Promises) -> None:
    if parcel.delivered_at is None:
        found.unknown += 1
        return
    asked = as_ordered(parcel)
    told = {name: method.arrival(asked, parcel.ordered_at) for name, method in methods.items()}
    if None in told.values():
        found.without_estimate += 1
        return
    for name, distribution in told.items():
        assert distribution is not None
        found.scores[name].add(parcel, distribution)
    if parcel.promised_by is not None:
        found.scores[SHOP].add_date(parcel, parcel.promised_by)
