"""The message log with its pages, the providers' notices, consents, suppressed addresses, and how mails look."""

from __future__ import annotations

from ecommerce_comms.messaging.admin import addresses, branding, messages, notices

__all__ = ["addresses", "branding", "messages", "notices"]
