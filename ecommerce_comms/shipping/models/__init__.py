"""The tables of shipping: set-up, promises, tracking, delays, and what was learnt."""

from __future__ import annotations

from ecommerce_comms.shipping.models.knowledge import Knowledge
from ecommerce_comms.shipping.models.lateness import Lateness
from ecommerce_comms.shipping.models.promise import Promise
from ecommerce_comms.shipping.models.setup import ClosedDay, Service, Warehouse
from ecommerce_comms.shipping.models.tracking import PollTurn, Scan, Tracking, TrackingStatus

__all__ = ["ClosedDay", "Knowledge", "Lateness", "PollTurn", "Promise", "Scan", "Service", "Tracking", "TrackingStatus", "Warehouse"]
