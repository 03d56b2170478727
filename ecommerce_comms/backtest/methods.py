"""Ways of saying when something will arrive, to be compared: each learns day by day and is asked on that day."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from datetime import datetime

from ecommerce_comms.backtest.walk import Day
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

LEAST_DELIVERIES = 30
"""A lane with fewer is judged by its destination, and a destination with fewer by everything."""
_Node = tuple[str, ...]


class Method(ABC):
    """Gives distributions of arrival days."""

    @abstractmethod
    def learn(self, day: Day) -> None:
        """Take in what has become known by the beginning of ``day``. Called for each day, in order."""

    @abstractmethod
    def arrival(self, parcel: Shipment, now: datetime) -> Distribution | None:
        """When ``parcel`` arrives, by what is known of it at ``now``; ``None`` if too little is known."""


class LaneTable(Method):
    """How many days the deliveries of a lane took so far: the table that a careful shop would keep by hand."""

    def __init__(self) -> None:
        self._taken = defaultdict[_Node, Counter[int]](Counter)
        self._ready: dict[_Node, tuple[float, ...] | None] = {}

    def learn(self, day: Day) -> None:
        """Count the deliveries that have become known."""
        for parcel in day.arrived:
            days = _days(parcel)
            for node in _nodes(parcel):
                self._taken[node][days] += 1
        self._ready.clear()

    def arrival(self, parcel: Shipment, now: datetime) -> Distribution | None:
        """The shares of the narrowest table that has enough deliveries; it knows nothing of how far the parcel is."""
        for node in _nodes(parcel):
            if (chances := self._chances(node)) is not None:
                return Distribution(parcel.ordered_at.date(), chances)
        return None

    def _chances(self, node: _Node) -> tuple[float, ...] | None:
        if node not in self._ready:
            taken = self._taken.get(node, Counter[int]())
            total = taken.total()
            self._ready[node] = tuple(taken[days] / total for days in range(max(taken) + 1)) if total >= LEAST_DELIVERIES else None
        return self._ready[node]


def _nodes(parcel: Shipment) -> tuple[_Node, ...]:
    """The tables that ``parcel`` belongs to, narrowest first."""
    destination = (parcel.destination_country, parcel.destination_region)
    return (parcel.origin_country, parcel.origin_region, *destination), destination, ()


def _days(parcel: Shipment) -> int:
    """Whole days from order to delivery, counted at the destination."""
    assert parcel.delivered_at is not None  # only what has arrived is counted
    return (parcel.delivered_at.date() - parcel.ordered_at.date()).days
