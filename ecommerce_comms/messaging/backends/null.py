"""Accepts everything and sends nothing: for replays that measure, and for shops that try the app beside their old mails."""

from __future__ import annotations

from ecommerce_comms.messaging.backends.base import MessageBackend, Outgoing


class NullBackend(MessageBackend):
    """Takes every message over and forgets it."""

    def send(self, message: Outgoing) -> None:
        """Accept ``message``."""
