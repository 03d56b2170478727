"""The app's own form: small enough for a carrier's clerk, a script or a carrier that nobody speaks for. See the reference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from ecommerce_comms import signing
from ecommerce_comms.shipping.carriers.base import Call, CarrierWebhook, Told
from ecommerce_comms.shipping.carriers.payloads import at

HEADER = "x-comms-signature"


class Plain(CarrierWebhook):
    """One scan as an object, or several as a list, or as the list ``scans`` of an object."""

    signs_time: ClassVar[bool] = True

    def is_signed(self, call: Call, secret: bytes) -> bool:
        """``t=<seconds>,v1=<hex of the HMAC-SHA256 of "<seconds>.<body>">``."""
        return signing.is_stamped(call.headers.get(HEADER), secret, call.body)

    def signed_at(self, call: Call) -> Any:
        """Seconds since 1970."""
        return signing.parts_of(call.headers.get(HEADER)).get("t", "")

    def told(self, payload: Any) -> Iterable[Told]:
        """Each scan."""
        scans = payload.get("scans", payload) if isinstance(payload, dict) else payload
        if not isinstance(scans, (dict, list)):
            raise ValueError("neither a scan nor a list of scans")
        for scan in scans if isinstance(scans, list) else [scans]:
            yield told_of(scan)


def told_of(scan: Any) -> Told:
    """One scan of the form that is documented; whatever else it is has no tracking number."""
    return Told(
        number=at(scan, "tracking_number"), carrier=at(scan, "carrier"), status=at(scan, "status"), detail=at(scan, "detail"),
        text=at(scan, "text"), place=at(scan, "place"), time=at(scan, "occurred_at"), earliest=at(scan, "earliest"),
        latest=at(scan, "latest"), event_id=at(scan, "id"),
    )
