"""What a shop's beat has to run; importable from the settings, before any app is loaded."""

from __future__ import annotations

from typing import Any

SWEEP_SECONDS = 30.0
"""How often a beat should run the sweep."""

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {"comms-sweep": {"task": "ecommerce_comms.sweep", "schedule": SWEEP_SECONDS}}
"""For a shop's ``CELERY_BEAT_SCHEDULE``: ``{**BEAT_SCHEDULE, …}``."""
