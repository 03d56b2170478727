"""Shippo. https://docs.goshippo.com/docs/Tracking/Webhooks and https://docs.goshippo.com/docs/Tracking/WebhookSecurity.

Documented: POST of ``{"event": "track_updated", "data": {…}}``, where ``data`` is the tracking with ``tracking_status``,
``tracking_history`` and ``eta``; either a token of one's own in the address (``?token=…``), or, once Shippo's support has set it up,
the header ``Shippo-Auth-Signature: t=<seconds>,v1=<hex>``, the HMAC-SHA256 of ``<seconds>.<body>``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from ecommerce_comms import signing
from ecommerce_comms.shipping.carriers.base import Call, CarrierWebhook, Told
from ecommerce_comms.shipping.carriers.payloads import at, objects, place_of
from ecommerce_comms.shipping.models.tracking import TrackingStatus as S

_HEADER = "shippo-auth-signature"


class Shippo(CarrierWebhook):
    """Speaks for some forty carriers."""

    signs_time: ClassVar[bool] = True
    statuses: ClassVar[dict[str, str]] = {
        "unknown": S.UNKNOWN, "pre_transit": S.PRE_TRANSIT, "transit": S.IN_TRANSIT, "delivered": S.DELIVERED, "returned": S.RETURNING,
        "failure": S.FAILED,
        "information_received": S.PRE_TRANSIT, "address_issue": S.ACTION_REQUIRED, "contact_carrier": S.ACTION_REQUIRED,
        "delayed": S.DELAYED, "delivery_attempted": S.ATTEMPTED, "delivery_rescheduled": S.DELAYED, "delivery_scheduled": S.IN_TRANSIT,
        "location_inaccessible": S.ATTEMPTED, "notice_left": S.ATTEMPTED, "out_for_delivery": S.OUT_FOR_DELIVERY,
        "package_accepted": S.PICKED_UP, "package_arrived": S.IN_TRANSIT, "package_damaged": S.DAMAGED, "package_departed": S.IN_TRANSIT,
        "package_forwarded": S.IN_TRANSIT, "package_held": S.ON_HOLD, "package_processed": S.IN_TRANSIT,
        "package_processing": S.IN_TRANSIT, "pickup_available": S.READY_FOR_PICKUP, "reschedule_delivery": S.ACTION_REQUIRED,
        "return_to_sender": S.RETURNING, "package_unclaimed": S.RETURNING, "package_undeliverable": S.FAILED,
        "package_disposed": S.FAILED, "package_lost": S.LOST, "package_returned": S.RETURNED,
    }

    def is_signed(self, call: Call, secret: bytes) -> bool:
        """The header if there is one, else the token in the address."""
        header = call.headers.get(_HEADER)
        if header is not None:
            return signing.is_stamped(header, secret, call.body)
        return signing.same(call.query.get("token"), secret)

    def signed_at(self, call: Call) -> Any:
        """Of the header; a token has no time."""
        header = call.headers.get(_HEADER)
        return None if header is None else signing.parts_of(header).get("t", "")

    def told(self, payload: Any) -> Iterable[Told]:
        """Each status of the history, and what is expected."""
        tracking = at(payload, "data")
        if not isinstance(at(payload, "event"), str) or not isinstance(tracking, dict):
            raise ValueError("no event with data")
        if payload["event"] != "track_updated":
            return
        number, carrier, now = tracking.get("tracking_number"), tracking.get("carrier"), tracking.get("tracking_status")
        history = objects(tracking.get("tracking_history"))
        if isinstance(now, dict) and not any(each.get("status_date") == now.get("status_date") for each in history):
            history.append(now)
        for each in history:
            where = each.get("location")
            yield Told(
                number=number, carrier=carrier, status=each.get("status"), detail=at(each, "substatus", "code"),
                text=each.get("status_details"), place=place_of(at(where, "city"), at(where, "state"), at(where, "country")),
                time=each.get("status_date"), event_id=each.get("object_id"),
            )
        if latest := tracking.get("eta"):
            yield Told(number=number, carrier=carrier, earliest=latest, latest=latest,
                       time=max((each.get("status_date") for each in history), key=str, default=""))
