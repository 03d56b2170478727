"""The shop's own engine as one of the methods that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from ecommerce_comms.backtest.methods import Method
from ecommerce_comms.backtest.walk import Day
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.calendars import public_holidays
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment


class Engine(Method):
    """Learns anew each day from all that had happened before it began, open parcels included."""

    def __init__(self, parcels: Sequence[Shipment]) -> None:
        """``parcels`` with their whole lives: the engine looks at nothing that happened when it learns or later."""
        self._columns = engine.Columns(parcels)
        self._settings = engine.EngineSettings(is_closed=is_closed)
        self._state: engine.State | None = None

    def learn(self, day: Day) -> None:
        """Learn from what had happened before ``day`` began."""
        self._state = engine.learn(self._columns, day.began, settings=self._settings)

    def arrival(self, parcel: Shipment, now: datetime) -> Distribution | None:
        """What the engine says; ``None`` before it has seen enough."""
        return None if self._state is None else engine.arrival(self._state, parcel, now, self._settings)


def is_closed(country: str, region: str, day: date) -> bool:
    """Whether ``day`` is a public holiday there."""
    return day in public_holidays(country, region, day.year)
