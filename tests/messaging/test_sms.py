"""Text messages over gateways: what goes out, what an answer means, and that no text of unknown fate goes out twice."""

from __future__ import annotations

import gzip
import shutil
import threading
from time import monotonic

import pytest

from ecommerce_comms import signing
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import Outgoing
from ecommerce_comms.messaging.backends.sms import SmsBackend, gateways
from ecommerce_comms.messaging.backends.sms.web import LONGEST_ANSWER, Web
from ecommerce_comms.messaging.models import Attempt, Message, Provider
from ecommerce_comms.messaging.sending import claims
from ecommerce_comms.messaging.sending.batch import Batch
from ecommerce_comms.messaging.sending.deadline import Watch
from ecommerce_comms.messaging.sending.workers import Sender
from tests.sms_server import Say, SmsServer, running, self_signed

PHONE, KEY = "+919830012345", "7b0c8f9a000040008000000000000001"
HOOK = "https://shop.example/comms/sms/{}/?message=" + KEY
BOTH = pytest.mark.parametrize("kind", ["twilio", "json"])


def outgoing(**changes):
    """A text to Asha."""
    usual = {"recipient": PHONE, "recipient_name": "Asha", "subject": "", "short": "आपका पार्सल निकल गया & ✓",
             "message_id": "1@shop.example", "kind": "order_shipped", "key": KEY}
    return Outgoing(**{**usual, **changes})


@pytest.fixture(autouse=True)
def shop(settings):
    """A shop with an address, that sends texts."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": "https://shop.example",
                                "BACKENDS": {"sms": "ecommerce_comms.messaging.backends.sms.SmsBackend"}}


@pytest.fixture
def server():
    with running(SmsServer()) as running_server:
        yield running_server


def use(settings, *entries):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SMS_GATEWAYS": list(entries)}


def over(server, kind, **options):
    """A backend that sends to ``server`` in this way."""
    return SmsBackend(gateways.make(getattr(server, kind)(**options)))


def failure(backend):
    """What goes wrong."""
    with pytest.raises(DeliveryError) as caught:
        backend.send(outgoing())
    backend.close()
    return caught.value


class TestWhatGoesOut:
    def test_twilio_gets_a_form_and_its_number_comes_back(self, server):
        backend = over(server, "twilio")
        receipt = backend.send(outgoing())
        backend.close()
        (got,) = server.requests
        assert got.path == "/2010-04-01/Accounts/AC1/Messages.json"
        assert got.login == "AC1:a-token-that-is-long"
        assert got.fields == {"To": PHONE, "From": "+15005550006", "Body": outgoing().short, "StatusCallback": HOOK.format("twilio")}
        assert (receipt.provider_message_id, receipt.answer) == (f"SM{1:032d}", "201 queued")

    def test_twilio_with_an_api_key_and_a_messaging_service(self, server):
        backend = over(server, "twilio", **{"from": "", "messaging_service_sid": "MG1", "api_key": "SK1", "api_secret": "shh"})
        backend.send(outgoing())
        backend.close()
        (got,) = server.requests
        assert got.login == "SK1:shh"
        assert got.fields["MessagingServiceSid"] == "MG1"
        assert "From" not in got.fields

    def test_bridge_gets_signed_json(self, server, clock):
        backend = over(server, "json")
        receipt = backend.send(outgoing())
        backend.close()
        (got,) = server.requests
        assert got.fields == {"to": PHONE, "from": "Lotus", "text": outgoing().short, "id": KEY, "callback": HOOK.format("bridge")}
        assert signing.is_stamped(got.headers["X-Comms-Signature"], b"a-secret-that-is-long", got.body)
        assert got.headers["Idempotency-Key"] == KEY
        assert "Authorization" not in got.headers
        assert receipt.provider_message_id == f"SM{1:032d}"

    def test_local_shop_is_not_called_back_by_twilio(self, server, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SHOP_URL": "http://localhost:8000"}
        backend = over(server, "twilio")
        backend.send(outgoing())
        backend.close()
        assert "StatusCallback" not in server.texts[0]

    @BOTH
    def test_batch_uses_one_connection(self, server, kind):
        backend = over(server, kind)
        backend.open()
        sockets = set()
        for _ in range(3):
            backend.send(outgoing())
            sockets |= {id(one) for one in backend._local.web.cutter._held}
        backend.close()
        assert len(server.texts) == 3
        assert len(sockets) == 1

    @BOTH
    def test_empty_text_is_not_sent(self, server, kind):
        with pytest.raises(PermanentDeliveryError, match="empty"):
            over(server, kind).send(outgoing(short=" \n"))
        assert server.requests == []


class TestAnswers:
    @BOTH
    @pytest.mark.parametrize(("status", "sure", "blamed"), [
        (429, True, True), (503, True, True), (401, True, True), (403, True, True), (404, True, True), (302, True, True), (307, True, True),
        (408, True, False), (409, False, False), (500, False, True), (502, False, True), (504, False, True),
    ])
    def test_status_says_whether_the_text_may_have_gone_out(self, server, kind, status, sure, blamed):
        server.say = Say(status, "{}", {"Location": f"{server.url}/elsewhere", "Retry-After": "7"})
        error = failure(over(server, kind))
        assert isinstance(error, TransientDeliveryError)
        assert (error.uncertain, error.blames_provider, error.code) == (not sure, blamed, status)
        assert error.retry_after == (7 if status in (429, 503, 408, 409) else None)
        assert len(server.requests) == 1  # a redirect is not followed: it would get the password

    @pytest.mark.parametrize(("code", "dead", "out"), [
        (21211, True, False), (21614, True, False), (21610, False, True), (21612, False, False),
    ])
    def test_twilio_refuses_a_number(self, server, code, dead, out):
        server.say = Say(400, f'{{"code": {code}, "message": "no", "status": 400}}')
        error = failure(over(server, "twilio"))
        assert isinstance(error, PermanentDeliveryError)
        assert (error.bad_address, error.has_opted_out) == (dead, out)

    @pytest.mark.parametrize("code", [20003, 21606, 21608, 63038])
    def test_twilio_refuses_the_account(self, server, code):
        server.say = Say(400, f'{{"code": {code}}}')
        error = failure(over(server, "twilio"))
        assert isinstance(error, TransientDeliveryError)
        assert (error.blames_provider, error.uncertain) == (True, False)

    def test_twilio_takes_it_and_refuses_in_one_breath(self, server):
        server.say = Say(201, '{"sid": "SM1", "status": "failed", "error_code": 30005}')
        assert failure(over(server, "twilio")).bad_address

    @pytest.mark.parametrize(("why", "kind"), [
        ("bad_address", PermanentDeliveryError), ("opted_out", PermanentDeliveryError), ("refused", PermanentDeliveryError),
        ("account", TransientDeliveryError), ("busy", TransientDeliveryError), ("other", PermanentDeliveryError),
    ])
    def test_bridge_says_why_not(self, server, why, kind):
        server.say = Say(422, f'{{"error": "{why}", "message": "no"}}')
        error = failure(over(server, "json"))
        assert type(error) is kind
        assert (getattr(error, "bad_address", False), getattr(error, "has_opted_out", False)) == (why == "bad_address", why == "opted_out")

    @BOTH
    @pytest.mark.parametrize("body", ["no json at all", "<html>" + "x" * 5_000_000, "[]", "7", '{"oops": 1}', "",
                                      '{"sid": null, "id": true}', "[" * 60_000, b"\xff\xfe\x00"])
    def test_yes_that_cannot_be_read_may_be_a_yes(self, server, kind, body):
        server.say = Say(200, body, {"Content-Type": "text/html"})
        began = monotonic()
        error = failure(over(server, kind))
        assert monotonic() - began < 2
        assert isinstance(error, TransientDeliveryError)
        assert error.uncertain
        assert "said yes, but not in the way of a gateway" in str(error)
        assert len(str(error)) < 700


class TestLines:
    @BOTH
    def test_nobody_there_is_no_doubt(self, server, kind):
        backend = over(server, kind)
        server.shutdown()
        server.server_close()
        error = failure(backend)
        assert (error.uncertain, error.blames_provider) == (False, True)
        assert "No connection" in str(error)

    @BOTH
    @pytest.mark.parametrize("say", [Say(drips=True), Say(hangs=True)], ids=["drips", "hangs"])
    def test_server_that_keeps_it_waiting_is_cut(self, server, settings, kind, say):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SEND_SECONDS": 1}
        server.say, backend, watch = say, over(server, kind), Watch()
        began = monotonic()
        with watch.over(backend):
            error = failure(backend)
        assert 0.9 < monotonic() - began < 4
        assert error.uncertain
        assert server.texts

    @pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
    def test_no_more_of_an_answer_is_read_than_a_gateway_says(self, server, packed):
        long = b" " * 20_000_000
        server.say = Say(200, gzip.compress(long) if packed else long, {"Content-Encoding": "gzip"} if packed else {})
        web = Web()
        answer = web.post(gateways.make(server.json()).request(outgoing(), ""))
        web.close()
        assert len(answer.body) == LONGEST_ANSWER

    @BOTH
    def test_answer_that_breaks_off_leaves_a_doubt(self, server, kind):
        server.say = Say(breaks=True)
        assert failure(over(server, kind)).uncertain

    def test_password_in_the_address_is_not_told(self, server):
        backend = over(server, "json", url=f"{server.url}/texts?key=geheim")
        server.shutdown()
        server.server_close()
        assert "geheim" not in str(failure(backend))

    @pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate")
    def test_certificate_that_nobody_trusts_gets_no_text(self, tmp_path):
        with running(SmsServer(self_signed(tmp_path))) as server:
            error = failure(over(server, "twilio"))
            assert server.requests == []
        assert (error.uncertain, error.blames_provider) == (False, True)
        assert "SSL" in str(error)

    @BOTH
    def test_knock_sends_nothing(self, server, kind):
        over(server, kind).knock()
        (got,) = server.requests
        assert (got.method, got.headers.get("Authorization")) == ("GET", None)
        server.shutdown()
        server.server_close()
        with pytest.raises(TransientDeliveryError):
            over(server, kind).knock()

    def test_abort_of_nothing_harms_nothing(self, server):
        over(server, "json").abort(threading.get_ident())


@pytest.mark.django_db
class TestSending:
    @pytest.fixture
    def message(self, clock):
        return Message.objects.create(
            kind="order_shipped", language="en", recipient=PHONE, recipient_hash=address_hash(PHONE), dedupe_key="1", due_at=clock(),
            state=Message.State.QUEUED, backend="sms", lane=Message.Lane.ORDERS, message_id="1@shop.example",
        )

    def send(self):
        """What a worker does with what is due, but for the last look."""
        sender = Sender()
        token = sender.begin()
        Batch(sender, token, claims.claim(token, 10, Message.Lane.ORDERS), {}, Message.Lane.ORDERS).send()
        sender.rest(0)

    def test_number_of_the_gateway_is_kept(self, server, settings, message):
        use(settings, server.twilio())
        self.send()
        message.refresh_from_db()
        assert (message.state, message.provider) == (Message.State.SENT, "twilio")
        assert message.provider_message_id == f"SM{1:032d}"
        assert server.texts[0]["StatusCallback"].endswith(message.uid.hex)

    @pytest.mark.parametrize("say", [Say(500), Say(breaks=True), Say(200, "<html>")], ids=["500", "breaks off", "web page"])
    def test_text_of_unknown_fate_goes_neither_out_again_nor_elsewhere(self, server, settings, clock, message, say):
        server.say = say
        use(settings, server.twilio(), server.json())
        self.send()
        message.refresh_from_db()
        assert (message.state, message.reason, message.possible_duplicate) == (Message.State.FAILED, Message.Reason.UNKNOWN, True)
        clock.advance(hours=5)
        self.send()
        assert len(server.requests) == 1

    def test_bridge_that_knows_ids_gets_it_again(self, server, settings, clock, message):
        server.script = [Say(breaks=True)]
        use(settings, server.json(remembers_seconds=86_400))
        self.send()
        clock.advance(minutes=10)
        self.send()
        message.refresh_from_db()
        assert message.state == Message.State.SENT
        assert [got.fields["id"] for got in server.requests] == [message.uid.hex] * 2

    def test_second_gateway_takes_what_the_first_surely_did_not(self, server, settings, message):
        server.script = [Say(503, headers={"Retry-After": "3600"})]
        use(settings, server.twilio(), server.json())
        self.send()
        message.refresh_from_db()
        assert (message.state, message.provider) == (Message.State.SENT, "bridge")
        assert Provider.objects.get(name="twilio").failures == 1
        assert [try_.provider for try_ in Attempt.objects.all()] == ["twilio"]

    @pytest.mark.parametrize(("code", "reason"), [(21211, "bounced"), (21610, "unsubscribed")])
    def test_number_that_is_refused_for_good_gets_no_more(self, server, settings, message, code, reason):
        server.say = Say(400, f'{{"code": {code}, "message": "The number {PHONE} is no good"}}')
        use(settings, server.twilio(), server.json())
        self.send()
        message.refresh_from_db()
        assert message.state == Message.State.FAILED
        assert PHONE not in message.last_error
        row = Suppression.objects.get()
        assert (row.channel, row.address_hash, row.scope, row.reason) == ("sms", address_hash(PHONE), "all", reason)
        assert PHONE not in row.detail + row.shown
        assert len(server.requests) == 1

    @pytest.mark.parametrize("broken", [[], [{"name": "x", "gateway": "no.such.Gateway"}]])
    def test_text_waits_while_no_gateway_can_be_used(self, settings, message, broken):
        use(settings, *broken)
        self.send()
        message.refresh_from_db()
        assert message.state == Message.State.QUEUED
        assert "SMS_GATEWAYS" in message.last_error

    def test_rate_holds_back(self, server, settings, clock, message):
        use(settings, {**server.json(), "rate": "1/h"})
        Message.objects.create(
            kind="order_shipped", language="en", recipient=PHONE, recipient_hash=address_hash(PHONE), dedupe_key="2", due_at=clock(),
            state=Message.State.QUEUED, backend="sms", lane=Message.Lane.ORDERS, message_id="2@shop.example")
        self.send()
        assert len(server.texts) == 1
        assert Message.objects.filter(state=Message.State.QUEUED).count() == 1
