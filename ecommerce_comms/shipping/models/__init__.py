"""The tables of shipping: set-up, promises, tracking, delays, and what was learnt."""

from __future__ import annotations

from ecommerce_comms.shipping.models.delaying import DeclaredDelay, DelayPolicy
from ecommerce_comms.shipping.models.knowledge import Knowledge
from ecommerce_comms.shipping.models.lateness import CarrierDay, Lateness, Outage
from ecommerce_comms.shipping.models.promise import Promise
from ecommerce_comms.shipping.models.setup import ClosedDay, Service, Warehouse
from ecommerce_comms.shipping.models.tracking import Scan, Tracking
from ecommerce_comms.shipping.models.watch import DelayRound, Outlook, Watch

__all__ = [
    "CarrierDay", "ClosedDay", "DeclaredDelay", "DelayPolicy", "DelayRound", "Knowledge", "Lateness", "Outage", "Outlook", "Promise",
    "Scan", "Service", "Tracking", "Warehouse", "Watch",
]
