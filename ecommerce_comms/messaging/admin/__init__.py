"""The message log with its pages, the providers' notices, and the merchant's own texts."""

from __future__ import annotations

from ecommerce_comms.messaging.admin import messages, notices, templates

__all__ = ["messages", "notices", "templates"]
