"""``{% load comms_rules %}``: what the rules lack, above their list in the admin."""

from __future__ import annotations

from typing import Any

from django import template

from ecommerce_comms.checks.values import wrong_values
from ecommerce_comms.health import rules
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.orders.kinds import in_words

register = template.Library()


@register.simple_tag
def comms_rule_findings() -> list[dict[str, Any]]:
    """Each finding, errors first, with the names of its rules; none are named where it is about all of them."""
    # Settings that cannot be read are told by the system checks, and must not break the page.
    told = [] if wrong_values() else [*rules.from_settings(), *rules.from_rows(lint=False)]
    found = sorted(told, key=lambda finding: not finding.is_error)
    return [{"is_error": each.is_error, "what": each.what, "where": each.where, "todo": each.todo,
             "names": "" if set(each.rules) >= set(SPECS) else ", ".join(map(in_words, each.rules))} for each in found]
