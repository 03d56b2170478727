"""The tables of shipping: set-up, promises, tracking, delays, and what was learnt."""

from __future__ import annotations

from ecommerce_comms.shipping.models.knowledge import Knowledge
from ecommerce_comms.shipping.models.lateness import Lateness
from ecommerce_comms.shipping.models.promise import Promise
from ecommerce_comms.shipping.models.services import Carrier, PickupPoint, Place, Rate, Service, Zone
from ecommerce_comms.shipping.models.setup import ClosedDay, Peak, Warehouse
from ecommerce_comms.shipping.models.tracking import PollTurn, Scan, Tracking, TrackingStatus

__all__ = [
    "Carrier", "ClosedDay", "Knowledge", "Lateness", "Peak", "PickupPoint", "Place", "PollTurn", "Promise", "Rate", "Scan", "Service",
    "Tracking", "TrackingStatus", "Warehouse", "Zone",
]
