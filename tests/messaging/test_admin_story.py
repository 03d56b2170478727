"""Each message's page says in plain words what happened and why, and what can be done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.messaging import resending
from ecommerce_comms.messaging.advice import REASONS, STATES, advice
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.messaging.story import story
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
        said = advice(Message(state=State.QUEUED, due_at=clock() + timedelta(minutes=5), attempts=3))
        assert said.why == "The mail server did not take it yet; it is tried again at 2 Mar 2026, 10:05. Tries so far: 3."

    def test_page_begins_with_it(self, client, message):
        Message.objects.update(state=State.FAILED, reason=Reason.REFUSED, last_error="550")
        text = page(client, message)
        assert "It was not sent, because the mail server refused it." in text
        assert "mend the cause and send it again" in text
        assert text.index("refused it.") < text.index("Thank you, Asha")


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
            "Try 1: refused for now", "Try 2: nobody knows whether it was accepted", "Try 3: accepted"]
        assert [line.detail for line in lines] == ["by postmark (451)", "by postmark (451)", "by brevo"]
        assert [line.quote for line in lines] == ["451 a…@c….example busy", "451 a…@c….example busy", "250 queued as 7"]

    def test_notices_of_the_provider_are_told_masked(self, message, clock):
        Message.objects.update(state=State.BOUNCED, bounced_at=clock() + timedelta(hours=1))
        ProviderEvent.objects.create(key="p:1", provider="postmark", kind="bounced", message=message, state="applied",
                                     occurred_at=clock() + timedelta(hours=1), detail="asha@customers.example does not exist")
        [*_, last] = story(Message.objects.get())
        assert (last.title, last.quote, last.tone) == ("postmark tells: came back", "a…@c….example does not exist", "bad")
        assert sum("ame back" in title for title in self.titles(message)) == 1

    def test_outcome_without_a_notice_is_told_too(self, message, clock):
        Message.objects.update(delivered_at=clock() + timedelta(hours=1))
        assert self.titles(message)[-1] == "Delivered"

    def test_message_that_was_not_sent_says_which_rule_decided_so(self, message):
        testing.tell("order_cancelled", "1001", notify_customer=False)
        skipped = Message.objects.get(kind="order_cancelled")
        line = story(skipped)[-1]
        assert line.title == "Decided not to send it"
        assert line.detail == "rule “Order cancelled”, language en: the shop asked not to tell the customer"

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
        with django_assert_max_num_queries(16):
            page(client, message)
