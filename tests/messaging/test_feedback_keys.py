"""Providers that sign with a private key: Postal and SendGrid."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import uuid4

import pytest
from django.test import Client

from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.messaging.models import Message

pytest.importorskip("cryptography")

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")]
ASHA = "asha@customers.example"


def public(key):
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return "".join(pem.splitlines()[1:-1])


@pytest.fixture(autouse=True)
def shop(settings, clock):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WEBHOOKS": ["postal", "sendgrid"]}


@pytest.fixture
def mail(clock):
    uid = uuid4()
    return Message.objects.create(uid=uid, kind="order_placed", language="en", recipient=ASHA, recipient_hash=address_hash(ASHA),
                                  dedupe_key=uid.hex, due_at=clock(), sent_at=clock(), state=Message.State.SENT, provider_message_id="1234")


@pytest.fixture
def postal(settings):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.ANYMAIL = {"POSTAL_WEBHOOK_KEY": public(key)}

    def post(payload, body=None):
        data = json.dumps(payload).encode()
        signature = b64encode(key.sign(data, padding.PKCS1v15(), hashes.SHA1())).decode()
        return Client().post("/comms/webhooks/postal/", data=body or data, content_type="application/json",
                             headers={"X-Postal-Signature": signature})

    return post


def failed(answer):
    return {"event": "MessageDeliveryFailed", "timestamp": 1772425800, "uuid": str(uuid4()), "payload": {
        "status": "HardFail", "details": "Permanent SMTP delivery error", "output": answer, "message": {"id": 1234, "to": ASHA, "tag": "x"},
    }}


@pytest.mark.parametrize("answer, is_suppressed", [("550 5.1.1 no such user", True), ("550 5.7.1 spam", False), ("no code", False)])
def test_failure_at_postal_is_for_good_if_the_mail_server_said_so(answer, is_suppressed, postal, mail):
    assert postal(failed(answer)).json()["new"] == 1
    mail.refresh_from_db()
    assert mail.state == Message.State.BOUNCED
    assert Suppression.objects.exists() is is_suppressed


def test_altered_event_of_postal_is_not_believed(postal, mail):
    payload = failed("550 5.1.1")
    assert postal(payload, body=json.dumps({**payload, "uuid": "2"}).encode()).status_code == 400


@pytest.mark.parametrize("minutes, status", [(0, 200), (1400, 200), (1500, 400)])
def test_sendgrid_s_signature_holds_for_a_day(minutes, status, settings, mail, clock):
    key = ec.generate_private_key(ec.SECP256R1())
    settings.ANYMAIL = {"SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": public(key)}
    event = {"event": "bounce", "type": "bounce", "email": ASHA, "timestamp": int(clock().timestamp()), "sg_event_id": "e1",
             "sg_message_id": "m1", "comms": mail.uid.hex, "status": "5.1.1", "reason": "550 5.1.1 unknown"}
    body, stamp = json.dumps([event]).encode(), str(int(clock().timestamp()))
    headers = {"X-Twilio-Email-Event-Webhook-Timestamp": stamp,
               "X-Twilio-Email-Event-Webhook-Signature": b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()}
    clock.advance(minutes=minutes)
    answer = Client().post("/comms/webhooks/sendgrid/", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert Suppression.objects.exists() is (status == 200)
