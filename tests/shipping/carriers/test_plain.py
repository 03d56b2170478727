"""The webhook of Plain: its security, and what its words mean."""

from __future__ import annotations

from tests.shipping.carriers import saying
from tests.shipping.carriers.security import WebhookSecurity


class TestPlainSecurity(WebhookSecurity):
    provider = saying.Plain()
