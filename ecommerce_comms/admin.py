"""Gathers the slices' admin pages."""

from __future__ import annotations

from ecommerce_comms.chat import admin as chat
from ecommerce_comms.contact import admin as contact
from ecommerce_comms.customers import admin as customers
from ecommerce_comms.editor import admin as editor
from ecommerce_comms.health import admin as health
from ecommerce_comms.insights import admin as insights
from ecommerce_comms.journeys import admin as journeys
from ecommerce_comms.messaging import admin as messaging
from ecommerce_comms.orders import admin as orders
from ecommerce_comms.shipping import admin as shipping
from ecommerce_comms.shipping.carriers import admin as carriers

__all__ = ["carriers", "chat", "contact", "customers", "editor", "health", "insights", "journeys", "messaging", "orders", "shipping"]
