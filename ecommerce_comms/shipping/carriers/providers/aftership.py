"""AfterShip Tracking. https://www.aftership.com/docs/tracking/webhook/webhook-specifications and …/webhook-signature.

Documented: POST of JSON; header ``aftership-hmac-sha256`` with the Base64 HMAC-SHA256 of the raw body; ``event`` is ``tracking_update``
or ``edd_revise``; ``msg`` is the tracking with its ``checkpoints``, tags and sub-tags. The signature covers no time, and
``event_id`` names the request, not a checkpoint: what is old news is known by its content. Checkpoints have wall times without
an offset where the courier gives none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from ecommerce_comms import signing
from ecommerce_comms.shipping.carriers.base import Call, CarrierWebhook, Told
from ecommerce_comms.shipping.carriers.payloads import at, objects, place_of
from ecommerce_comms.shipping.models.tracking import TrackingStatus as S


class AfterShip(CarrierWebhook):
    """Speaks for some 1,200 carriers."""

    statuses: ClassVar[dict[str, str]] = {
        "pending": S.PRE_TRANSIT, "inforeceived": S.PRE_TRANSIT, "intransit": S.IN_TRANSIT, "outfordelivery": S.OUT_FOR_DELIVERY,
        "attemptfail": S.ATTEMPTED, "delivered": S.DELIVERED, "availableforpickup": S.READY_FOR_PICKUP, "exception": S.ON_HOLD,
        "expired": S.EXPIRED,
        "intransit_002": S.PICKED_UP, "intransit_006": S.CUSTOMS,
        "exception_001": S.ON_HOLD, "exception_002": S.FAILED, "exception_003": S.ATTEMPTED, "exception_004": S.CUSTOMS,
        "exception_005": S.DELAYED, "exception_006": S.ACTION_REQUIRED, "exception_007": S.ACTION_REQUIRED, "exception_008": S.ATTEMPTED,
        "exception_009": S.FAILED, "exception_010": S.RETURNING, "exception_011": S.RETURNED, "exception_012": S.DAMAGED,
        "exception_013": S.LOST, "exception_016": S.DELAYED, "exception_017": S.DELAYED, "exception_018": S.ACTION_REQUIRED,
        "exception_019": S.DELAYED, "exception_020": S.CANCELLED, "exception_021": S.FAILED,
    }
    """https://www.aftership.com/docs/tracking/enum/delivery-statuses and …/delivery-sub-statuses."""

    def is_signed(self, call: Call, secret: bytes) -> bool:
        """The Base64 HMAC of the body."""
        return signing.same(call.headers.get("aftership-hmac-sha256"), signing.base64_digest(secret, call.body))

    def told(self, payload: Any) -> Iterable[Told]:
        """Each checkpoint, and what is expected."""
        tracking = at(payload, "msg")
        if not isinstance(tracking, dict):
            raise ValueError("an object without a tracking in msg")
        number, slug = tracking.get("tracking_number"), tracking.get("slug")
        checkpoints = objects(tracking.get("checkpoints"))
        for each in checkpoints:
            yield Told(
                number=number, carrier=each.get("slug") or slug, status=each.get("tag"), detail=each.get("subtag"),
                text=each.get("message"),
                place=each.get("location") or place_of(each.get("city"), each.get("state"), each.get("country_name")),
                time=each.get("checkpoint_time"),
            )
        changed = tracking.get("updated_at") or at(payload, "ts")
        if not checkpoints:
            yield Told(number=number, carrier=slug, status=tracking.get("tag"), detail=tracking.get("subtag"),
                       text=tracking.get("subtag_message"), time=changed)
        earliest, latest = _expected(tracking)
        if latest:
            is_news = at(payload, "event") == "edd_revise" or not checkpoints
            yield Told(number=number, carrier=slug, earliest=earliest, latest=latest,
                       time=changed if is_news else _newest(checkpoints))


def _expected(tracking: dict[str, Any]) -> tuple[Any, Any]:
    """What the courier expects; what AfterShip reckons itself is no word of the carrier's, and is passed over."""
    latest = at(tracking, "latest_estimated_delivery")
    if at(latest, "source") in ("Carrier EDD", "carrier", "courier"):
        whole = at(latest, "datetime")
        return at(latest, "datetime_min") or whole, at(latest, "datetime_max") or whole
    courier = at(tracking, "courier_estimated_delivery_date")
    whole = at(courier, "estimated_delivery_date") or tracking.get("expected_delivery")
    return at(courier, "estimated_delivery_date_min") or whole, at(courier, "estimated_delivery_date_max") or whole


def _newest(checkpoints: list[dict[str, Any]]) -> Any:
    return max((each.get("checkpoint_time") for each in checkpoints), key=str, default="")
