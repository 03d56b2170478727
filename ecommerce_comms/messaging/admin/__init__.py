"""The message log with its pages, the providers' notices, consents, suppressed addresses, the merchant's texts, and how mails look."""

from __future__ import annotations

from ecommerce_comms.messaging.admin import addresses, branding, messages, notices, templates

__all__ = ["addresses", "branding", "messages", "notices", "templates"]
