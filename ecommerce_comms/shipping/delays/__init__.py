"""Finding out that something is late before the customer asks, and what is told instead."""

from __future__ import annotations

from ecommerce_comms.shipping.delays.detecting import detect
from ecommerce_comms.shipping.delays.telling import new_window, on_back_on_track, on_delayed
from ecommerce_comms.shipping.delays.watching import keep_up, touch

__all__ = ["detect", "keep_up", "new_window", "on_back_on_track", "on_delayed", "touch"]
