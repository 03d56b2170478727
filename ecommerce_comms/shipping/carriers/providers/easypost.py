"""EasyPost. https://docs.easypost.com/guides/webhooks-guide and https://docs.easypost.com/docs/trackers.

Documented: POST of an ``Event`` whose ``result`` is a ``Tracker``; header ``X-Hmac-Signature: hmac-sha256-hex=…``, the HMAC-SHA256
of the raw body with the secret in Unicode form NFKD, as EasyPost's own clients check it. Its second form, ``X-Hmac-Signature-V2`` over
``X-Timestamp``, the method, ``X-Path`` and the body, is described in its guide and in nobody's client: it is believed if it is right
and its time is checked then, and it is not asked for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar

from ecommerce_comms import signing
from ecommerce_comms.shipping.carriers.base import Call, CarrierWebhook, Told
from ecommerce_comms.shipping.carriers.payloads import at, objects, place_of
from ecommerce_comms.shipping.models.tracking import TrackingStatus as S

_SCHEME = b"hmac-sha256-hex="


class EasyPost(CarrierWebhook):
    """Speaks for more than a hundred carriers, most of them American."""

    statuses: ClassVar[dict[str, str]] = {
        "unknown": S.UNKNOWN, "pre_transit": S.PRE_TRANSIT, "in_transit": S.IN_TRANSIT, "out_for_delivery": S.OUT_FOR_DELIVERY,
        "delivered": S.DELIVERED, "available_for_pickup": S.READY_FOR_PICKUP, "return_to_sender": S.RETURNING, "failure": S.FAILED,
        "cancelled": S.CANCELLED, "error": S.UNKNOWN,
        "address_correction": S.ACTION_REQUIRED, "arrived_at_destination": S.ARRIVING, "arrived_at_facility": S.IN_TRANSIT,
        "arrived_at_pickup_location": S.READY_FOR_PICKUP, "awaiting_information": S.ACTION_REQUIRED, "damaged": S.DAMAGED,
        "delayed": S.DELAYED, "delivery_exception": S.ATTEMPTED, "departed_facility": S.IN_TRANSIT,
        "departed_origin_facility": S.IN_TRANSIT, "expired": S.EXPIRED, "held": S.ON_HOLD, "label_created": S.PRE_TRANSIT, "lost": S.LOST,
        "missorted": S.DELAYED, "received_at_destination_facility": S.ARRIVING, "received_at_origin_facility": S.PICKED_UP,
        "refused": S.RETURNING, "return": S.RETURNING, "transferred_to_destination_carrier": S.IN_TRANSIT,
        "transit_exception": S.DELAYED, "weather_delay": S.DELAYED,
    }
    """``status`` and ``status_detail``; ``status_update`` and ``unknown`` say nothing, so the status itself counts."""

    def is_signed(self, call: Call, secret: bytes) -> bool:
        """Either form."""
        key = unicodedata.normalize("NFKD", secret.decode()).encode()
        given = call.headers.get("x-hmac-signature-v2")
        if given and signing.same(given, _SCHEME + signing.hex_digest(key, _stamped(call))):
            return True
        return signing.same(call.headers.get("x-hmac-signature"), _SCHEME + signing.hex_digest(key, call.body))

    def signed_at(self, call: Call) -> Any:
        """Of the second form."""
        return call.headers.get("x-timestamp") if call.headers.get("x-hmac-signature-v2") else None

    def told(self, payload: Any) -> Iterable[Told]:
        """Each detail of a tracker, and what is expected; events about anything else tell nothing."""
        tracker = at(payload, "result")
        if at(payload, "description") is None or not isinstance(tracker, dict):
            raise ValueError("no event with a result")
        if tracker.get("object") != "Tracker":
            return
        number, carrier = tracker.get("tracking_code"), tracker.get("carrier")
        details = objects(tracker.get("tracking_details"))
        for each in details:
            where = each.get("tracking_location")
            yield Told(
                number=number, carrier=carrier, status=each.get("status"), detail=_telling(each.get("status_detail")),
                text=each.get("message"), place=place_of(at(where, "city"), at(where, "state"), at(where, "country")),
                time=each.get("datetime"),
            )
        changed = tracker.get("updated_at")
        if not details:
            yield Told(number=number, carrier=carrier, status=tracker.get("status"), detail=_telling(tracker.get("status_detail")),
                       time=changed)
        if latest := at(tracker, "carrier_detail", "est_delivery_date_local") or tracker.get("est_delivery_date"):
            yield Told(number=number, carrier=carrier, latest=latest, earliest=latest,
                       time=max((each.get("datetime") for each in details), key=str, default=changed))


def _stamped(call: Call) -> bytes:
    stamp, path = (call.headers.get(name, "") for name in ("x-timestamp", "x-path"))
    return f"{stamp}{call.method}{path}".encode("utf-8", "surrogatepass") + call.body


def _telling(detail: Any) -> Any:
    return "" if detail in ("unknown", "status_update", "in_transit", "failure", "cancelled") else detail
