"""``{% load comms_admin %}``: what the admin's own pages show of the app."""

from __future__ import annotations

from django import template

from ecommerce_comms import clock
from ecommerce_comms.contact import figures

register = template.Library()


@register.simple_tag
def comms_call_figures() -> figures.CallFigures:
    """How the call list stands now: ``{% comms_call_figures as calls %}``."""
    return figures.collect(clock.now())
