"""Every model of the app, gathered for Django and for a shop's imports."""

from __future__ import annotations

from ecommerce_comms.customers.models import Customer
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.shipping.models import ClosedDay, Promise, Service, Warehouse

__all__ = [
    "ClosedDay", "Customer", "Message", "Order", "OrderEvent", "Parcel",
    "Promise", "Rule", "Service", "Template", "Warehouse",
]
