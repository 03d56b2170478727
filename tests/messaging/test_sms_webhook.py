"""What gateways tell: signed or refused, taken once, early or late; and the words with which customers end texts."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st

from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.messaging import calm
from ecommerce_comms.messaging.backends.sms.plain import sign
from ecommerce_comms.messaging.feedback import receiving
from ecommerce_comms.messaging.feedback.words import word_of
from ecommerce_comms.messaging.models import Message, ProviderEvent
from ecommerce_comms.signals import sms_received

pytestmark = pytest.mark.django_db
TOKEN, SECRET = "the-token-of-twilio", "the-secret-of-the-bridge"
PHONE, OTHER = "+919830012345", "+919830067890"
UID = UUID(int=7)
State = Message.State
GATEWAYS = [
    {"name": "twilio", "gateway": "twilio", "options": {
        "account_sid": "AC1", "auth_token": ["a-new-token-of-twilio", TOKEN], "from": "+15550100"}},
    {"name": "bridge", "gateway": "json", "options": {"url": "https://bridge.example/", "secret": SECRET}},
]


@pytest.fixture(autouse=True)
def shop(settings, clock):
    """A shop behind a proxy, with a text to Asha on its way."""
    settings.ECOMMERCE_COMMS = {
        **settings.ECOMMERCE_COMMS, "SHOP_URL": "https://shop.example", "SMS_GATEWAYS": GATEWAYS,
        "BACKENDS": {"sms": "ecommerce_comms.messaging.backends.sms.SmsBackend"},
    }
    return text_to(PHONE)


def text_to(phone, uid=UID, **changes):
    values = {"kind": "order_shipped", "language": "en", "recipient": phone, "recipient_hash": address_hash(phone), "dedupe_key": uid.hex,
              "due_at": receiving.clock.now(), "sent_at": receiving.clock.now(), "state": State.SENT, "backend": "sms",
              "message_id": f"{uid.hex}@shop.example", "provider_message_id": "SM1"}
    return Message.objects.create(uid=uid, **{**values, **changes})


def twilio(client, fields, *, url="https://shop.example/comms/sms/twilio/", query=f"?message={UID.hex}", token=TOKEN, **headers):
    """Posts as Twilio does, to a shop that hears another host and plain http from its proxy."""
    tail = "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    signature = b64encode(hmac.new(token.encode(), (url + query + tail).encode(), hashlib.sha1).digest()).decode()
    return client.post(f"/comms/sms/twilio/{query}", urlencode(fields), content_type="application/x-www-form-urlencoded",
                       headers={"host": "inner.local", "X-Twilio-Signature": signature, **headers})


def status(what, code="", **changes):
    return {"MessageSid": "SM1", "MessageStatus": what, "To": PHONE, "From": "+15550100", "ErrorCode": code, "AccountSid": "AC1", **changes}


def bridge(client, told, *, secret=SECRET, signature=None, content_type="application/json"):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = signature or sign(secret, body)
    return client.post("/comms/sms/bridge/", body, content_type=content_type, headers={"X-Comms-Signature": signature})


def report(what, **changes):
    return {"type": "report", "id": "SM1", "ref": UID.hex, "to": PHONE, "status": what, **changes}


def inbound(text, number="SM9", sender=PHONE):
    return {"type": "text", "id": number, "from": sender, "to": "+15550100", "text": text}


class TestReports:
    @pytest.mark.parametrize(("what", "code", "state", "suppressed"), [
        ("sent", "", State.SENT, False), ("delivered", "", State.DELIVERED, False), ("undelivered", "30003", State.BOUNCED, False),
        ("undelivered", "30005", State.BOUNCED, True), ("failed", "30007", State.FAILED, False), ("failed", "21211", State.FAILED, True),
        ("something new", "", State.SENT, False),
    ])
    def test_twilio_tells_what_became_of_a_text(self, client, shop, what, code, state, suppressed):
        answer = twilio(client, status(what, code))
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
        assert answer.content.endswith(b"<Response/>")  # any word here would be texted to the customer
        shop.refresh_from_db()
        assert shop.state == state
        assert Suppression.objects.exists() is suppressed

    @pytest.mark.parametrize(("what", "more", "state", "suppressed"), [
        ("delivered", {}, State.DELIVERED, False), ("undelivered", {}, State.BOUNCED, False),
        ("undelivered", {"error": "bad_address"}, State.BOUNCED, True), ("failed", {"message": "spam"}, State.FAILED, False),
    ])
    def test_bridge_tells_what_became_of_a_text(self, client, shop, what, more, state, suppressed):
        assert bridge(client, report(what, **more)).status_code == 200
        shop.refresh_from_db()
        assert shop.state == state
        assert Suppression.objects.exists() is suppressed

    def test_what_is_told_twice_or_in_the_wrong_order_changes_nothing(self, client, shop):
        for what in ("delivered", "sent", "delivered", "queued"):
            assert twilio(client, status(what)).status_code == 200
        shop.refresh_from_db()
        assert shop.state == State.DELIVERED
        assert ProviderEvent.objects.count() == 3

    def test_report_comes_before_the_worker_has_written(self, client, shop):
        Message.objects.filter(pk=shop.pk).update(state=State.SENDING, provider_message_id="", sent_at=None)
        twilio(client, status("delivered"))
        twilio(client, status("sent"), query="")  # without our mark, known by its number alone
        shop.refresh_from_db()
        assert shop.state == State.SENDING
        Message.objects.filter(pk=shop.pk).update(state=State.SENT, provider_message_id="SM1")
        receiving.catch_up()
        shop.refresh_from_db()
        assert shop.state == State.DELIVERED

    def test_report_settles_a_text_of_unknown_fate(self, client, shop):
        Message.objects.filter(pk=shop.pk).update(
            state=State.FAILED, reason=Message.Reason.UNKNOWN, provider_message_id="", possible_duplicate=True, sent_at=None, attempts=1)
        twilio(client, status("delivered"))
        shop.refresh_from_db()
        assert (shop.state, shop.reason, shop.provider_message_id, shop.possible_duplicate) == (State.DELIVERED, "", "SM1", False)

    def test_report_about_another_number_is_not_about_this_text(self, client, shop):
        twilio(client, status("undelivered", "30005", To=OTHER))
        shop.refresh_from_db()
        assert shop.state == State.SENT
        assert not Suppression.objects.exists()

    def test_gateway_that_has_kept_a_stop_is_believed(self, client, shop):
        twilio(client, status("failed", "21610"))
        shop.refresh_from_db()
        assert shop.state == State.FAILED
        assert Suppression.objects.get().reason == Suppression.Reason.UNSUBSCRIBED


class TestRefusals:
    def test_other_methods_and_other_gateways(self, client):
        assert client.get("/comms/sms/twilio/").status_code == 405
        assert client.post("/comms/sms/nobody/").status_code == 404

    @pytest.mark.parametrize("signature", ["", "nonsense ü", "x" * 5000])
    def test_twilio_that_has_not_signed(self, client, shop, signature):
        assert twilio(client, status("failed"), **{"X-Twilio-Signature": signature}).status_code == 403
        shop.refresh_from_db()
        assert shop.state == State.SENT

    def test_signature_of_another_address_or_token(self, client):
        assert twilio(client, status("failed"), url="https://inner.local/comms/sms/twilio/").status_code == 403
        assert twilio(client, status("failed"), token="guessed").status_code == 403

    def test_signature_with_the_port_is_as_good(self, client):
        assert twilio(client, status("delivered"), url="https://shop.example:443/comms/sms/twilio/").status_code == 200

    def test_changed_field_or_mark_breaks_the_signature(self, client):
        query = f"?message={UID.hex}"
        tail = "".join(f"{name}{value}" for name, value in sorted(status("sent").items()))
        signed = f"https://shop.example/comms/sms/twilio/{query}{tail}".encode()
        good = b64encode(hmac.new(TOKEN.encode(), signed, hashlib.sha1).digest()).decode()
        for fields, where in ((status("failed"), query), (status("sent"), "?message=" + UUID(int=8).hex)):
            answer = client.post(f"/comms/sms/twilio/{where}", urlencode(fields), content_type="application/x-www-form-urlencoded",
                                 headers={"X-Twilio-Signature": good})
            assert answer.status_code == 403

    def test_without_the_shops_address_twilio_cannot_be_believed(self, client, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": ""}
        assert twilio(client, status("delivered")).status_code == 403
        assert bridge(client, report("delivered")).status_code == 200

    @pytest.mark.parametrize("secret", ["", [], None])
    def test_gateway_without_a_secret_refuses_everything(self, client, settings, secret):
        bare = {"name": "bridge", "gateway": "json", "options": {"url": "https://bridge.example/", "secret": secret}}
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SMS_GATEWAYS": [bare]}
        assert bridge(client, report("failed"), secret="").status_code == 503
        assert not ProviderEvent.objects.exists()

    @pytest.mark.parametrize(("seconds", "answer"), [(0, 200), (299, 200), (-299, 200), (302, 403), (-302, 403)])
    def test_bridge_signs_the_time(self, client, clock, seconds, answer):
        body = json.dumps(report("delivered")).encode()
        signature = sign(SECRET, body)
        clock.advance(seconds=seconds)
        assert bridge(client, body, signature=signature).status_code == answer

    @pytest.mark.parametrize("signature", ["t=1,v1=x", "t=٣,v1=x", "v1=", "t=,v1=", "t=" + "9" * 500 + ",v1=0"])
    def test_bridge_that_signs_nonsense(self, client, signature):
        assert bridge(client, report("failed"), signature=signature).status_code in (400, 403)

    def test_too_much_packed_or_of_another_kind(self, client):
        assert bridge(client, b"x" * 70_000).status_code == 413
        assert bridge(client, report("failed"), content_type="text/plain").status_code == 415
        packed = client.post("/comms/sms/bridge/", b"{}", content_type="application/json", headers={"Content-Encoding": "gzip"})
        assert packed.status_code == 415
        assert bridge(client, b"[" * 60_000).status_code == 400

    def test_database_that_is_away_is_told_again(self, client, monkeypatch):
        def away(*_arguments):
            raise DatabaseError("gone")

        monkeypatch.setattr(receiving, "receive", away)
        answer = twilio(client, status("delivered"))
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")


class TestWords:
    @pytest.mark.parametrize("text", [
        "STOP", "stop", " Stop. ", "“STOP!!!”", "STOPALL", "stop all", "Unsubscribe", "cancel", "END", "quit", "ARRET", "Arrêt.",
        "बंद", "बंद करो।",
        "বন্ধ", "বন্ধ করুন।", "STOP 🛑", "\u200eSTOP\u200f", "ＳＴＯＰ", "STOP\r\n", "⚠️ stop ⚠️", "opt-out", "СТОП", "إيقاف", "退订",
    ])
    def test_stop_is_heard_in_any_dress(self, text):
        assert word_of(text) == "stop"

    @pytest.mark.parametrize("text", [
        "please stop calling at noon", "Don't stop", "stop it now please", "unstoppable", "the end", "", "…", "s t o p", "stop " * 50,
        "YES", "कब बंद",
    ])
    def test_whoever_says_more_is_not_silenced(self, text):
        assert word_of(text) == ""

    def test_shop_has_words_of_its_own(self, settings):
        assert word_of("Hør op") == ""
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SMS_STOP_WORDS": ["hør op"]}
        assert word_of("HØR OP!") == "stop"


class TestInbound:
    @pytest.fixture
    def heard(self):
        """What the shop is told."""
        found = []

        def listen(**told):
            found.append(told)

        sms_received.connect(listen)
        yield found
        sms_received.disconnect(listen)

    def test_stop_holds_at_once_for_what_is_queued(self, client, clock, shop, heard):
        consents.grant(PHONE, topic="marketing", where="checkout", words="Text me", channel="sms")
        Message.objects.filter(pk=shop.pk).update(state=State.QUEUED)
        answer = twilio(client, {"MessageSid": "SM9", "SmsStatus": "received", "From": PHONE, "To": "+15550100", "Body": "Stop!"}, query="")
        assert answer.status_code == 200
        shop.refresh_from_db()
        [verdict] = calm.look([shop], clock())
        assert (verdict.state, verdict.reason) == (State.SKIPPED, Message.Reason.SUPPRESSED)
        assert not consents.has(PHONE, "marketing", "sms")
        assert heard == []

    def test_stop_said_often_is_proved_once(self, client):
        for number in "123":
            bridge(client, inbound("STOP", number))
        assert Consent.objects.count() == len(Consent.Topic.values)

    def test_start_lifts_the_stop_and_no_consent(self, client):
        consents.grant(PHONE, topic="marketing", where="checkout", words="Text me", channel="sms")
        bridge(client, inbound("बंद", "1"))
        assert suppressions.suppressed_addresses([PHONE], "sms") == {PHONE: {"all"}}
        bridge(client, inbound("START", "2"))
        assert suppressions.suppressed_addresses([PHONE], "sms") == {}
        assert not consents.has(PHONE, "marketing", "sms")

    def test_old_stop_told_again_does_not_undo_a_start(self, client):
        for word, number in (("STOP", "1"), ("START", "2"), ("STOP", "1")):
            assert bridge(client, inbound(word, number)).status_code == 200
        assert suppressions.suppressed_addresses([PHONE], "sms") == {}
        bridge(client, inbound("STOP", "3"))
        assert suppressions.suppressed_addresses([PHONE], "sms") == {PHONE: {"all"}}

    @pytest.mark.parametrize(("reason", "left"), [("bounced", {}), ("merchant", {PHONE: {"all"}})])
    def test_start_lifts_no_decision_of_the_merchant(self, client, reason, left):
        suppressions.suppress(address_hash(PHONE), reason, channel="sms")
        bridge(client, inbound("STOP", "1"))
        bridge(client, inbound("START", "2"))
        assert suppressions.suppressed_addresses([PHONE], "sms") == left

    def test_start_alone_lifts_nothing_that_bounced(self, client):
        suppressions.suppress(address_hash(PHONE), "bounced", channel="sms")
        bridge(client, inbound("START"))
        assert suppressions.suppressed_addresses([PHONE], "sms") == {PHONE: {"all"}}

    def test_twilios_own_word_for_it_counts(self, client):
        twilio(client, {"MessageSid": "SM9", "From": PHONE, "To": "+15550100", "Body": "genug", "OptOutType": "STOP"}, query="")
        assert suppressions.suppressed_addresses([PHONE], "sms") == {PHONE: {"all"}}

    def test_other_texts_are_told_and_kept_nowhere(self, client, heard, caplog, clock):
        caplog.set_level("INFO")
        bridge(client, inbound("please stop calling at noon, I am Asha Rao"))
        bridge(client, inbound("please stop calling at noon, I am Asha Rao"))  # told again
        [told] = heard
        assert (told["gateway"], told["number"], told["text"], told["at"]) == (
            "bridge", PHONE, "please stop calling at noon, I am Asha Rao", clock())
        assert not Suppression.objects.exists()
        assert "Asha" not in str(list(ProviderEvent.objects.values()))
        assert "Asha" not in caplog.text
        assert PHONE not in caplog.text

    @pytest.mark.parametrize("text", ["HELP", "मदद", ""])
    def test_help_is_answered_by_nobody(self, client, heard, text):
        assert bridge(client, inbound(text)).content == b"{}"
        assert [told["text"] for told in heard] == ([""] if not text else [])

    def test_text_without_a_number_or_from_a_name(self, client, heard):
        assert bridge(client, inbound("STOP", "")).status_code == 400
        assert bridge(client, inbound("STOP", sender="LOTUS")).status_code == 200
        assert heard == []
        assert not Suppression.objects.exists()

    def test_consent_proof_names_the_gateway(self, client, clock):
        bridge(client, inbound("STOP"))
        rows = Consent.objects.all()
        assert {row.topic for row in rows} == set(Consent.Topic.values)
        assert {(row.granted, row.channel, row.where) for row in rows} == {(False, "sms", "text message (bridge)")}


FEW = fuzz(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=30), st.lists(st.integers(), max_size=2), st.just({"a": 1}),
                   st.sampled_from([PHONE, OTHER, "STOP", "\x00", "\ud800", "9" * 400, UID.hex, "delivered", "failed"]))


class TestFuzz:
    @FEW
    @given(told=st.dictionaries(st.sampled_from(["type", "id", "ref", "to", "from", "text", "status", "error", "at", "message"]), VALUES),
           kind=st.sampled_from(["report", "text", None]))
    def test_signed_nonsense_never_fails(self, client, told, kind):
        assert bridge(client, {**told, **({"type": kind} if kind else {})}).status_code in (200, 400)
        assert not Suppression.objects.exclude(address_hash__in=[address_hash(PHONE), address_hash(OTHER)]).exists()

    @FEW
    @given(fields=st.dictionaries(
        st.sampled_from(["MessageSid", "MessageStatus", "SmsStatus", "To", "From", "Body", "ErrorCode", "OptOutType", "ü"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
    def test_signed_forms_never_fail(self, client, fields):
        assert twilio(client, fields).status_code in (200, 400)

    @FEW
    @given(body=st.binary(max_size=200), signature=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
           gateway=st.sampled_from(["twilio", "bridge"]),
           kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "/"]),
           query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
    def test_nothing_that_a_stranger_sends_fails_or_is_kept(self, client, body, signature, gateway, kind, query):
        answer = client.generic("POST", f"/comms/sms/{gateway}/", body, content_type=kind, QUERY_STRING=query,
                                headers={"X-Twilio-Signature": signature, "X-Comms-Signature": signature})
        assert answer.status_code in (400, 403, 415)
        assert not ProviderEvent.objects.exists()

    def test_old_events_are_no_news(self, client, clock, shop):
        told = report("failed", at=(clock() - timedelta(days=30)).isoformat())
        assert bridge(client, told).status_code == 200
        shop.refresh_from_db()
        assert shop.state == State.SENT
