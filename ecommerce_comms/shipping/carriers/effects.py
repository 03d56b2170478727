"""What follows from a carrier's news: which event of the order it becomes, and whether a customer may hear of it. A table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ecommerce_comms.orders.models import Order
from ecommerce_comms.shipping.carriers.folding import Step

_LINK = re.compile(r"://|\bwww\.|[<>{}\[\]]", re.IGNORECASE)


@dataclass(frozen=True)
class Effect:
    """One kind of news."""

    kind: str
    """Of the event."""
    reason: str | LazyText = ""
    """Why, in our words: a carrier's own go to staff alone, for whoever learns its secret could write to customers through them."""
    is_told: bool = True
    """Whether a customer hears of it by itself; if not, only as a correction of what was told before."""


EFFECTS: dict[str, Effect] = {
    "shipped": Effect("order_shipped"),
    "out_for_delivery": Effect("order_out_for_delivery"),
    "ready_for_pickup": Effect("order_ready_for_pickup"),
    "delivered": Effect("order_delivered"),
    "attempted": Effect("delivery_failed"),
    "failed": Effect("delivery_failed", _("The carrier cannot deliver it.")),
    "returning": Effect("delivery_failed", _("It is on its way back to the sender.")),
    "lost": Effect("delivery_failed", _("The carrier cannot find it."), is_told=False),
    "damaged": Effect("delivery_failed", _("It was damaged on its way."), is_told=False),
}
"""By milestone. Customs, holds and what needs somebody to act are shown to staff and change no order."""


def data_of(step: Step, order: Order) -> dict[str, Any]:
    """The data of the event that ``step`` becomes, with its reason in the customer's language."""
    scan = step.scan
    data: dict[str, Any] = {"carrier_status": scan.status, "carrier_says": scan.text or scan.raw_status}
    with override(order.language):
        if reason := str(EFFECTS[step.milestone].reason):
            data["reason"] = reason
    if step.milestone == "ready_for_pickup" and scan.place and not _LINK.search(scan.place):
        data["place"] = scan.place
    return data


def may_tell(step: Step) -> bool:
    """Whether a customer may hear of ``step`` at all."""
    return step.is_first and (EFFECTS[step.milestone].is_told or step.is_correction)
