"""What a message says is kept before it leaves: who tries again says the same, whatever changed meanwhile."""

from __future__ import annotations

import threading

import pytest

from ecommerce_comms import lifecycle, privacy, testing
from ecommerce_comms.exceptions import TransientDeliveryError
from ecommerce_comms.messaging import delivery, outbox, resending
from ecommerce_comms.messaging.models import Attempt, Message, Template
from ecommerce_comms.messaging.sending import freezing, outcomes, workers
from ecommerce_comms.messaging.speaking import rereading
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders import events

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State


class Killed(BaseException):
    """The process is gone: nothing of it catches this."""


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Snapshots stand in for orders; the thread has a journal of its own."""
    monkeypatch.setattr(workers, "_local", threading.local())
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}


def own(subject="Our words {{ order.number }}", version=1, **parts):
    """A merchant's text of ``order_placed``, in use."""
    return Template.objects.create(kind="order_placed", language="en", subject=subject, body="Dear customer.", version=version, **parts)


def later(clock):
    """Everything that is due in a while is done."""
    clock.advance(minutes=10)
    testing.settle()


def refused_once(number="1001"):
    """A message that was tried once and is to be tried again."""
    testing.RecordingBackend.refuse = TransientDeliveryError("later")
    testing.tell("order_placed", testing.order(number))
    testing.RecordingBackend.refuse = None
    return Message.objects.get(order__number=number)


def test_retry_says_the_same_after_a_new_text_was_published(clock):
    template = own()
    refused_once()
    Template.objects.filter(pk=template.pk).update(subject="Newer words", version=2)
    later(clock)
    [mail] = testing.sent()
    assert mail.subject == "Our words 1001"
    assert Message.objects.values_list("text_source", "text_version", "subject").get() == ("merchant", 1, "Our words 1001")


def test_retry_says_the_same_after_the_built_in_text_changed(clock, monkeypatch):
    said = refused_once().subject
    monkeypatch.setattr(texts, "built_in", lambda kind, language: texts.Text(subject="An upgrade's words", body="x"))
    later(clock)
    assert [mail.subject for mail in testing.sent()] == [said]


@pytest.mark.parametrize("when", ["before the first leaves", "after it left"])
def test_worker_that_is_killed_between_keeping_and_outcome_leaves_the_words(when, clock, monkeypatch):
    own()
    events.record("order_placed", testing.order("1001"))
    lifecycle.process_waiting()

    def die(*_arguments):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(*((workers.Sender, "hands_over", die) if when.startswith("before") else (outcomes, "accepted", die)))
        with pytest.raises(Killed):
            delivery.deliver_due()
    workers.this_thread().abandon()
    came = [mail.text for mail in testing.sent()]
    Template.objects.update(subject="Newer words", version=2)
    later(clock)
    message = Message.objects.get()
    assert message.subject == "Our words 1001" and message.state == State.SENT
    assert {*came, *(mail.text for mail in testing.sent())} == {rereading.reread(message).text}


def test_retry_carries_the_same_file_for_calendars(clock, monkeypatch):
    tried, hand_over = [], testing.RecordingBackend.send
    monkeypatch.setattr(testing.RecordingBackend, "send", lambda self, outgoing: tried.append(outgoing) or hand_over(self, outgoing))
    testing.RecordingBackend.refuse = TransientDeliveryError("later")
    testing.tell("order_placed", testing.order("1001", promised_earliest=clock().date(), promised_latest=clock().date()))
    testing.RecordingBackend.refuse = None
    later(clock)
    assert len(tried) == 2 and tried[0] == tried[1]
    assert tried[0].attachments


def test_message_that_was_erased_meanwhile_does_not_leave(monkeypatch):
    for number in ("1", "2"):
        events.record("order_placed", testing.order(number))
    lifecycle.process_waiting()
    real = freezing.update_each

    def erased(messages, *arguments, **named):
        Message.objects.filter(order__number="1").update(state=State.FAILED, lease_token="")
        return real(messages, *arguments, **named)

    monkeypatch.setattr(freezing, "update_each", erased)
    delivery.deliver_due()
    assert [mail.order_number for mail in testing.sent()] == ["2"]
    assert Message.objects.get(order__number="1").words == {}


def test_words_are_written_once_however_often_it_is_tried(clock, monkeypatch):
    frozen, real = [], freezing.freeze
    monkeypatch.setattr(freezing, "freeze", lambda messages, token: frozen.append(len(messages)) or real(messages, token))
    refused_once()
    later(clock)
    testing.tell("order_placed", testing.order("1002"))
    assert frozen == [1, 1]
    assert len(testing.sent()) == 2


def test_batch_is_kept_with_one_write(monkeypatch):
    for number in range(5):
        events.record("order_placed", testing.order(str(number)))
    lifecycle.process_waiting()
    sizes, real = [], freezing.update_each
    monkeypatch.setattr(freezing, "update_each", lambda rows, *more, **named: sizes.append(len(rows)) or real(rows, *more, **named))
    delivery.deliver_due()
    assert sizes == [5]


class TestOnceMore:
    def test_what_was_sent_is_repeated_word_for_word(self, clock):
        template = own()
        testing.tell("order_placed", testing.order("1001"))
        Template.objects.filter(pk=template.pk).update(subject="Newer words", version=2)
        sent = Message.objects.get()
        assert resending.repeats_words(sent)
        again = resending.resend(sent, "nonce")
        testing.settle()
        again.refresh_from_db()
        assert again.words == sent.words and again.text_version == 1
        assert [mail.subject for mail in testing.sent()] == ["Our words 1001"] * 2

    def test_what_never_left_is_said_in_the_words_of_today(self, clock):
        own()
        message = refused_once()
        Message.objects.update(state=State.FAILED, reason="refused")
        Template.objects.update(subject="Newer words {{ order.number }}", version=2)
        message.refresh_from_db()
        assert not resending.repeats_words(message)
        resending.resend(message, "nonce")
        testing.settle()
        assert [mail.subject for mail in testing.sent()] == ["Newer words 1001"]

    def test_what_failed_for_its_text_is_made_anew_when_it_is_tried_again(self, clock):
        Template.objects.create(kind="of_the_shop", language="en", subject="{{ nothing }}", body="x", version=1)
        outbox.put([_of_the_shop(clock)])
        testing.settle()
        assert Message.objects.values_list("state", "reason", "words").get() == (State.FAILED, "template", {})
        Template.objects.update(subject="It works now", version=2)
        outbox.retry(Message.objects.all())
        testing.settle()
        assert [mail.subject for mail in testing.sent()] == ["It works now"]


def _of_the_shop(clock):
    return Message(kind="of_the_shop", language="en", recipient="asha@customers.example", dedupe_key="1", state=State.QUEUED,
                   due_at=clock(), facts={"order": {"number": "7"}})


class TestReadAgain:
    def test_every_form_has_the_kept_words(self, clock):
        own(short="Short {{ order.number }}")
        testing.tell("order_placed", testing.order("1001"))
        Template.objects.all().delete()
        again = rereading.reread(Message.objects.get())
        assert again.is_kept and again.subject == "Our words 1001" and again.source == "merchant"
        assert again.sms == "Short 1001" and "Dear customer." in again.text and "Dear customer." in again.script
        assert again.text == testing.sent()[0].text and again.html == testing.sent()[0].html

    def test_what_has_no_words_yet_is_made_from_its_facts_and_says_so(self, clock):
        testing.tell("order_placed", testing.order("1001"))
        Message.objects.update(words={})
        assert not rereading.reread(Message.objects.get()).is_kept

    def test_after_an_erasure_nothing_is_left_to_read(self):
        testing.tell("order_placed", testing.order("1001"))
        privacy.erase("asha@customers.example")
        message = Message.objects.get()
        assert (message.words, message.subject) == ({}, "")
        with pytest.raises(ValueError, match="Nothing is kept"):
            rereading.reread(message)


def test_own_text_that_fails_leaves_a_line_in_the_story(clock):
    own(subject="{{ 1 | divided_by: 0 }}", version=3)
    testing.tell("order_placed", testing.order("1001"))
    message = Message.objects.get()
    assert (message.state, message.text_source, message.text_version) == (State.SENT, "fallback", 3)
    line = Attempt.objects.get()
    assert line.outcome == "own_text" and line.number == 0 and line.answer
