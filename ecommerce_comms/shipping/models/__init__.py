"""The tables of shipping: set-up, promises, tracking, delays, and what was learnt."""

from __future__ import annotations

from ecommerce_comms.shipping.models.delaying import DeclaredDelay, DelayPolicy
from ecommerce_comms.shipping.models.knowledge import Knowledge
from ecommerce_comms.shipping.models.lateness import CarrierDay, Lateness, Outage
from ecommerce_comms.shipping.models.promise import Promise
from ecommerce_comms.shipping.models.services import Carrier, PickupPoint, Place, Rate, Service, Zone
from ecommerce_comms.shipping.models.setup import ClosedDay, Peak, Warehouse
from ecommerce_comms.shipping.models.tracking import PollTurn, Scan, Tracking, TrackingStatus
from ecommerce_comms.shipping.models.watch import DelayRound, Outlook, Watch

__all__ = [
    "Carrier", "CarrierDay", "ClosedDay", "DeclaredDelay", "DelayPolicy", "DelayRound", "Knowledge", "Lateness", "Outage", "Outlook",
    "Peak", "PickupPoint", "Place", "PollTurn", "Promise", "Rate", "Scan", "Service", "Tracking", "TrackingStatus", "Warehouse", "Watch",
    "Zone",
]
