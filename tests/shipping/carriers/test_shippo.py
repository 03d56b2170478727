"""The webhook of Shippo: its security, and what its words mean."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.shipping.carriers import saying
from tests.shipping.carriers.security import WebhookSecurity


class TestShippoSecurity(WebhookSecurity):
    provider = saying.Shippo()


class TestToken:
    """Where Shippo's support has set up no signature, a token in the address has to do."""

    @pytest.fixture(autouse=True)
    def _open(self, db, fake_shop, clock, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}

    def post(self, token, **headers):
        payload = saying.Shippo().payload({"status": "TRANSIT", "time": "2026-03-02T04:00:00Z"})
        address = f"/comms/carriers/shippo/?{urlencode({'token': token})}"
        return Client().post(address, json.dumps(payload), content_type="application/json", headers=headers).status_code

    @pytest.mark.parametrize(("token", "status"), [
        (saying.SECRET, 200), ("", 401), (saying.SECRET[:-1], 401), ("é", 401), ("x" * 9000, 401),
    ])
    def test_it_is_the_secret_or_nothing(self, token, status):
        assert self.post(token) == status

    def test_wrong_signature_is_not_mended_by_the_right_token(self):
        assert self.post(saying.SECRET, **{"Shippo-Auth-Signature": "t=1,v1=00"}) == 401
