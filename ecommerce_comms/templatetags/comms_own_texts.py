"""For the admin: the box that tells which of the merchant's texts fail."""

from __future__ import annotations

from typing import Any

from django import template

from ecommerce_comms.messaging import own_texts
from ecommerce_comms.messaging.models import Template

register = template.Library()


@register.inclusion_tag("ecommerce_comms/admin/own_texts.html")
def failing_texts(text: Template | None = None) -> dict[str, Any]:
    """The texts that failed and have not been changed since, or ``text`` alone if it is one of them; nothing if there are none."""
    return {"failing": own_texts.failing(text), "is_one": text is not None}
