"""Many parcels at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ecommerce_comms.shipping.engine.serving import arrival
from ecommerce_comms.shipping.engine.settings import EngineSettings
from ecommerce_comms.shipping.engine.state import State
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment


def arrivals(
    state: State, shipments: Iterable[Shipment], now: datetime, settings: EngineSettings | None = None,
) -> Iterator[Distribution | None]:
    """``arrival`` of each shipment, in their order."""
    for shipment in shipments:
        yield arrival(state, shipment, now, settings)
