"""The webhook of EasyPost: its security, and what its words mean."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta

import pytest
from django.test import Client

from tests.shipping.carriers import saying
from tests.shipping.carriers.security import WebhookSecurity


class TestEasyPostSecurity(WebhookSecurity):
    provider = saying.EasyPost()


class TestSecondSignature:
    """Over time, method, path and body."""

    @pytest.fixture(autouse=True)
    def _open(self, db, fake_shop, clock, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}

    def post(self, stamp, *, path="/comms/carriers/easypost/", secret=saying.SECRET):
        body = json.dumps(saying.EasyPost().payload({"status": "in_transit", "time": "2026-03-02T04:00:00Z"})).encode()
        signature = saying.digest(secret, f"{stamp}POST{path}".encode() + body).hexdigest()
        headers = {"X-Timestamp": stamp, "X-Path": path, "X-Hmac-Signature-V2": f"hmac-sha256-hex={signature}"}
        return Client().post("/comms/carriers/easypost/", body, content_type="application/json", headers=headers).status_code

    def test_it_is_believed_while_it_is_fresh(self, clock):
        assert self.post(clock().isoformat()) == 200
        assert self.post("Mon, 02 Mar 2026 04:30:00 +0000") == 200
        assert self.post((clock() - timedelta(days=2)).isoformat()) == 401
        assert self.post("yesterday") == 401

    def test_it_is_not_believed_with_another_secret(self, clock):
        assert self.post(clock().isoformat(), secret="another secret of somebody") == 401


def test_secret_with_accents_is_compared_in_the_form_that_its_clients_use(db, fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": {"easypost": {"secret": "sécret of sixteen"}}}
    provider = saying.EasyPost()
    payload = provider.payload({"status": "in_transit", "time": "2026-03-02T04:00:00Z"})
    assert provider.post(payload, secret=unicodedata.normalize("NFKD", "sécret of sixteen")).status_code == 200
