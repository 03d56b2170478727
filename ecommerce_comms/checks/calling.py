"""The check of ``CALL_HOURS``."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.contact import hours


def call_hours(value: Any) -> str:
    """What is wrong with hours by days of the week, or one text for every day; nothing if they fit."""
    if not isinstance(value, (str, dict)) or (isinstance(value, dict) and any(not isinstance(each, str) for each in value.values())):
        return "this is neither a text nor a dict of texts"
    try:
        days = hours.week(value)
    except (ValueError, AttributeError) as error:
        return f"in it, {str(error).rstrip('.')}"
    return "" if any(days) else "no day in it has hours, so that nobody would be called"
