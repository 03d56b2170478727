"""karrio, which a shop can run itself. https://docs.karrio.io and ``modules/events`` of https://github.com/karrioapi/karrio.

Its documentation says little, so this follows its source: POST of ``{"event": "tracker_updated", "data": <tracker>}``. It signs nothing:
the header ``X-Event-Id`` carries the secret of the webhook itself, the same in every request, so whoever can read one request can
write others. Have it come over HTTPS or a network of your own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from ecommerce_comms import signing
from ecommerce_comms.shipping.carriers.base import Call, CarrierWebhook, Told
from ecommerce_comms.shipping.carriers.payloads import at, objects
from ecommerce_comms.shipping.models.tracking import TrackingStatus as S

_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
_EVENTS = ("tracker_created", "tracker_updated", "tracker.created", "tracker.updated")


class Karrio(CarrierWebhook):
    """Speaks for whatever carriers the shop has accounts with."""

    signs_body: ClassVar[bool] = False
    statuses: ClassVar[dict[str, str]] = {
        "pending": S.PRE_TRANSIT, "picked_up": S.PICKED_UP, "on_hold": S.ON_HOLD, "cancelled": S.CANCELLED, "delivered": S.DELIVERED,
        "in_transit": S.IN_TRANSIT, "delivery_failed": S.ATTEMPTED, "delivery_delayed": S.DELAYED,
        "out_for_delivery": S.OUT_FOR_DELIVERY, "ready_for_pickup": S.READY_FOR_PICKUP, "return_to_sender": S.RETURNING,
        "unknown": S.UNKNOWN,
        "carrier_damaged_parcel": S.DAMAGED, "carrier_parcel_lost": S.LOST, "carrier_sorting_error": S.DELAYED,
        "carrier_vehicle_issue": S.DELAYED, "carrier_not_enough_time": S.DELAYED, "carrier_address_not_found": S.ACTION_REQUIRED,
        "consignee_refused": S.ATTEMPTED, "consignee_business_closed": S.ATTEMPTED, "consignee_not_available": S.ATTEMPTED,
        "consignee_not_home": S.ATTEMPTED, "consignee_access_restricted": S.ATTEMPTED,
        "consignee_incorrect_address": S.ACTION_REQUIRED, "customs_delay": S.CUSTOMS, "customs_documentation": S.ACTION_REQUIRED,
        "customs_duties_unpaid": S.ACTION_REQUIRED, "weather_delay": S.DELAYED, "natural_disaster": S.DELAYED,
    }
    """Its statuses, and its reasons why something went wrong."""

    def is_signed(self, call: Call, secret: bytes) -> bool:
        """The secret itself, in a header."""
        return signing.same(call.headers.get("x-event-id"), secret)

    def told(self, payload: Any) -> Iterable[Told]:
        """Each event of a tracker, and what is expected; events about anything else tell nothing."""
        tracker = at(payload, "data")
        if not isinstance(at(payload, "event"), str) or not isinstance(tracker, dict):
            raise ValueError("no event with data")
        if payload["event"] not in _EVENTS:
            return
        number, carrier = tracker.get("tracking_number"), tracker.get("carrier_name")
        events = objects(tracker.get("events"))
        newest = max(events, key=lambda each: str(_time(each)), default=None)
        for each in events:
            # Before each event had a status of its own the tracker's was that of the newest.
            status = each.get("status") or (tracker.get("status") if each is newest else "")
            reason = each.get("reason") if each.get("reason") in self.statuses else ""
            words = [each.get(name) for name in ("date", "time", "code", "description", "location")]
            yield Told(number=number, carrier=carrier, status=status, detail=reason, text=each.get("description"),
                       place=each.get("location"), time=_time(each), event_id="|".join(str(word) for word in words))
        if not events and tracker.get("status"):
            yield Told(number=number, carrier=carrier, status=tracker.get("status"), time=tracker.get("updated_at"))
        if latest := tracker.get("estimated_delivery"):
            yield Told(number=number, carrier=carrier, earliest=latest, latest=latest, time=_time(newest or {}))


def _time(event: dict[str, Any]) -> Any:
    """Newer versions give a time stamp, older ones a day and the hour as ``14:05 PM``."""
    if event.get("timestamp"):
        return event["timestamp"]
    clock = _CLOCK.match(str(event.get("time") or ""))
    return f"{event.get('date') or ''} {clock.group().zfill(5) if clock else ''}".strip()
