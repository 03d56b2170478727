"""What each provider posts, and how it signs: the payloads follow its documentation, or its source where that says more."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

from django.test import Client

from ecommerce_comms import clock

SECRET = "a long secret that nobody guesses"
NUMBER = "RR123456785IN"


def digest(secret: str, message: bytes) -> Any:
    return hmac.new(secret.encode(), message, hashlib.sha256)


class Provider:
    """One provider, as it looks from outside."""

    name = ""
    words: tuple[str, str, str] = ("", "", "")
    """Its words for in transit, out for delivery and delivered."""

    def payload(self, *scans: dict[str, Any], number: str = NUMBER, latest: str = "") -> Any:
        raise NotImplementedError

    def headers(self, body: bytes, secret: str = SECRET) -> dict[str, str]:
        raise NotImplementedError

    def post(self, payload: Any, *, secret: str = SECRET, account: str = "", client: Client | None = None, **more: Any) -> Any:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        made = {"content_type": "application/json", "headers": self.headers(body, secret), **more}
        return (client or Client()).post(f"/comms/carriers/{account or self.name}/", body, **made)


class AfterShip(Provider):
    name = "aftership"
    words = ("InTransit", "OutForDelivery", "Delivered")

    def headers(self, body, secret=SECRET):
        return {"aftership-hmac-sha256": b64encode(digest(secret, body).digest()).decode()}

    def payload(self, *scans, number=NUMBER, latest=""):
        checkpoints = [{
            "slug": "india-post", "city": "Kolkata", "created_at": "2026-03-02T10:00:00+00:00", "location": scan.get("place"),
            "message": scan.get("text"), "tag": scan["status"], "subtag": scan.get("detail", ""), "checkpoint_time": scan["time"],
        } for scan in scans]
        return {
            "ts": 1772445000, "event": "tracking_update", "event_id": "3f645f5e-530b-4062-8695-db6a64420af8", "is_tracking_first_tag": True,
            "msg": {"id": "grhrexm6t3hiwkjwq37jd003", "tracking_number": number, "slug": "india-post", "tag": scans[-1]["status"],
                    "updated_at": "2026-03-02T10:30:00+00:00", "expected_delivery": latest or None, "checkpoints": checkpoints},
        }


class EasyPost(Provider):
    name = "easypost"
    words = ("in_transit", "out_for_delivery", "delivered")

    def headers(self, body, secret=SECRET):
        return {"X-Hmac-Signature": f"hmac-sha256-hex={digest(secret, body).hexdigest()}"}

    def payload(self, *scans, number=NUMBER, latest=""):
        details = [{
            "object": "TrackingDetail", "message": scan.get("text"), "status": scan["status"],
            "status_detail": scan.get("detail", "unknown"), "datetime": scan["time"], "source": "USPS",
            "tracking_location": {"object": "TrackingLocation", "city": scan.get("place"), "state": None, "country": "IN", "zip": None},
        } for scan in scans]
        return {
            "id": "evt_1", "object": "Event", "mode": "production", "description": "tracker.updated",
            "result": {"id": "trk_1", "object": "Tracker", "tracking_code": number, "status": scans[-1]["status"], "carrier": "IndiaPost",
                       "est_delivery_date": f"{latest}T00:00:00Z" if latest else None, "tracking_details": details},
        }


class Shippo(Provider):
    name = "shippo"
    words = ("TRANSIT", "OUT", "DELIVERED")

    def headers(self, body, secret=SECRET):
        stamp = str(int(clock.now().timestamp()))
        return {"Shippo-Auth-Signature": f"t={stamp},v1={digest(secret, stamp.encode() + b'.' + body).hexdigest()}"}

    def payload(self, *scans, number=NUMBER, latest=""):
        history = [{
            "object_id": f"{scan['status']}-{scan['time']}", "status": "TRANSIT" if scan["status"] == "OUT" else scan["status"],
            "substatus": {"code": "out_for_delivery" if scan["status"] == "OUT" else scan.get("detail"), "action_required": False},
            "status_details": scan.get("text"), "status_date": scan["time"], "location": {"city": scan.get("place"), "country": "IN"},
        } for scan in scans]
        return {"event": "track_updated", "test": False, "data": {
            "carrier": "india_post", "tracking_number": number, "eta": f"{latest}T00:00:00Z" if latest else None,
            "tracking_status": history[-1], "tracking_history": history}}


class Karrio(Provider):
    name = "karrio"
    words = ("in_transit", "out_for_delivery", "delivered")

    def headers(self, body, secret=SECRET):
        return {"X-Event-Id": secret}

    def payload(self, *scans, number=NUMBER, latest=""):
        events = [{
            "date": scan["time"][:10], "time": scan["time"][11:16], "timestamp": scan["time"], "code": "X", "status": scan["status"],
            "reason": scan.get("detail"), "description": scan.get("text"), "location": scan.get("place"),
        } for scan in reversed(scans)]
        return {"event": "tracker_updated", "data": {
            "id": "trk_1", "tracking_number": number, "carrier_name": "india_post", "status": scans[-1]["status"],
            "estimated_delivery": latest or None, "events": events}}


class Plain(Provider):
    name = "plain"
    words = ("in_transit", "out_for_delivery", "delivered")

    def headers(self, body, secret=SECRET):
        stamp = str(int(clock.now().timestamp()))
        return {"X-Comms-Signature": f"t={stamp},v1={digest(secret, stamp.encode() + b'.' + body).hexdigest()}"}

    def payload(self, *scans, number=NUMBER, latest=""):
        told = [{"tracking_number": number, "carrier": "India Post", "status": scan["status"], "detail": scan.get("detail"),
                 "text": scan.get("text"), "place": scan.get("place"), "occurred_at": scan["time"]} for scan in scans]
        if latest:
            told[-1]["latest"] = latest
        return {"scans": told}


PROVIDERS = [AfterShip(), EasyPost(), Shippo(), Karrio(), Plain()]
PLAIN = PROVIDERS[-1]


def accounts(**more: Any) -> dict[str, Any]:
    """``CARRIER_WEBHOOKS`` with every provider."""
    return {**{provider.name: {"secret": SECRET} for provider in PROVIDERS}, **more}
