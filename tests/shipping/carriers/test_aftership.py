"""The webhook of AfterShip: its security, and what its words mean."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.shipping.carriers import saying
from tests.shipping.carriers.security import WebhookSecurity
from tests.shipping.carriers.story import shipped, tracking


class TestAfterShipSecurity(WebhookSecurity):
    provider = saying.AfterShip()


@pytest.fixture
def told(db, fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
    shipped()
    return saying.AfterShip()


def test_courier_revises_its_date_without_a_new_scan(told, clock):
    clock.advance(hours=2)
    payload = told.payload({"status": "InTransit", "time": "2026-03-02T05:00:00+00:00"}, latest="2026-03-05")
    told.post(payload)
    clock.advance(hours=1)
    payload["event"] = "edd_revise"
    payload["msg"] |= {"updated_at": "2026-03-02T07:00:00+00:00", "expected_delivery": "2026-03-08"}
    assert told.post(payload).json()["new"] == 1
    assert str(tracking().estimate_latest) == "2026-03-08"


def test_aftership_s_own_reckoning_is_no_word_of_the_courier(told):
    payload = told.payload({"status": "InTransit", "time": "2026-03-02T04:00:00+00:00"})
    payload["msg"]["aftership_estimated_delivery_date"] = {"estimated_delivery_date": "2026-03-09"}
    payload["msg"]["latest_estimated_delivery"] = {"type": "specific", "source": "AfterShip EDD", "datetime": "2026-03-09"}
    told.post(payload)
    assert tracking().estimate_latest is None


def test_courier_s_window_is_taken(told):
    payload = told.payload({"status": "InTransit", "time": "2026-03-02T04:00:00+00:00"})
    payload["msg"]["courier_estimated_delivery_date"] = {
        "estimated_delivery_date": "2026-03-06", "estimated_delivery_date_min": "2026-03-05", "estimated_delivery_date_max": "2026-03-07"}
    told.post(payload)
    assert (str(tracking().estimate_earliest), str(tracking().estimate_latest)) == ("2026-03-05", "2026-03-07")


def test_address_of_the_webhook_has_a_name():
    assert reverse("comms:carrier-webhook", args=["aftership"]) == "/comms/carriers/aftership/"
