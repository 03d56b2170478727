"""Answers of servers and providers are told in words that a shopkeeper knows, about whoever really said them."""

from __future__ import annotations

import re

import pytest

from ecommerce_comms import clock as app_clock
from ecommerce_comms.exceptions import PermanentDeliveryError, TemplateError, TransientDeliveryError
from ecommerce_comms.messaging import answers
from ecommerce_comms.messaging.advice import advice
from ecommerce_comms.messaging.models import Message

State, Reason = Message.State, Message.Reason
POSTMARK = {"name": "postmark", "backend": "anymail.backends.postmark.EmailBackend"}
RELAY = {"name": "relay", "backend": "django.core.mail.backends.smtp.EmailBackend", "options": {"host": "mail.lotushouse.example"}}


@pytest.fixture(autouse=True)
def ways(settings):
    """A service with an account, and a mail server of one's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "EMAIL_PROVIDERS": [POSTMARK, RELAY]}


@pytest.mark.parametrize("raw, clause", [
    ("No connection: ConnectionRefusedError: [Errno 111] Connection refused", "the mail server could not be reached"),
    ("No connection: TimeoutError: timed out", "the mail server could not be reached"),
    ("No connection: gaierror: [Errno -2] Name or service not known", "the mail server could not be found by its name"),
    ("No connection: SSLCertVerificationError: certificate verify failed", "no safe connection to the mail server could be made"),
    ("No connection: 535 5.7.8 bad credentials", "the mail server did not accept the shop's name, password or key"),
    ("No connection: 421 4.3.2 too many connections", "the mail server asked to try again later"),
    ("Cut after 30 s: SMTPServerDisconnected: Connection unexpectedly closed", "the mail server took longer than 30 seconds and was cut"),
    ("SMTPServerDisconnected: Connection unexpectedly closed", "the connection to the mail server broke in the middle"),
    ("TimeoutError: timed out", "the mail server did not answer in time"),
    ("The worker fell silent while it was sending this.", "the program that was sending it stopped in the middle"),
    ("550 5.1.1 no such user", "the mail server says that there is no such address"),
    ("551 User not local", "the mail server says that there is no such address"),
    ("552 5.2.2 over quota", "the mail server says that the customer's mailbox is full"),
    ("450 4.2.2 Mailbox full", "the mail server says that the customer's mailbox is full"),
    ("552 too much", "it is too big for the mail server"),
    ("554 5.7.1 <x>: Relay access denied", "the mail server does not pass on mail to this address for the shop"),
    ("550 5.7.26 unauthenticated", "the mail server refused it by its rules, perhaps as unwanted mail"),
    ("450 4.7.1 Greylisted, see relay.example", "the mail server asked to try again later"),
    ("550 no, says 10.5.2.2", "the mail server refused it for good"),
    ("", "the mail server refused it for good"),
])
def test_answer_of_a_mail_server_means(raw, clause):
    said = answers.answer(raw, "relay", "permanent")
    assert said.clause == clause
    assert said.sentence == f"{clause[:1].upper()}{clause[1:]}."


@pytest.mark.parametrize("raw, clause", [
    ("Postmark API response 401 HTTP 401 {}", "the provider did not accept the shop's name, password or key"),
    ("HTTP 402 pay", "the provider waits for its bill to be paid"),
    ("HTTP 429 slow down", "the provider takes no more mails for the moment"),
    ("HTTP 503 down", "the provider had a failure of its own"),
    ("HTTP 422 no", "the provider refused it for now"),
    ("ConnectionError: HTTPSConnectionPool: NewConnectionError: [Errno 101] Network is unreachable", "the provider could not be reached"),
    ("ReadTimeout: Read timed out.", "the provider did not answer in time"),
    ('HTTP 400 {"code": 21211, "message": "no"}', "the provider says that there is no such number, or that it takes no texts"),
    ("undelivered 30005", "the provider says that there is no such number, or that it takes no texts"),
    ('HTTP 422 {"error": "opted_out"}', "the provider says that the customer has answered STOP"),
    ("It said yes, but not in the way of a gateway; the text may have gone out: HTTP 200 <html>",
     "the provider said yes in a way that cannot be understood; the text may have gone out"),
])
def test_answer_of_a_provider_means(raw, clause):
    assert answers.answer(raw, "postmark").clause == clause


@pytest.mark.parametrize("error", [
    PermanentDeliveryError("550 5.1.1 asha@customers.example"), TransientDeliveryError("550 5.1.1 asha@customers.example"),
])
def test_own_words_of_an_answer_are_what_the_other_side_said_with_addresses_masked(error):
    assert answers.answer(str(error), "relay").raw == "550 5.1.1 a…@c….example"


def test_text_that_could_not_be_made_is_nobodys_refusal():
    said = answers.answer(str(PermanentDeliveryError(f"TemplateError: {TemplateError('no subject')}")))
    assert said.clause == "its text could not be made"
    assert "Message texts" in said.todo


@pytest.mark.parametrize("name, who", [
    ("postmark", "the provider “postmark”"), ("relay", "the mail server “relay”"), ("default", "the mail server “default”"),
    ("long gone", "the provider “long gone”"), ("", "the mail server"),
])
def test_who_it_was_is_named_in_quotes(name, who):
    assert answers.named(name) == who


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.UNREACHABLE, Reason.UNKNOWN])
@pytest.mark.parametrize("provider, who, other", [
    ("relay", "whoever looks after your mail server (mail.lotushouse.example)", "account"),
    ("postmark", "your account at the provider “postmark”", "mail server"),
])
def test_help_is_sought_where_it_can_be_had(reason, provider, who, other):
    now = app_clock.now()
    said = advice(Message(state=State.FAILED, reason=reason, provider=provider, due_at=now, last_error="554 no"))
    assert who in said.todo
    assert other not in said.todo


@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.UNREACHABLE, Reason.UNKNOWN])
def test_no_advice_shows_the_name_of_an_error(reason):
    error = "No connection: ConnectionRefusedError: [Errno 111] Connection refused"
    said = advice(Message(state=State.FAILED, reason=reason, due_at=app_clock.now(), last_error=error))
    assert not re.search(r"Error|Errno", f"{said.why}{said.todo}")
    assert "could not be reached" in said.why
