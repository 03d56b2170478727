"""The webhook of Karrio: its security, and what its words mean."""

from __future__ import annotations

from tests.shipping.carriers import saying
from tests.shipping.carriers.security import WebhookSecurity
from tests.shipping.carriers.story import shipped, tracking


class TestKarrioSecurity(WebhookSecurity):
    provider = saying.Karrio()


def test_older_version_without_a_status_for_each_event_is_read(db, fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
    shipped()
    clock.advance(hours=9)
    events = [{"date": "2026-03-02", "time": "14:05 PM", "code": "OFD", "description": "With the courier", "location": "Pune"},
              {"date": "2026-03-02", "time": "11:00 AM", "code": "ARR", "description": "Arrived", "location": "Pune"}]
    payload = {"event": "tracker_updated", "data": {"tracking_number": saying.NUMBER, "carrier_name": "india_post",
                                                    "status": "out_for_delivery", "events": events}}
    assert saying.Karrio().post(payload).json()["new"] == 2
    assert (tracking().status, tracking().scanned_at.isoformat()) == ("out_for_delivery", "2026-03-02T08:35:00+00:00")
    assert saying.Karrio().post(payload).json()["known"] == 2
