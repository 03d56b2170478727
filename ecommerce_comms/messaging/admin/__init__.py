"""The message log with its pages, the providers' notices, consents and suppressed addresses, and the merchant's own texts."""

from __future__ import annotations

from ecommerce_comms.messaging.admin import addresses, messages, notices, templates

__all__ = ["addresses", "messages", "notices", "templates"]
