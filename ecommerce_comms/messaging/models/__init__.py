"""The models of messaging, one file for each thing."""

from __future__ import annotations

from ecommerce_comms.messaging.models.attempt import Attempt
from ecommerce_comms.messaging.models.branding import Branding
from ecommerce_comms.messaging.models.message import Message
from ecommerce_comms.messaging.models.provider import Pause, Provider, ProviderEvent
from ecommerce_comms.messaging.models.template import WORDING, Template, TemplateVersion
from ecommerce_comms.messaging.models.worker import Worker

__all__ = ["WORDING", "Attempt", "Branding", "Message", "Pause", "Provider", "ProviderEvent", "Template", "TemplateVersion", "Worker"]
