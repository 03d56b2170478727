"""Nothing is lost, little is said twice, and what may have been is marked."""

from __future__ import annotations

import itertools
import smtplib
import socketserver
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from secrets import token_hex

import pytest
from django.db import connection

from ecommerce_comms import clock as app_clock
from ecommerce_comms import signals, testing
from ecommerce_comms.customers import consents
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import delivery, outbox
from ecommerce_comms.messaging.backends.errors import classify as _classify
from ecommerce_comms.messaging.models import Attempt, Message, Template, Worker
from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.messaging.sending import batch as sending_batch
from ecommerce_comms.messaging.sending import claims, journal, outcomes, workers
from ecommerce_comms.messaging.speaking import composing
from ecommerce_comms.orders import events

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders, and journals are the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}
    workers._local.__dict__.clear()
    yield
    workers._local.__dict__.clear()


def refuse(error):
    """Let the other side refuse everything."""
    testing.RecordingBackend.refuse = error


def queued(*numbers, **changes):
    """Messages that are due and that nobody has taken yet."""
    refuse(TransientDeliveryError())
    for number in numbers or ("1",):
        testing.tell("order_placed", testing.order(number))
    refuse(None)
    Message.objects.update(due_at=Message.objects.first().decided_at, attempts=0, last_error="", **changes)
    Attempt.objects.all().delete()


def take(size=10, lane="orders"):
    """What another worker claims; returns its token and the messages."""
    until = app_clock.now() + timedelta(minutes=2)
    worker = Worker.objects.create(name=f"elsewhere:{Worker.objects.count()}", host="elsewhere", token=token_hex(16), lease_until=until)
    return worker, claims.claim(worker.token, size, lane)


class TestClaims:
    def test_two_workers_never_share_a_message(self):
        queued(*"12345")
        (_one, first), (_other, second) = take(3), take(3)
        assert {len(first), len(second)} == {3, 2}
        assert not {message.pk for message in first} & {message.pk for message in second}

    def test_only_the_message_that_a_dead_host_was_sending_goes_out_again(self, clock):
        queued(*"12345")
        worker, batch = take()
        Worker.objects.filter(pk=worker.pk).update(position=batch[2].pk)
        assert delivery.deliver_due() == 0
        clock.advance(minutes=3)
        assert delivery.deliver_due() == 3
        assert [mail.message_id for mail in testing.sent()] == [message.message_id for message in batch[2:]]
        assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
        # On SQLite only the journal, which is gone, knew which of the last ones had not been begun.
        doubtful = batch[2:] if connection.vendor == "sqlite" else [batch[2]]
        assert list(Message.objects.filter(possible_duplicate=True).order_by("pk")) == doubtful
        assert list(Attempt.objects.order_by("pk").values_list("message", "outcome")) == [(each.pk, "unknown") for each in doubtful]

    @pytest.mark.parametrize(("step", "sent", "doubtful"), [("m", 5, 0), ("s", 3, 1), ("d", 2, 0)])
    def test_journal_of_a_dead_process_is_read_at_once_and_knows_more(self, step, sent, doubtful):
        queued(*"12345")
        worker, batch = take()
        (journal.folder() / "dead.journal").write_bytes(worker.token.encode() + b"%020d" % batch[2].pk + step.encode())
        assert delivery.deliver_due() == sent
        assert [mail.message_id for mail in testing.sent()] == [message.message_id for message in batch[-sent:]]
        assert Message.objects.filter(possible_duplicate=True).count() == doubtful
        assert not (journal.folder() / "dead.journal").exists()

    def test_journal_of_a_living_process_is_left_alone(self):
        queued()
        sender = workers.Sender()
        token = sender.begin()
        claims.claim(token, 10, "orders")
        assert delivery.deliver_due() == 0
        sender.abandon()
        assert delivery.deliver_due() == 1

    def test_folder_that_cannot_be_made_stops_nobody(self, settings, tmp_path):
        (tmp_path / "a file").write_text("")
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path / "a file")}
        queued()
        assert delivery.deliver_due() == 1

    def test_journal_has_no_name_before_it_is_held(self, monkeypatch):
        lock, named = journal.fcntl.lockf, []
        monkeypatch.setattr(journal.fcntl, "lockf", lambda *what: (named.extend(journal.folder().glob("*.journal")), lock(*what)))
        held = journal.Journal()
        assert not named and [path.name for path in journal.folder().glob("*.journal")] == [held._path.name]

    def test_full_disk_stops_no_mail(self, monkeypatch, caplog):
        def fail(*_what):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(workers, "_local", threading.local())
        queued(*"12")
        monkeypatch.setattr(journal.os, "pwrite", fail)
        assert delivery.deliver_due() == 2
        assert "No space left" in caplog.text

    def test_torn_journal_frees_nothing_and_stops_nobody(self):
        (journal.folder() / "torn.journal").write_bytes(b"half a tok")
        queued()
        assert delivery.deliver_due() == 1

    def test_text_that_kills_its_worker_is_given_up_some_day(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MAX_ATTEMPTS": 3}
        queued()
        for _time in range(3):
            worker, batch = take()
            (journal.folder() / "dead.journal").write_bytes(worker.token.encode() + b"%020dm" % batch[0].pk)
            claims.recover()
        assert list(Message.objects.values_list("state", "reason", "possible_duplicate")) == [(State.FAILED, "template", False)]

    def test_advertising_of_a_dead_worker_is_not_repeated(self, clock):
        queued(purpose=Message.Purpose.MARKETING, lane="offers")
        worker, batch = take(lane="offers")
        Worker.objects.filter(pk=worker.pk).update(position=batch[0].pk)
        clock.advance(minutes=5)
        delivery.deliver_due()
        assert list(Message.objects.values_list("state", "reason")) == [(State.FAILED, "unknown")]
        assert not testing.sent()

    def test_worker_that_wakes_after_its_lease_sends_nothing_more(self, clock, monkeypatch):
        queued(*"123")
        send = testing.RecordingBackend.send
        monkeypatch.setattr(workers.Sender, "_marks_each", True)

        def sleep_long(self, message):
            send(self, message)
            clock.advance(minutes=3)
            claims.recover()

        monkeypatch.setattr(testing.RecordingBackend, "send", sleep_long)
        assert delivery.deliver_due(lane="orders") == 0
        assert len(testing.sent()) == 1
        assert list(Message.objects.order_by("pk").values_list("state", "possible_duplicate")) == [
            (State.QUEUED, True), (State.QUEUED, False), (State.QUEUED, False)]

    def test_journal_of_a_paused_worker_is_ahead_of_its_row(self, clock):
        queued(*"123")
        sender = workers.Sender()
        batch = claims.claim(sender.begin(), 10, "orders")
        sender._journal.note(batch[1].pk, b"d")
        clock.advance(minutes=3)
        assert delivery.deliver_due() == 1
        assert [mail.message_id for mail in testing.sent()] == [batch[2].message_id]
        assert not Message.objects.filter(possible_duplicate=True).exists()
        with pytest.raises(workers.ClaimLost):
            sender._tell(sender._mark, batch[2].pk)

    def test_late_result_of_a_worker_that_lost_its_claim_is_not_written(self):
        queued()
        worker, batch = take()
        Message.objects.update(lease_token="another worker's")
        batch[0].state = State.SENT
        outcomes.keep(batch, worker.token)
        assert list(Message.objects.values_list("state", "lease_token")) == [(State.SENDING, "another worker's")]

    def test_message_whose_worker_nobody_knows_is_freed_and_marked(self):
        queued()
        worker, _batch = take()
        worker.delete()
        assert delivery.deliver_due() == 1
        assert Message.objects.get().possible_duplicate

    def test_rows_of_long_gone_workers_are_cleared_away(self, clock):
        take()
        Worker.objects.update(token="")
        clock.advance(days=2)
        assert claims.clear_away() == 1


class TestLanes:
    def test_orders_go_before_offers_however_long_these_have_waited(self, clock):
        queued("1", "2")
        Message.objects.filter(order__number="1").update(purpose=Message.Purpose.MARKETING, lane="offers")
        consents.grant("asha@customers.example", topic="marketing", where="checkout", words="Yes, tell me about offers.")
        clock.advance(hours=1)
        delivery.deliver_due()
        assert [mail.order_number for mail in testing.sent()] == ["2", "1"]

    def test_batch_of_offers_makes_room_for_an_order_that_comes(self, clock, monkeypatch, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MARKETING_PER_DAY": 9, "MARKETING_PER_WEEK": 9}
        queued(*"1234", purpose=Message.Purpose.MARKETING, lane="offers")
        consents.grant("asha@customers.example", topic="marketing", where="checkout", words="Yes, tell me about offers.")
        monkeypatch.setattr(sending_batch, "LOOK_SECONDS", 0.0)
        send = testing.RecordingBackend.send

        def order_comes(self, message):
            send(self, message)
            if message.order_number == "1":
                Message.objects.filter(order__number="4").update(lane="orders", purpose=Message.Purpose.TRANSACTIONAL, state=State.QUEUED)

        monkeypatch.setattr(testing.RecordingBackend, "send", order_comes)
        monkeypatch.setattr(delivery, "OFFERS_AT_ONCE", 3)
        delivery.deliver_due(lane="offers")
        assert [mail.order_number for mail in testing.sent()] == ["1", "4", "2", "3"]


class TestRetries:
    def test_it_waits_longer_each_time_and_gives_up_when_it_is_no_news(self, clock):
        refuse(TransientDeliveryError("451 busy"))
        testing.tell("payment_failed", testing.order())
        waits = []
        while Message.objects.get().state == State.QUEUED:
            due_at = Message.objects.get().due_at
            waits.append(due_at - clock())
            clock.set(due_at)
            testing.settle()
        message = Message.objects.get()
        assert (message.state, message.reason) == (State.FAILED, "unreachable")
        assert all(later >= earlier for earlier, later in itertools.pairwise(waits) if later < timedelta(minutes=30))
        assert sum(waits, timedelta()) > timedelta(hours=46)
        assert "451 busy" in message.last_error
        assert message.tries.count() == message.attempts

    def test_server_that_asks_for_patience_gets_it(self, clock):
        error = TransientDeliveryError("429")
        error.retry_after = 5000.0
        refuse(error)
        testing.tell("order_placed", testing.order())
        assert Message.objects.get().due_at >= clock() + timedelta(seconds=5000)

    def test_unknown_outcome_is_repeated_once_marked_and_with_the_same_message_id(self, clock):
        error = TransientDeliveryError("silence")
        error.uncertain = True
        seen = []
        testing.RecordingBackend.refuse = error
        testing.tell("order_placed", testing.order())
        for _time in range(4):
            seen.append(Message.objects.values_list("state", "reason", "possible_duplicate", "attempts").get())
            clock.advance(minutes=5)
            testing.settle()
        assert seen == [(State.QUEUED, "", True, 1), *[(State.FAILED, "unknown", True, 2)] * 3]

    def test_advertising_of_unknown_outcome_is_not_repeated(self):
        queued(purpose=Message.Purpose.MARKETING, lane="offers")
        consents.grant("asha@customers.example", topic="marketing", where="checkout", words="Yes, tell me about offers.")
        error = TransientDeliveryError("silence")
        error.uncertain = True
        refuse(error)
        delivery.deliver_due()
        assert list(Message.objects.values_list("state", "reason")) == [(State.FAILED, "unknown")]

    def test_address_that_does_not_exist_is_not_written_to_again(self):
        error = PermanentDeliveryError("550 5.1.1 no such user asha@customers.example")
        error.bad_address = True
        refuse(error)
        testing.tell("order_placed", testing.order())
        refuse(None)
        testing.tell("order_paid", testing.order())
        states = list(Message.objects.order_by("pk").values_list("state", "reason"))
        assert states == [(State.FAILED, "refused"), (State.SKIPPED, "suppressed")]
        assert "asha@" not in Message.objects.first().last_error

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
        Message.objects.update(attempts=0)
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

    def test_one_message_that_cannot_be_made_does_not_stop_the_others(self, monkeypatch, clock):
        real = composing.rendering.parts_of

        def fail_once(kind, language, facts, *more, **named):
            if facts["order"]["number"] == "2":
                raise MemoryError
            return real(kind, language, facts, *more, **named)

        monkeypatch.setattr(composing.rendering, "parts_of", fail_once)
        for number in "123":
            testing.tell("order_placed", testing.order(number))
        assert [mail.order_number for mail in testing.sent()] == ["1", "3"]
        for _time in range(2):
            clock.advance(minutes=5)
            testing.settle()
        message = Message.objects.get(order__number="2")
        assert (message.state, message.reason, message.attempts) == (State.FAILED, "template", 3)


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
