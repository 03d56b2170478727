"""Amazon's word is believed when Amazon has signed it, for a topic of ours, and lately; and nobody else is ever asked."""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings

from ecommerce_comms import checks
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.messaging.feedback import sns
from ecommerce_comms.messaging.models import Message, ProviderEvent
from tests.messaging import payloads
from tests.messaging.mutations import mutated

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

pytestmark = pytest.mark.django_db
TOPIC = "arn:aws:sns:eu-central-1:123456789012:bounces"
HOST = "sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"https://{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SUBSCRIPTION = {"Type": "SubscriptionConfirmation", "Token": "2336412f37", "SubscribeURL": "https://evil.example/?x=1", "Message": "Hello"}
ASHA = "asha@customers.example"


def certificate(key, begins, ends):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    return builder.not_valid_before(begins).not_valid_after(ends).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def asked(key, clock, monkeypatch):
    """What was fetched; Amazon's certificate is there."""
    asked = []
    pem = certificate(key, clock() - timedelta(days=1), clock() + timedelta(days=30))
    monkeypatch.setattr(sns, "fetch", lambda host, path: asked.append((host, path)) or pem)
    return asked


@pytest.fixture(autouse=True)
def shop(settings, clock, asked):
    settings.ANYMAIL = {}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WEBHOOKS": ["amazon_ses"], "SNS_TOPICS": [TOPIC]}
    sns.forget()
    yield
    sns.forget()


@pytest.fixture
def mail(clock):
    uid = uuid4()
    return Message.objects.create(uid=uid, kind="order_placed", language="en", recipient=ASHA, recipient_hash=address_hash(ASHA),
                                  dedupe_key=uid.hex, due_at=clock(), sent_at=clock(), state=Message.State.SENT)


@pytest.fixture
def signed(key, clock):
    """Makes an SNS message, signed after ``changes`` and spoilt by ``afterwards``."""

    def make(event, changes=(), afterwards=(), version="2"):
        message = {"Type": "Notification", "MessageId": str(uuid4()), "TopicArn": TOPIC, "Subject": "Amazon SES",
                   "Message": json.dumps(event), "Timestamp": clock().isoformat().replace("+00:00", "Z"),
                   "SignatureVersion": version, "SigningCertURL": CERTIFICATE, **dict(changes)}
        fields = [name for name in sns.SIGNED.get(message["Type"], ()) if name in message]
        text = "".join(f"{name}\n{message[name]}\n" for name in fields)
        digest = hashes.SHA1() if version == "1" else hashes.SHA256()
        message["Signature"] = b64encode(key.sign(text.encode(), padding.PKCS1v15(), digest)).decode()
        return {name: value for name, value in {**message, **dict(afterwards)}.items() if value is not None}

    return make


def post(message, **headers):
    named = {"x-amz-sns-message-type": message.get("Type", ""), "x-amz-sns-message-id": message.get("MessageId", ""), **headers}
    body = json.dumps(message).encode()
    return Client().post("/comms/webhooks/amazon_ses/", data=body, content_type="text/plain; charset=UTF-8", headers=named)


def bounce(mail, what="hard"):
    return payloads.event("amazon_ses", what, recipient=ASHA, mark=mail.uid.hex)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["Amazon SES", None])
def test_signed_bounce_is_believed(version, subject, signed, mail):
    message = signed(bounce(mail), version=version) if subject else signed(bounce(mail), {"Type": "Notification"}, version=version)
    assert post(message).status_code == 200
    mail.refresh_from_db()
    assert mail.state == Message.State.BOUNCED
    assert Suppression.objects.get().address_hash == address_hash(ASHA)


def test_message_without_a_subject_is_signed_without_it(signed, key, mail, clock):
    message = signed(bounce(mail))
    del message["Subject"]
    assert post(message).status_code == 400
    text = "".join(f"{name}\n{message[name]}\n" for name in sns.SIGNED["Notification"] if name in message)
    message["Signature"] = b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    assert post(message).status_code == 200


@pytest.mark.parametrize("what, state", [("delivered", "delivered"), ("complained", "complained"), ("soft", "bounced")])
def test_other_events(what, state, signed, mail):
    post(signed(bounce(mail, what)))
    mail.refresh_from_db()
    assert mail.state == state


def test_notification_about_several_people_is_about_each_of_them(signed, mail):
    event = bounce(mail)
    event["bounce"]["bouncedRecipients"].insert(0, {"emailAddress": "bina@customers.example", "diagnosticCode": "smtp; 550 5.1.1"})
    assert post(signed(event)).json()["new"] == 2
    assert Suppression.objects.get().address_hash == address_hash(ASHA)


@pytest.mark.parametrize("afterwards", [
    {"Message": "{}"}, {"Signature": b64encode(b"x" * 256).decode()}, {"Signature": "no base64!"}, {"Signature": None}, {"Signature": 7},
    {"SignatureVersion": "3"}, {"SignatureVersion": ["2"]}, {"SignatureVersion": "1"}, {"Timestamp": None}, {"Message": {}},
    {"MessageId": None},
    {"Subject": "another"},
])
def test_altered_message_is_not_believed(afterwards, signed, mail):
    assert post(signed(bounce(mail), afterwards=afterwards)).status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("url", [
    "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://evil.example/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.eu-central-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem?x=/",
    "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem\n",
    "https://sns.eu-central-1.amazonaws.com/bucket/mine.pem", "https://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "",
    None, 7, ["x"],
])
def test_certificate_of_another_place_is_never_fetched(url, signed, mail, asked):
    assert post(signed(bounce(mail), {"SigningCertURL": url})).status_code == 400
    assert asked == []


@pytest.mark.parametrize("topic", [
    "arn:aws:sns:eu-central-1:999999999999:bounces", "arn:aws:sns:evil.example/x:123456789012:bounces", "", TOPIC + "x", TOPIC.upper(),
    None,
])
def test_topic_of_somebody_else_is_refused_before_anything_is_fetched(topic, signed, mail, asked, settings):
    assert post(signed(bounce(mail), afterwards={"TopicArn": topic})).status_code == 400
    assert asked == []


@pytest.mark.parametrize("age, status", [(timedelta(hours=20), 200), (timedelta(hours=25), 400), (timedelta(hours=-25), 400)])
def test_repeated_notifications_are_taken_for_a_day(age, status, signed, mail, clock, asked):
    message = signed(bounce(mail), {"Timestamp": (clock() - age).isoformat()})
    assert post(message).status_code == status


def test_certificate_must_be_valid_now(signed, mail, key, clock, monkeypatch):
    pem = certificate(key, clock() - timedelta(days=30), clock() - timedelta(days=1))
    monkeypatch.setattr(sns, "fetch", lambda host, path: pem)
    assert post(signed(bounce(mail))).status_code == 400


def test_certificate_is_fetched_once(signed, mail, asked):
    for _time in range(3):
        assert post(signed(bounce(mail))).status_code == 200
    assert asked == [(HOST, "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem")]


def test_amazon_is_asked_to_say_it_again_while_its_certificate_cannot_be_fetched(signed, mail, monkeypatch):
    tries = []

    def fails(host, path):
        tries.append(path)
        raise sns.Unreachable

    monkeypatch.setattr(sns, "fetch", fails)
    assert [post(signed(bounce(mail))).status_code for _time in range(5)] == [503] * 5
    assert len(tries) == 1  # invented certificates do not keep a process busy


def test_subscription_to_a_topic_of_ours_is_confirmed_at_amazon_s_and_nowhere_else(signed, asked):
    assert post(signed({}, SUBSCRIPTION)).status_code == 200
    host, path = asked[-1]
    assert host == HOST
    assert path == "/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A123456789012%3Abounces&Token=2336412f37"


@pytest.mark.parametrize("change", [
    {"TopicArn": "arn:aws:sns:eu-central-1:999999999999:mine"}, {"Timestamp": "2026-03-02T02:00:00Z"}, {"Token": 7},
])
def test_subscription_that_nobody_asked_for_is_not_confirmed(change, signed, asked):
    assert post(signed({}, {**SUBSCRIPTION, **change})).status_code == 400
    assert asked == []


def test_end_of_a_subscription_does_nothing(signed, asked):
    assert post(signed({}, {**SUBSCRIPTION, "Type": "UnsubscribeConfirmation"})).status_code == 200
    assert len(asked) == 1  # its certificate


def test_headers_have_to_say_the_same_as_the_message(signed, mail):
    assert post(signed(bounce(mail)), **{"x-amz-sns-message-type": "SubscriptionConfirmation"}).status_code == 400


def test_mutated_events_never_fail_and_suppress_nobody_else(signed, mail):
    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(mutated(bounce(mail)))
    def check(event):
        assert post(signed(event)).status_code == 200
        assert not Suppression.objects.exclude(address_hash=address_hash(ASHA)).exists()

    check()


@pytest.mark.parametrize("event", [{"eventType": "Bounce"}, {"eventType": 5}, [], 7, {"eventType": "Bounce", "bounce": {}, "mail": 3}])
def test_signed_nonsense_is_laid_aside(event, signed):
    assert post(signed(event)).status_code == 200
    assert not ProviderEvent.objects.exists()


def test_password_is_wanted_too_if_there_is_one(signed, mail, settings):
    settings.ANYMAIL = payloads.ANYMAIL
    answer = post(signed(bounce(mail)))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="webhook", charset="UTF-8"')
    assert post(signed(bounce(mail)), Authorization=payloads.AUTHORIZATION).status_code == 200


@pytest.mark.parametrize("values, word", [({"SNS_TOPICS": []}, "SNS_TOPICS"), ({}, "cryptography")])
def test_webhook_that_could_believe_nobody_stays_shut(values, word, settings, monkeypatch, signed, mail):
    message = signed(bounce(mail))
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}
    monkeypatch.setattr(sns, "IS_AVAILABLE", bool(values))
    assert post(message).status_code == 503
    [found] = checks.check_webhooks()
    assert found.id == "ecommerce_comms.E020" and word in found.msg


class Answer:
    def __init__(self, status, data):
        self.status, self.data = status, data

    def read(self, limit):
        return self.data[:limit]


@pytest.mark.parametrize("answer", [
    Answer(302, b""), Answer(404, b"no"), Answer(200, b"x" * 70_000), OSError(), http.client.BadStatusLine("x"),
])
def test_nothing_but_a_short_plain_answer_is_taken(answer, monkeypatch):
    class Connection:
        def __init__(self, host, **options):
            assert options["timeout"] <= 10

        def request(self, method, path):
            if isinstance(answer, Exception):
                raise answer

        def getresponse(self):
            return answer

        def close(self):
            pass

    monkeypatch.undo()
    monkeypatch.setattr(http.client, "HTTPSConnection", Connection)
    with pytest.raises(sns.Unreachable):
        sns.fetch(HOST, "/x")
