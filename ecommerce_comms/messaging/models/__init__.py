"""The models of messaging, one file for each thing."""

from __future__ import annotations

from ecommerce_comms.messaging.models.attempt import Attempt
from ecommerce_comms.messaging.models.message import Message
from ecommerce_comms.messaging.models.provider import Pause, Provider, ProviderEvent
from ecommerce_comms.messaging.models.template import Template
from ecommerce_comms.messaging.models.worker import Worker

__all__ = ["Attempt", "Message", "Pause", "Provider", "ProviderEvent", "Template", "Worker"]
