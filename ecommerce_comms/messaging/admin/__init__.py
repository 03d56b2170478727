"""The message log with its pages, the providers' notices, consents and suppressed addresses."""

from __future__ import annotations

from ecommerce_comms.messaging.admin import addresses, messages, notices

__all__ = ["addresses", "messages", "notices"]
