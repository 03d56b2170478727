"""Time zones by name, where the name may come from anywhere."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.timezone import get_current_timezone

from ecommerce_comms.conf import conf


def zone(name: str) -> ZoneInfo:
    """The zone called ``name``; the shop's own zone if there is none of that name. Never raises."""
    return _zone(name) or _zone(conf.time_zone) or ZoneInfo("UTC")


def is_zone(name: str) -> bool:
    """Whether there is a zone called ``name``."""
    return _zone(name) is not None


def here(moment: datetime) -> datetime:
    """``moment`` in the zone that Django shows times in at present."""
    return moment.astimezone(get_current_timezone())


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, KeyError, OSError):  # a path in disguise, unknown, a folder of the zone files
        return None
