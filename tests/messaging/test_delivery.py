"""Nothing is lost, little is said twice, and what may have been is marked."""

from __future__ import annotations

import itertools
import smtplib
import socketserver
import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from ecommerce_comms import signals, testing
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import delivery, outbox
from ecommerce_comms.messaging.backends.email import _classify
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.orders import events

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


def refuse(error):
    """Let the other side refuse everything."""
    testing.RecordingBackend.refuse = error


class TestClaims:
    def test_two_workers_never_share_a_message(self):
        refuse(TransientDeliveryError())
        for number in range(5):
            testing.tell("order_placed", testing.order(str(number)))
        Message.objects.update(due_at=Message.objects.first().decided_at)
        first, second = delivery.claim(3), delivery.claim(3)
        assert {len(first), len(second)} == {3, 2}
        assert not {message.pk for message in first} & {message.pk for message in second}

    def test_message_of_a_dead_worker_goes_out_again_marked_and_with_the_same_message_id(self, clock):
        refuse(TransientDeliveryError())
        testing.tell("order_placed", testing.order())
        refuse(None)
        clock.advance(minutes=5)
        claimed = delivery.claim(10)
        assert delivery.deliver_due() == 0
        clock.advance(minutes=5)
        assert delivery.deliver_due() == 1
        message = Message.objects.get()
        assert (message.state, message.possible_duplicate) == (State.SENT, True)
        assert testing.sent()[0].message_id == claimed[0].message_id

    def test_advertising_of_a_dead_worker_is_not_repeated(self, clock):
        refuse(TransientDeliveryError())
        testing.tell("order_placed", testing.order())
        refuse(None)
        Message.objects.update(purpose=Message.Purpose.MARKETING)
        clock.advance(minutes=5)
        delivery.claim(10)
        clock.advance(minutes=5)
        delivery.deliver_due()
        assert list(Message.objects.values_list("state", "reason")) == [(State.FAILED, "unknown")]
        assert not testing.sent()

    def test_slow_server_does_not_keep_messages_beyond_the_lease(self, clock, monkeypatch):
        refuse(TransientDeliveryError())
        for number in range(6):
            testing.tell("order_placed", testing.order(str(number)))
        refuse(None)
        clock.advance(minutes=5)
        send = testing.RecordingBackend.send
        monkeypatch.setattr(testing.RecordingBackend, "send", lambda self, message: (clock.advance(seconds=25), send(self, message)))
        batch = delivery.claim(10)
        delivery._deliver(batch)
        assert len(testing.sent()) == 3  # begun within the first half of the lease
        assert Message.objects.filter(state=State.QUEUED, attempts=1, possible_duplicate=False).count() == 3

    def test_late_result_of_a_worker_that_lost_its_claim_is_not_written(self, clock):
        refuse(TransientDeliveryError())
        testing.tell("order_placed", testing.order())
        clock.advance(minutes=5)
        batch = delivery.claim(10)
        Message.objects.update(lease_token="another worker's")
        delivery._keep(batch)
        assert Message.objects.get().lease_token == "another worker's"


class TestRetries:
    def test_it_waits_longer_each_time_and_gives_up_in_the_end(self, clock):
        refuse(TransientDeliveryError("451 busy"))
        testing.tell("order_placed", testing.order())
        waits = []
        while Message.objects.get().state == State.QUEUED:
            due_at = Message.objects.get().due_at
            waits.append(due_at - clock())
            clock.set(due_at)
            testing.settle()
        message = Message.objects.get()
        assert (message.state, message.reason, message.attempts) == (State.FAILED, "unreachable", 8)
        assert all(later > earlier for earlier, later in itertools.pairwise(waits) if later < timedelta(minutes=30))
        assert "451 busy" in message.last_error

    def test_refusal_for_good_is_not_repeated_and_can_be_replayed(self):
        refuse(PermanentDeliveryError("550 no such user"))
        testing.tell("order_placed", testing.order())
        assert list(Message.objects.values_list("state", "reason")) == [(State.FAILED, "refused")]
        refuse(None)
        assert outbox.retry(Message.objects.all()) == 1
        testing.settle()
        assert Message.objects.get().state == State.SENT

    def test_no_news_is_not_sent(self, clock):
        refuse(TransientDeliveryError())
        testing.tell("order_out_for_delivery", testing.order())
        refuse(None)
        clock.advance(days=2)
        testing.settle()
        assert list(Message.objects.values_list("state", "reason")) == [(State.SKIPPED, "stale")]

    def test_cancellation_that_nobody_has_processed_yet_stops_what_is_queued(self, clock):
        refuse(TransientDeliveryError())
        testing.tell("order_paid", testing.order())
        refuse(None)
        events.record("order_cancelled", testing.order())
        clock.advance(minutes=5)
        assert delivery.deliver_due() == 0
        assert list(Message.objects.values_list("state", "reason")) == [(State.SKIPPED, "obsolete")]

    def test_one_message_that_cannot_be_made_does_not_stop_the_others(self, monkeypatch):
        real = delivery.rendering.render

        def fail_once(kind, language, facts, **options):
            if facts["order"]["number"] == "2":
                raise MemoryError
            return real(kind, language, facts, **options)

        monkeypatch.setattr(delivery.rendering, "render", fail_once)
        for number in "123":
            testing.tell("order_placed", testing.order(number))
        assert [mail.order_number for mail in testing.sent()] == ["1", "3"]
        assert Message.objects.get(order__number="2").reason == "template"


@pytest.mark.parametrize(("error", "kind", "uncertain"), [
    (smtplib.SMTPRecipientsRefused({"a@x.example": (550, b"no such user")}), PermanentDeliveryError, False),
    (smtplib.SMTPRecipientsRefused({"a@x.example": (450, b"busy")}), TransientDeliveryError, False),
    (smtplib.SMTPDataError(554, b"looks like spam"), PermanentDeliveryError, False),
    (smtplib.SMTPDataError(451, b"try later"), TransientDeliveryError, False),
    (smtplib.SMTPServerDisconnected("gone"), TransientDeliveryError, True),
    (TimeoutError("slow"), TransientDeliveryError, True),
    (ConnectionRefusedError("closed"), TransientDeliveryError, False),
    (ValueError("bad header"), PermanentDeliveryError, False),
])
def test_errors_are_told_apart(error, kind, uncertain):
    failure = _classify(error)
    assert isinstance(failure, kind)
    assert getattr(failure, "uncertain", False) is uncertain


class SmtpConversation(socketserver.StreamRequestHandler):
    """Speaks SMTP, and keeps what it is given."""

    def handle(self):
        self.say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(b"".join(lines))
                self.say("250 taken")
            elif verb == b"QUIT":
                return self.say("221 bye")
            else:
                self.say("250 fine")
        return None

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def smtp(settings):
    """A mail server on a real socket; yields the mails that it took."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": {"email": "ecommerce_comms.messaging.backends.email.EmailBackend"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SmtpConversation) as server:
        server.mails = []
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.mails
        server.shutdown()


class TestRealSmtp:
    def test_mail_arrives_as_decided(self, smtp):
        testing.tell("order_placed", testing.order())
        message = Message.objects.get()
        mail = smtp[0].decode()
        assert f"Message-ID: <{message.message_id}>" in mail
        assert "To: Asha Sharma <asha@customers.example>" in mail
        assert "Auto-Submitted: auto-generated" in mail
        assert "text/plain" in mail
        assert "text/html" in mail
        assert message.subject

    @pytest.mark.parametrize("name", [
        "Nguyễn Thị Thủy", "नरेन्द्र", "محمد", "👩‍👩‍👧‍👦",
        "O'Brien", "Smith, John", '"Al" <x>', "A\r\nBcc: victim@x.example", "Z" + "\u0300" * 300,
        "{{ order.total }}", "=?utf-8?q?=0D=0ABcc:?=", "\u2028x", "\x0bx",
    ])
    def test_any_name_reaches_one_recipient(self, smtp, name):
        customer = testing.order().customer.to_json() | {"first_name": name, "last_name": ""}
        testing.tell("order_placed", testing.order(customer=type(testing.order().customer).from_json(customer)))
        mail = message_from_bytes(smtp[0], policy=policy.default)
        assert [address.addr_spec for address in mail["To"].addresses] == ["asha@customers.example"]
        assert mail["To"].addresses[0].display_name == one_line(name, 100)
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]

    def test_server_that_is_away_loses_nothing(self, smtp, settings, clock):
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        testing.tell("order_placed", testing.order())
        assert Message.objects.get().state == State.QUEUED
        settings.EMAIL_PORT = port
        clock.advance(minutes=2)
        testing.settle()
        assert len(smtp) == 1


def test_merchants_own_text_is_used():
    Template.objects.create(kind="order_paid", language="en", subject="Ka-ching, {{ customer.first_name }}", body="Thanks.")
    testing.tell("order_paid", testing.order())
    assert testing.sent()[0].subject == "Ka-ching, Asha"
    assert Message.objects.get().text_source == "merchant"


def test_signals_tell_what_became_of_a_message():
    heard = []
    outs = (signals.message_sent, signals.message_skipped, signals.message_failed)
    for signal in outs:
        signal.connect(lambda signal, message, **_: heard.append((signal, message.kind)), weak=False, dispatch_uid="test")
    testing.tell("order_placed", testing.order())
    testing.tell("order_paid", testing.order(), notify_customer=False)
    refuse(PermanentDeliveryError())
    testing.tell("order_changed", testing.order())
    for signal in outs:
        signal.disconnect(dispatch_uid="test")
    assert heard == [(outs[0], "order_placed"), (outs[1], "order_paid"), (outs[2], "order_changed")]
