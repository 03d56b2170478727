"""The way out over a provider's HTTP API: every provider that anymail knows, against one small server of our own."""

from __future__ import annotations

import json
import threading
import warnings
from base64 import b64decode, b64encode
from email import message_from_bytes, policy
from time import monotonic
from urllib.parse import unquote_plus

import pytest
from anymail.exceptions import AnymailAPIError

from ecommerce_comms.exceptions import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging.backends.base import Attachment, Outgoing
from ecommerce_comms.messaging.backends.email import EmailBackend
from ecommerce_comms.messaging.backends.errors import classify
from ecommerce_comms.messaging.backends.providers import Provider
from tests.mail_server import Answer, WebServer, running

TO, KEY, MESSAGE_ID = "asha@customers.example", "7b0c8f9a-0000-4000-8000-000000000001", "1@shop.example"
OURS = "ecommerce_comms.messaging.backends.resend.EmailBackend"
ESPS = {
    "brevo": ({"api_key": "k"}, {"messageId": "m1"}),
    "mailersend": ({"api_token": "k"}, {}),
    "mailgun": ({"api_key": "k", "sender_domain": "shop.example"}, {"id": "m1", "message": "Queued. Thank you."}),
    "mailjet": ({"api_key": "k", "secret_key": "s"}, {"Messages": [{"Status": "success", "To": [{"Email": TO, "MessageID": "m1"}]}]}),
    "mailtrap": ({"api_token": "k"}, {"success": True, "message_ids": ["m1"]}),
    "mandrill": ({"api_key": "k"}, [{"email": TO, "status": "sent", "_id": "m1"}]),
    "postal": ({"api_key": "k"}, {"status": "success", "data": {"messages": {TO: {"id": "m1"}}}}),
    "postmark": ({"server_token": "k"}, {"ErrorCode": 0, "Message": "OK", "MessageID": "m1", "To": TO}),
    "resend": ({"api_key": "k"}, {"id": "m1"}),
    "scaleway": ({"secret_key": "k", "project_id": "p"}, {"emails": [{"mail_rcpt": TO, "id": "m1", "status": "new"}]}),
    "sendgrid": ({"api_key": "k"}, {}),
    "sparkpost": ({"api_key": "k"}, {"results": {"id": "m1", "total_accepted_recipients": 1, "total_rejected_recipients": 0}}),
    "unisender_go": ({"api_key": "k"}, {"status": "success", "job_id": "m1", "emails": [TO]}),
}
OWN_NUMBER = {"sendgrid", "unisender_go"}
"""anymail makes these providers' numbers itself."""
TOLD_TWICE = {"unisender_go", "sparkpost"}
"""The envelope and the header name the recipient."""
WITHOUT_METADATA = {"mailersend", "postal"}
TYPE_BY_NAME = {"brevo", "mailersend"}
"""These providers tell the type of a file by its name."""
WITHOUT_MESSAGE_ID = {"mailjet"}
HOSTILE = ["A\r\nBcc: victim@x.example", "\x0bBcc: v@x.example", "\u2028Bcc: v@x.example", "=?utf-8?q?=0D=0ABcc:_v@x.example?=",
           "=?utf-8?b?DQpCY2M6IHZAeC5leGFtcGxl?=", "x" * 5_000, '"<v@x.example>, ', "{{ order.total }}"]


def outgoing(**changes):
    """A mail to Asha."""
    usual = {"recipient": TO, "recipient_name": "आशा Rao", "subject": "धन्यवाद", "text": "Dear Asha", "html": "<p>Dear Asha</p>",
             "short": "", "message_id": MESSAGE_ID, "kind": "order_placed", "language": "hi", "key": KEY}
    return Outgoing(**{**usual, **changes})


@pytest.fixture
def web():
    """A provider's server."""
    with running(WebServer()) as server:
        yield server


def over(web, esp, **options):
    """A backend that sends over the provider ``esp``, whose server is ``web``."""
    own, answer = ESPS[esp]
    web.answer = Answer(body=json.dumps(answer), headers={"X-Message-Id": "m1"} if esp == "mailersend" else {})
    path = OURS if esp == "resend" else f"anymail.backends.{esp}.EmailBackend"
    return EmailBackend(Provider(backend=path, options={**own, "api_url": f"{web.url}/v3/", **options}))


def failure(backend):
    """What goes wrong."""
    with pytest.raises(DeliveryError) as caught:
        backend.send(outgoing())
    backend.close()
    return caught.value


@pytest.fixture(params=ESPS)
def esp(request):
    """The name of each provider."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "django-anymail.*SendGrid|.*SendGrid.*")
        yield request.param


class TestEveryProvider:
    def test_mail_goes_to_one_recipient_and_its_number_comes_back(self, web, esp):
        backend = over(web, esp)
        receipt = backend.send(outgoing())
        backend.close()
        (request,) = web.requests
        body = unquote_plus(json.dumps(json.loads(request.body), ensure_ascii=False) if request.body[:1] == "{" else request.body)
        assert body.count(TO) == (2 if esp in TOLD_TWICE else 1)
        assert "आशा Rao" in body
        assert (receipt.provider_message_id == "m1") is (esp not in OWN_NUMBER)
        assert receipt.provider_message_id
        assert receipt.answer.startswith("200 ")
        assert (KEY in body) is (esp not in WITHOUT_METADATA)
        assert (MESSAGE_ID in body) is (esp not in WITHOUT_MESSAGE_ID)
        assert "merge" not in body.replace('"merge_language"', "")

    def test_file_goes_with_it(self, web, esp):
        content = "BEGIN:VCALENDAR\r\nSUMMARY:দোকান\r\nEND:VCALENDAR\r\n".encode()
        file = Attachment(name="delivery.ics", content_type="text/calendar; charset=utf-8; method=PUBLISH", content=content)
        backend = over(web, esp)
        backend.send(outgoing(attachments=(file,)))
        backend.close()
        body = web.requests[0].body
        assert "delivery.ics" in body and ("text/calendar" in body) is (esp not in TYPE_BY_NAME)
        assert b64encode(content).decode() in body or content.decode() in body

    @pytest.mark.parametrize("text", HOSTILE)
    def test_strangers_words_end_no_line_of_a_header(self, web, esp, text):
        backend = over(web, esp)
        backend.send(outgoing(recipient_name=text, subject=text, language=text, headers={"X-Note": text, "X-Bad\r\nBcc": "v@x.example"}))
        backend.close()
        body = web.requests[0].body
        parts = body.split("\r\n\r\n")[1:]  # of a form
        form = [part.partition("\r\n--")[0] for part in parts] or [unquote_plus(body)]
        values = list(_texts(json.loads(body))) if body[:1] == "{" else form
        headers = [value for value in values if "Dear Asha" not in value]
        assert not [value for value in headers if any(mark in value.rstrip("\r\n") for mark in ("\u2028", "\x0b", "=?utf-8?q?=0D"))]
        assert not [value for value in headers if "\nBcc" in value or "\rBcc" in value]

    @pytest.mark.parametrize("body", ["no json at all", "<html>" + "x" * 5_000_000, "[]", "7", '{"oops": 1}', ""])
    def test_answer_that_cannot_be_read_may_be_a_yes(self, web, esp, body):
        backend = over(web, esp)
        web.answer = Answer(body=body)
        if esp == "sendgrid" or (esp == "brevo" and not body):
            assert backend.send(outgoing())  # nothing is read there but the status
            return backend.close()
        began = monotonic()
        error = failure(backend)
        assert monotonic() - began < 2
        assert isinstance(error, TransientDeliveryError)
        assert error.uncertain or esp == "mailersend"  # it says with an empty answer that it knows the address as a bad one
        assert len(str(error)) < 700
        return None


def _texts(value):
    """Every text in ``value``."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from (name, *_texts(part))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    else:
        yield str(value)


class TestAnswers:
    @pytest.mark.parametrize(("status", "kind", "uncertain", "blamed"), [
        (429, TransientDeliveryError, False, True), (408, TransientDeliveryError, False, False),
        (425, TransientDeliveryError, False, False), (409, TransientDeliveryError, True, False),
        (500, TransientDeliveryError, True, True), (502, TransientDeliveryError, True, True),
        (503, TransientDeliveryError, True, True), (401, TransientDeliveryError, False, True), (403, TransientDeliveryError, False, True),
        (404, TransientDeliveryError, False, True), (400, PermanentDeliveryError, False, False),
        (422, PermanentDeliveryError, False, False), (413, PermanentDeliveryError, False, False),
    ])
    def test_status_is_understood(self, web, status, kind, uncertain, blamed):
        backend = over(web, "brevo")
        web.answer = Answer(status=status, body='{"message": "no"}')
        error = failure(backend)
        assert type(error) is kind
        assert (error.code, getattr(error, "uncertain", False), error.blames_provider) == (status, uncertain, blamed)
        assert str(status) in str(error)

    @pytest.mark.parametrize(("value", "seconds"), [
        ("17", 17.0), ("999999999999", 86_400.0), ("Mon, 02 Mar 2026 04:31:00 GMT", 60.0), ("Mon, 02 Mar 2026 04:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2036 04:31:00 GMT", 86_400.0), ("soon", None), ("-5", None), ("", None),
    ])
    def test_wish_to_be_left_alone_is_heard(self, web, clock, value, seconds):
        backend = over(web, "brevo")
        web.answer = Answer(status=429, headers={"Retry-After": value})
        assert failure(backend).retry_after == seconds

    @pytest.mark.parametrize(("esp", "answer", "kind", "bad_address"), [
        ("mandrill", [{"email": TO, "status": "rejected", "reject_reason": "hard-bounce"}], PermanentDeliveryError, False),
        ("mandrill", [{"email": TO, "status": "invalid"}], PermanentDeliveryError, True),
        ("sparkpost", {"results": {"id": "m", "total_accepted_recipients": 0, "total_rejected_recipients": 1}},
         PermanentDeliveryError, False),
        ("unisender_go", {"emails": [], "failed_emails": {TO: "temporary_unavailable"}}, TransientDeliveryError, False),
        ("scaleway", {"emails": []}, TransientDeliveryError, False),
    ])
    def test_yes_that_means_no_is_not_counted_as_sent(self, web, esp, answer, kind, bad_address):
        backend = over(web, esp)
        web.answer = Answer(body=json.dumps(answer))
        error = failure(backend)
        assert type(error) is kind
        assert getattr(error, "bad_address", False) is bad_address

    @pytest.mark.parametrize(("code", "kind", "blamed"), [
        ("InvalidServerAPIKey", TransientDeliveryError, True), ("UnauthenticatedFromAddress", PermanentDeliveryError, False),
    ])
    def test_postal_says_no_with_200(self, web, code, kind, blamed):
        backend = over(web, "postal")
        web.answer = Answer(body=json.dumps({"status": "error", "data": {"code": code}}))
        error = failure(backend)
        assert type(error) is kind
        assert (error.blames_provider, getattr(error, "uncertain", False)) == (blamed, False)

    def test_server_that_is_not_there_has_no_mail(self, web):
        error = failure(over(web, "postmark", api_url="http://127.0.0.1:1/"))
        assert isinstance(error, TransientDeliveryError)
        assert (error.uncertain, error.blames_provider) == (False, True)

    def test_server_that_says_nothing_may_have_the_mail(self, web):
        backend = over(web, "postmark", timeout=0.2)
        web.answer = Answer(says_nothing=True)
        error = failure(backend)
        assert (error.uncertain, error.blames_provider) == (True, True)

    def test_missing_key_is_the_settings_fault_not_the_mails(self, web):
        error = failure(EmailBackend(Provider(backend="anymail.backends.brevo.EmailBackend")))
        assert isinstance(error, TransientDeliveryError)
        assert error.blames_provider


class TestCutting:
    @pytest.mark.parametrize("answer", [
        Answer(drips=True), Answer(says_nothing=True), Answer(drips=True, headers={"Connection": "close"}),
    ], ids=["drips", "silent", "drips and closes"])
    def test_provider_that_keeps_us_is_left(self, web, answer):
        backend = over(web, "postmark", timeout=60)
        web.answer = answer
        caught = []
        thread = threading.Thread(target=lambda: caught.append(failure(backend)))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        backend.abort(thread.ident)
        thread.join(3)
        assert not thread.is_alive()
        assert (caught[0].uncertain, caught[0].blames_provider) == (True, True)

    def test_no_socket_is_left_behind(self, web):
        backend = over(web, "postmark")
        for _ in range(3):
            backend.send(outgoing())
        cutter = backend._line.cutter
        assert len(cutter._held) == 1
        web.answer.headers["Connection"] = "close"
        backend.send(outgoing())
        backend.send(outgoing())
        assert not cutter._held
        backend.close()


class TestKeys:
    def test_resend_reads_the_key_in_the_request(self, web):
        backend = over(web, "resend")
        backend.send(outgoing())
        backend.close()
        assert web.requests[0].headers["Idempotency-Key"] == KEY
        assert "Idempotency-Key" not in web.requests[0].body

    def test_resend_that_knows_the_key_with_other_words_has_sent_it(self, web):
        backend = over(web, "resend")
        web.answer = Answer(status=409, body='{"name": "invalid_idempotent_request"}')
        assert backend.send(outgoing()).provider_message_id == ""
        backend.close()

    def test_resend_that_is_at_it_is_asked_again(self, web):
        backend = over(web, "resend")
        web.answer = Answer(status=409, body='{"name": "concurrent_idempotent_requests"}')
        assert failure(backend).uncertain

    def test_brevo_reads_the_key_among_the_headers(self, web):
        backend = over(web, "brevo")
        backend.send(outgoing())
        backend.close()
        assert web.requests[0].data["headers"]["idempotencyKey"] == KEY


class BotoError(Exception):
    """As botocore raises it."""

    def __init__(self, status=None, code=""):
        super().__init__(code)
        if status:
            self.response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}


class EndpointConnectionError(Exception):
    """As botocore raises it."""


@pytest.mark.parametrize(("cause", "kind", "uncertain", "blamed"), [
    (BotoError(400, "TooManyRequestsException"), TransientDeliveryError, False, True),
    (BotoError(400, "AccountSuspendedException"), TransientDeliveryError, False, True),
    (BotoError(403, "InvalidClientTokenId"), TransientDeliveryError, False, True),
    (BotoError(400, "MessageRejected"), PermanentDeliveryError, False, False),
    (BotoError(500, "InternalFailure"), TransientDeliveryError, True, True),
    (EndpointConnectionError("no"), TransientDeliveryError, False, True),
    (TimeoutError("read"), TransientDeliveryError, True, True),
])
def test_amazons_errors_are_understood(cause, kind, uncertain, blamed):
    error = AnymailAPIError(str(cause), response=getattr(cause, "response", None))
    error.__cause__ = cause
    found = classify(error)
    assert type(found) is kind
    assert (getattr(found, "uncertain", False), found.blames_provider) == (uncertain, blamed)


def test_amazon_takes_a_mail(web):
    pytest.importorskip("boto3")
    web.answer = Answer(body='{"MessageId": "m1"}')
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1", "endpoint_url": web.url}
    backend = EmailBackend(Provider(backend="anymail.backends.amazon_ses.EmailBackend", options={"client_params": keys}))
    assert backend.send(outgoing()).provider_message_id == "m1"
    backend.close()
    mail = message_from_bytes(b64decode(web.requests[0].data["Content"]["Raw"]["Data"]), policy=policy.default)
    assert (mail["Message-ID"], KEY in mail["X-Metadata"], mail["To"].addresses[0].display_name) == (f"<{MESSAGE_ID}>", True, "आशा Rao")
    assert not mail.defects


def test_anymails_test_backend_takes_a_mail(mailoutbox):
    backend = EmailBackend(Provider(backend="anymail.backends.test.EmailBackend"))
    assert backend.send(outgoing()).provider_message_id
    assert mailoutbox[0].anymail_test_params["metadata"] == {"comms": KEY}
