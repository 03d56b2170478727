"""Filters: ``{{ price|money }}``, ``{{ option|arrival }}``, ``{{ moment|moment }}``."""

from __future__ import annotations

from typing import Any

from django import template

from example_project.shop import formats

register = template.Library()
register.filter("money", formats.money)
register.filter("moment", formats.moment)
register.filter("day", formats.day)


@register.filter
def arrival(thing: Any) -> str:
    """The arrival window of a shipping option, or of anything else with ``earliest`` and ``latest``."""
    return formats.window(thing.earliest, thing.latest)


@register.filter
def promised(order: Any) -> str:
    """The window that the customer was shown when ordering."""
    return formats.window(order.promised_earliest, order.promised_latest)


@register.filter
def expected(order: Any) -> str:
    """The window as it is expected now."""
    return formats.window(order.expected_earliest, order.expected_latest)
