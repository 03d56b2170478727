"""Every model of the app, gathered for Django and for a shop's imports."""

from __future__ import annotations

from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.insights.models import Score
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.messaging.models import Attempt, Branding, Message, Pause, Provider, ProviderEvent, Template, TemplateVersion, Worker
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping.models import (
    Carrier,
    CarrierDay,
    ClosedDay,
    DeclaredDelay,
    DelayPolicy,
    DelayRound,
    Knowledge,
    Lateness,
    Outage,
    Outlook,
    Peak,
    PickupPoint,
    Place,
    PollTurn,
    Promise,
    Rate,
    Scan,
    Service,
    Tracking,
    Warehouse,
    Watch,
    Zone,
)

__all__ = [
    "Attempt", "Branding", "CallTry", "CallbackRequest", "Carrier", "CarrierDay", "ChatMessage", "ClosedDay", "Consent", "Conversation",
    "Customer", "DeclaredDelay", "DelayPolicy", "DelayRound", "Knowledge", "Lateness", "Message", "Order", "OrderEvent", "Outage",
    "Outlook", "Parcel", "Pause", "Peak", "PickupPoint", "Place", "PollTurn", "Promise", "Provider", "ProviderEvent", "Rate", "Rule",
    "Scan", "Score", "Service", "Suppression", "Template", "TemplateVersion", "Tracking", "Warehouse", "Watch", "Worker", "Zone",
]
