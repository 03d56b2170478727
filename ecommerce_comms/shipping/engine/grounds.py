"""Why so fast, or so slow: what sets a shipment apart from the usual one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecommerce_comms.shipping.engine import features
from ecommerce_comms.shipping.engine.serving import product
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.shipments import Shipment


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that makes a parcel faster or slower than usual."""

    kind: str
    """origin, lane, destination, carrier, service, weight, category, hour, weekday or network."""
    name: str
    """Which one: the seller, the region, the service."""
    factor: float
    """Above 1 = faster than usual."""
    parcels: int
    """How many it was learnt from."""


def grounds(state: State, shipment: Shipment, now: datetime) -> tuple[Ground, ...]:
    """What sets the shipment apart, the strongest first."""
    return ()
