"""Each message's page says in plain words what happened and why, and what can be done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.messaging import outbox, resending
from ecommerce_comms.messaging.advice import REASONS, STATES, advice
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.messaging.story import doubt, story
from ecommerce_comms.models import OrderEvent

pytestmark = pytest.mark.django_db
State, Reason = Message.State, Message.Reason


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


@pytest.fixture
def message():
    """A message that went out."""
    testing.tell("order_placed", testing.order("1001"))
    return Message.objects.get()


def page(client, message):
    """What the page says."""
    client.force_login(User.objects.get_or_create(username="mira", is_staff=True, is_superuser=True)[0])
    return client.get(reverse("admin:ecommerce_comms_message_change", args=[message.pk])).content.decode()


class TestWhy:
    def test_every_state_and_every_reason_has_its_sentence_and_advice(self):
        assert set(STATES) == set(State.values)
        assert set(REASONS) == set(Reason.values) - {""}
        for said in (*STATES.values(), *REASONS.values()):
            assert str(said.why).endswith(".")
            assert str(said.todo).endswith(".")

    @pytest.mark.parametrize("state", State.values)
    @pytest.mark.parametrize("reason", Reason.values)
    def test_no_pair_of_them_leaves_a_gap_in_a_sentence(self, state, reason, clock):
        said = advice(Message(state=state, reason=reason, due_at=clock(), attempts=2))
        assert "%" not in f"{said.why}{said.todo}"

    def test_what_arrived_is_told_as_arrived_whatever_was_feared_before(self, clock):
        assert "arrived" in advice(Message(state=State.DELIVERED, reason=Reason.UNKNOWN, due_at=clock(), sent_at=clock())).why

    def test_message_that_is_tried_again_says_when(self, clock):
        said = advice(Message(state=State.QUEUED, due_at=clock() + timedelta(minutes=5), attempts=3,
                              last_error="No connection: ConnectionRefusedError: [Errno 111] Connection refused"))
        assert said.why == (
            "It has not been sent yet, because the mail server could not be reached. It is tried again at 2 Mar 2026, 10:05. "
            "Tries so far: 3.")

    def test_page_begins_with_it(self, client, message):
        Message.objects.update(state=State.FAILED, reason=Reason.REFUSED, last_error="550")
        text = page(client, message)
        assert "It was not sent, because the mail server refused it for good." in text
        assert "When the cause is mended, send it again" in text
        assert text.index("refused it for good.") < text.index("Thank you, Asha")


class TestStory:
    def titles(self, message):
        return [line.title for line in story(Message.objects.get(pk=message.pk))]

    def test_it_goes_from_the_fact_to_the_acceptance(self, message):
        assert self.titles(message) == ["It happened: Order placed", "Decided to send it", "Accepted by the mail server"]

    def test_fact_that_was_told_late_has_a_line_for_both_moments(self, message, clock):
        OrderEvent.objects.update(occurred_at=clock() - timedelta(hours=3))
        assert self.titles(message)[:2] == ["It happened: Order placed", "The shop told of it"]

    def test_each_try_is_told_with_the_answer_and_nobodys_address(self, message, clock):
        Message.objects.update(attempts=3, sent_at=clock() + timedelta(minutes=9), provider="brevo", answer="250 queued as 7")
        for number, outcome in ((1, "transient"), (2, "unknown")):
            Attempt.objects.create(message=message, number=number, provider="postmark", ended_at=clock() + timedelta(minutes=number),
                                   outcome=outcome, code=451, answer="451 asha@customers.example busy")
        lines = story(Message.objects.get())[2:]
        assert [line.title for line in lines] == [
            "Try 1: the provider asked to try again later",
            "Try 2: the provider asked to try again later; nobody knows whether it was accepted",
            "Try 3: accepted"]
        assert [line.detail for line in lines] == [
            "through the provider “postmark” (451)", "through the provider “postmark” (451)", "through the provider “brevo”"]
        assert [line.quote for line in lines] == ["451 a…@c….example busy", "451 a…@c….example busy", "250 queued as 7"]

    def test_notices_of_the_provider_are_told_masked(self, message, clock):
        Message.objects.update(state=State.BOUNCED, bounced_at=clock() + timedelta(hours=1))
        ProviderEvent.objects.create(key="p:1", provider="postmark", kind="bounced", message=message, state="applied",
                                     occurred_at=clock() + timedelta(hours=1), detail="asha@customers.example does not exist")
        [*_, last] = story(Message.objects.get())
        assert (last.title, last.quote, last.tone) == ("The provider “postmark” tells: came back", "a…@c….example does not exist", "bad")
        assert sum("ame back" in title for title in self.titles(message)) == 1

    def test_outcome_without_a_notice_is_told_too(self, message, clock):
        Message.objects.update(delivered_at=clock() + timedelta(hours=1))
        assert self.titles(message)[-1] == "Delivered"

    def test_message_that_was_not_sent_says_which_rule_decided_so(self, message):
        testing.tell("order_cancelled", "1001", notify_customer=False)
        skipped = Message.objects.get(kind="order_cancelled")
        line = story(skipped)[-1]
        assert line.title == "Decided not to send it"
        assert line.detail == "rule “Order cancelled”, language en: the customer was not to hear of it"

    def test_planned_message_says_when(self, message, clock):
        Message.objects.update(state=State.SCHEDULED, sent_at=None, attempts=0, due_at=clock() + timedelta(days=7))
        assert self.titles(message)[-1] == "Decided to send it on 9 Mar 2026, 10:00"

    def test_repetition_and_original_lead_to_each_other(self, client, message):
        again = resending.resend(message, "n1")
        assert reverse("admin:ecommerce_comms_message_change", args=[again.pk]) in page(client, message)
        assert reverse("admin:ecommerce_comms_message_change", args=[message.pk]) in page(client, again)

    def test_servers_words_are_shown_and_not_run(self, client, message, clock):
        Attempt.objects.create(message=message, number=1, ended_at=clock(), outcome="transient", answer="<script>alert(1)</script>")
        text = page(client, message)
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text

    def test_page_takes_few_queries_however_long_the_story(self, client, message, clock, django_assert_max_num_queries):
        page(client, message)
        for number in range(30):
            Attempt.objects.create(message=message, number=number, ended_at=clock(), outcome="transient")
        with django_assert_max_num_queries(21):
            page(client, message)


def refuse(error):
    """From now on every try ends with ``error``; None lets them pass."""
    testing.RecordingBackend.refuse = error


def bad_address():
    error = PermanentDeliveryError("550 5.1.1 <asha@customers.example> no such user")
    error.bad_address, error.code = True, 550
    return error


@pytest.fixture
def failed(clock):
    """A message that was tried twice and then refused."""
    refuse(TransientDeliveryError("451 busy"))
    testing.tell("order_placed", testing.order("1001"))
    clock.advance(hours=1)
    refuse(PermanentDeliveryError("554 5.7.1 Relay access denied"))
    testing.settle()
    refuse(None)
    return Message.objects.get()


class TestReplay:
    def told(self, message):
        return [line.title for line in story(Message.objects.get(pk=message.pk))]

    def test_tries_before_it_stay_what_they_were_and_those_after_it_count_on(self, failed, clock):
        before = self.told(failed)
        assert before == [
            "It happened: Order placed", "Decided to send it", "Try 1: the mail server asked to try again later",
            "Try 2: the mail server does not pass on mail to this address for the shop", "Given up"]
        clock.advance(days=1)
        outbox.retry(Message.objects.all(), by="mira")
        assert self.told(failed) == [*before[:-1], "Put into the queue again, after it had been given up"]
        refuse(TransientDeliveryError("No connection: gaierror: [Errno -2] Name or service not known"))
        testing.settle()
        refuse(None)
        clock.advance(hours=1)
        testing.settle()
        assert self.told(failed)[5:] == ["Try 3: the mail server could not be found by its name", "Try 4: accepted"]

    def test_it_says_who_asked_for_it_if_anybody_did(self, failed):
        outbox.retry(Message.objects.all(), by="mira")
        Message.objects.update(state=State.FAILED)
        outbox.retry(Message.objects.all())
        assert [line.detail for line in story(Message.objects.get())[-2:]] == ["by mira", ""]

    def test_message_that_was_stopped_after_it_says_so_at_the_end(self, failed, clock):
        outbox.retry(Message.objects.all(), by="mira")
        suppressions.suppress(address_hash(failed.recipient), "bounced")
        testing.settle()
        line = story(Message.objects.get())[-1]
        assert (line.title, line.is_timed) == ("Not sent after all", False)
        assert "came back" in line.detail


class TestOneTry:
    def test_of_two_providers_is_told_as_one(self, message, clock):
        Attempt.objects.create(message=message, number=1, provider="brevo", ended_at=clock(), outcome="transient", answer="HTTP 503 down")
        Message.objects.update(provider="postmark", attempts=1)
        lines = story(Message.objects.get())[-2:]
        assert [line.title for line in lines] == [
            "Try 1, first through the provider “brevo”: the provider had a failure of its own",
            "Try 1, then through the provider “postmark”: accepted"]

    def test_that_failed_with_both_providers_is_told_as_one(self, message, clock):
        Message.objects.update(state=State.FAILED, reason=Reason.REFUSED, sent_at=None)
        for name in ("brevo", "postmark", "postmark"):  # the same answer, kept twice, is told once
            Attempt.objects.create(message=message, number=1, provider=name, ended_at=clock(), outcome="transient", answer="HTTP 503")
        assert [line.title for line in story(Message.objects.get())[2:-1]] == [
            "Try 1, first through the provider “brevo”: the provider had a failure of its own",
            "Try 1, then through the provider “postmark”: the provider had a failure of its own"]


    def test_that_is_still_being_sent_promises_no_second_provider(self, message, clock):
        Message.objects.update(state=State.SENDING, sent_at=None, provider="", attempts=1)
        Attempt.objects.create(message=message, number=1, provider="brevo", ended_at=clock(), outcome="transient", answer="HTTP 503 down")
        assert story(Message.objects.get())[-1].title == "Try 1: the provider had a failure of its own"


class TestAddressThatDoesNotExist:
    @pytest.fixture
    def lost(self):
        refuse(bad_address())
        testing.tell("order_placed", testing.order("1001"))
        refuse(None)
        return Message.objects.get()

    def test_story_says_that_it_is_left_alone_and_leads_to_where_that_is_lifted(self, client, lost):
        row = Suppression.objects.get()
        titles = [line.title for line in story(lost)]
        assert titles.index("This address is left alone from now on: nothing is sent to it any more") == 3
        text = page(client, lost)
        assert reverse("admin:ecommerce_comms_suppression_change", args=[row.pk]) in text
        assert "choose “Allow this address again”" in text
        assert "Nothing is sent to this address any more." in advice(lost).why
        assert reverse("admin:ecommerce_comms_message_resend", args=[lost.pk]) not in text

    def test_story_says_that_it_was_allowed_again_and_then_it_can_be_sent(self, client, lost, clock):
        clock.advance(hours=1)
        suppressions.lift(Suppression.objects.get().pk, "mira")
        line = story(lost)[-2]
        assert (line.title, line.detail) == ("The address was allowed again", "by mira")
        assert "says that there is no such address" in advice(lost).why
        assert reverse("admin:ecommerce_comms_message_resend", args=[lost.pk]) in page(client, lost)

    def test_story_of_another_message_to_the_address_does_not_claim_it(self, lost, clock):
        testing.tell("order_paid", testing.order("1001"))
        assert [line.title for line in story(Message.objects.get(kind="order_paid")) if "left alone" in line.title] == []


class TestDoubt:
    def test_it_stands_before_the_story(self, client, message):
        Message.objects.update(possible_duplicate=True)
        text = page(client, message)
        assert text.index("It may have arrived twice") < text.index("It happened: Order placed")

    def test_what_was_not_repeated_cannot_have_arrived_twice(self, message):
        Message.objects.update(possible_duplicate=True, state=State.FAILED, reason=Reason.UNKNOWN, sent_at=None)
        assert doubt(Message.objects.get()).startswith("It may have arrived already")

    def test_nothing_is_said_where_there_is_none(self, client, message):
        assert doubt(message) == ""
        assert "may have arrived" not in page(client, message).split("comms-timeline")[0].split("comms-verdict")[1]


def test_message_put_by_the_shop_itself_is_ascribed_to_no_rule(message, clock):
    outbox.put([Message(kind="order_paid", language="en", recipient="asha@customers.example", dedupe_key="mine", state=State.QUEUED,
                        due_at=clock())])
    [line] = story(Message.objects.get(kind="order_paid"))
    assert (line.title, line.detail) == ("Decided to send it", "put in by the shop's own code, by no rule; language en")
