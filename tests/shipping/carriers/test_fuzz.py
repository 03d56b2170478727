"""Whatever a signed request holds, it never fails, and touches no parcel but the one that it names."""

from __future__ import annotations

import json
import os

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_comms.shipping.carriers.views import carrier_webhook
from ecommerce_comms.shipping.models import Scan, Tracking
from tests.messaging.mutations import mutated
from tests.shipping.carriers import saying
from tests.shipping.carriers.story import BOX, shipped

pytestmark = pytest.mark.django_db
FEW = settings(max_examples=int(os.environ.get("COMMS_FUZZ", "25")), deadline=None, derandomize=True, database=None,
               suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
    shipped("1001")
    shipped("1002", parcel={**BOX, "tracking_number": "ANOTHERS99"})


def whole(provider):
    scans = [{"status": word, "time": f"2026-03-02T0{hour}:00:00+00:00", "text": "Seen", "place": "Pune"}
             for hour, word in enumerate(provider.words, 1)]
    return provider.payload(*scans, latest="2026-03-05")


def send(provider, body):
    request = RequestFactory().post("/", body, content_type="application/json", headers=provider.headers(body))
    answer = carrier_webhook(request, provider.name)
    assert answer.status_code in (200, 400), (answer.status_code, body)


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
def test_mutated_payloads_never_fail(provider):
    @FEW
    @given(mutated(whole(provider)))
    def check(payload):
        send(provider, json.dumps(payload).encode())
        assert not Tracking.objects.filter(parcel__order__reference="1002").exists()

    check()


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
def test_mutated_bytes_never_fail(provider):
    body = json.dumps(whole(provider)).encode()

    @FEW
    @given(st.lists(st.tuples(st.integers(0, len(body)), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=5))
    def check(edits):
        changed = body
        for place, length, new in edits:
            changed = changed[:place] + new + changed[place + length :]
        send(provider, changed)

    check()


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
def test_any_json_never_fails(provider):
    json_values = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
                               lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5))

    @FEW
    @given(json_values)
    def check(payload):
        send(provider, json.dumps(payload).encode())

    check()
    assert Scan.objects.count() < 100


WORDS = ["msg", "event", "data", "result", "description", "object", "tracking_number", "tracking_code", "checkpoints", "tracking_details",
         "tracking_history", "events", "scans", "status", "tag", "Tracker", "track_updated", "tracker_updated", "location", "substatus"]
