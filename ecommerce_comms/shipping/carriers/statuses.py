"""How carriers' words become statuses: the words that many share. Each provider's own table stands beside its reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ecommerce_comms.shipping.models.tracking import TrackingStatus as S

COMMON: dict[str, str] = {
    **{status.value: status.value for status in S},
    "pending": S.PRE_TRANSIT, "info_received": S.PRE_TRANSIT, "label_created": S.PRE_TRANSIT, "label_printed": S.PRE_TRANSIT,
    "manifested": S.PRE_TRANSIT, "created": S.PRE_TRANSIT, "awaiting_pickup": S.PRE_TRANSIT, "pickup_scheduled": S.PRE_TRANSIT,
    "accepted": S.PICKED_UP, "collected": S.PICKED_UP, "picked": S.PICKED_UP, "posted": S.PICKED_UP, "handed_over": S.PICKED_UP,
    "shipped": S.IN_TRANSIT, "dispatched": S.IN_TRANSIT, "transit": S.IN_TRANSIT, "on_the_way": S.IN_TRANSIT, "departed": S.IN_TRANSIT,
    "arrived": S.IN_TRANSIT, "arrived_at_hub": S.IN_TRANSIT, "arrived_at_facility": S.IN_TRANSIT, "departed_facility": S.IN_TRANSIT,
    "customs_clearance": S.CUSTOMS, "in_customs": S.CUSTOMS, "at_customs": S.CUSTOMS, "customs_hold": S.CUSTOMS,
    "hold": S.ON_HOLD, "held": S.ON_HOLD, "delay": S.DELAYED, "delivery_delayed": S.DELAYED, "weather_delay": S.DELAYED,
    "arriving_soon": S.ARRIVING, "at_destination": S.ARRIVING, "arrived_at_destination": S.ARRIVING,
    "ofd": S.OUT_FOR_DELIVERY, "outfordelivery": S.OUT_FOR_DELIVERY, "with_courier": S.OUT_FOR_DELIVERY,
    "attempt": S.ATTEMPTED, "attempt_failed": S.ATTEMPTED, "attempt_fail": S.ATTEMPTED, "failed_attempt": S.ATTEMPTED,
    "delivery_attempted": S.ATTEMPTED, "delivery_failed": S.ATTEMPTED, "undelivered": S.ATTEMPTED, "not_home": S.ATTEMPTED,
    "available_for_pickup": S.READY_FOR_PICKUP, "pickup_available": S.READY_FOR_PICKUP, "awaiting_collection": S.READY_FOR_PICKUP,
    "dlvd": S.DELIVERED, "completed": S.DELIVERED, "delivered_to_neighbour": S.DELIVERED, "delivered_to_neighbor": S.DELIVERED,
    "return_to_sender": S.RETURNING, "rto": S.RETURNING, "return": S.RETURNING, "return_in_transit": S.RETURNING, "refused": S.RETURNING,
    "returned_to_sender": S.RETURNED, "rto_delivered": S.RETURNED, "return_delivered": S.RETURNED,
    "missing": S.LOST, "damage": S.DAMAGED, "failure": S.FAILED, "undeliverable": S.FAILED, "disposed": S.FAILED,
    "canceled": S.CANCELLED, "voided": S.CANCELLED,
}
"""By the word as ``plain`` makes it."""
_BETWEEN = re.compile(r"[\s\-./]+")


def plain(word: str) -> str:
    """``Out for Delivery`` and ``OUT-FOR-DELIVERY`` alike: ``out_for_delivery``."""
    return _BETWEEN.sub("_", word.strip().casefold()).strip("_")


def normalise(status: str, detail: str = "", table: Mapping[str, str] | None = None) -> str:
    """The ``TrackingStatus`` of a carrier's word; its more exact ``detail`` goes first, the provider's ``table`` before the common one.

    A word that nobody knows is ``unknown``: it is shown as it is and counted, and nothing follows from it.
    """
    own = table or {}
    for word in (plain(detail), plain(status)):
        if word in own:
            return own[word]
    return next((COMMON[word] for word in (plain(detail), plain(status)) if word in COMMON), S.UNKNOWN)
