"""Whatever comes to a webhook, it never fails, and nobody loses his mail over what is not about a message of ours."""

from __future__ import annotations

import json
import os
from uuid import UUID

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.messaging.feedback.views import provider_webhook
from ecommerce_comms.messaging.models import Message, ProviderEvent
from tests.messaging import payloads
from tests.messaging.mutations import OURS, mutated

pytestmark = pytest.mark.django_db
ASHA, BINA = "asha@customers.example", "bina@customers.example"
OTHER = UUID(int=2)
FEW = settings(max_examples=int(os.environ.get("COMMS_FUZZ", "12")), deadline=None, derandomize=True, database=None,
               suppress_health_check=list(HealthCheck))

@pytest.fixture(autouse=True)
def shop(settings, clock):
    settings.ANYMAIL = payloads.ANYMAIL
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WEBHOOKS": list(payloads.PLAIN)}
    for uid, address in ((OURS, ASHA), (OTHER, BINA)):
        Message.objects.create(uid=uid, kind="order_placed", language="en", recipient=address, recipient_hash=address_hash(address),
                               dedupe_key=uid.hex, due_at=clock(), sent_at=clock(), state=Message.State.SENT,
                               message_id=uid.hex + "@shop.example")


def made(provider, recipient, mark):
    whats = ("hard", "complained", "hard") if provider != "resend" else ("hard",)
    return payloads.batch(provider, [payloads.event(provider, what, recipient=recipient, mark=mark) for what in whats])


def send(provider, payload):
    answer = provider_webhook(RequestFactory().post("/", **payloads.request(provider, payload)), provider)
    assert answer.status_code in (200, 400), (answer.status_code, payload)


@pytest.mark.parametrize("provider", payloads.PLAIN)
def test_mutated_events_never_fail_and_touch_nobody_but_the_one_they_are_about(provider):
    @FEW
    @given(mutated(made(provider, ASHA, OURS.hex)))
    def check(payload):
        send(provider, payload)
        assert not Suppression.objects.exclude(address_hash=address_hash(ASHA)).exists()
        assert not Consent.objects.exclude(address_hash=address_hash(ASHA)).exists()
        assert Message.objects.get(uid=OTHER).state == Message.State.SENT

    check()


@pytest.mark.parametrize("provider", payloads.PLAIN)
@pytest.mark.parametrize("recipient, mark", [("stranger@customers.example", OTHER.hex), (BINA, UUID(int=3).hex)])
def test_mutated_events_about_nothing_of_ours_never_suppress(provider, recipient, mark):
    @FEW
    @given(mutated(made(provider, recipient, mark)))
    def check(payload):
        # Only by guessing both a message's mark and its recipient would it be about one of ours.
        send(provider, payload)
        assert not Suppression.objects.filter(address_hash=address_hash(recipient)).exists()

    check()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("provider", payloads.PLAIN)
def test_mutated_bytes_never_fail(provider, clock):
    body = json.dumps(made(provider, ASHA, OURS.hex)).encode()

    @FEW
    @given(st.lists(st.tuples(st.integers(0, len(body)), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=5))
    def check(edits):
        spoilt = body
        for place, length, other in edits:
            spoilt = spoilt[:place] + other + spoilt[place + length:]
        answer = provider_webhook(RequestFactory().post("/", **payloads.signed_request(provider, spoilt)), provider)
        assert answer.status_code in (200, 400), spoilt

    check()
    assert not Suppression.objects.exclude(address_hash=address_hash(ASHA)).exists()


@pytest.mark.parametrize("provider", payloads.PLAIN)
@FEW
@given(headers=st.dictionaries(
    st.sampled_from(["Authorization", "Content-Encoding", "Content-Length", "Signature", "Mailtrap-Signature",
                     "X-Mandrill-Signature", "svix-id"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30), max_size=3,
), body=st.binary(max_size=200), kind=st.sampled_from([
    "application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain; charset=utf-16", "", "/",
]))
def test_nothing_that_a_stranger_sends_fails_or_is_kept(provider, headers, body, kind):
    answer = provider_webhook(RequestFactory().generic("POST", "/", body, content_type=kind, headers=headers), provider)
    assert answer.status_code in (400, 401, 413, 415)
    assert not ProviderEvent.objects.exists()
