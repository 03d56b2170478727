"""Text messages: over gateways that are spoken to by HTTP."""

from ecommerce_comms.messaging.backends.sms.backend import SmsBackend

__all__ = ["SmsBackend"]
