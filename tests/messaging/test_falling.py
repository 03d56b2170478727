"""What fails for good on one channel is told on the next one, once; what may have arrived, or is no news, is not."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ecommerce_comms import clock as app_clock
from ecommerce_comms import privacy, testing
from ecommerce_comms.customers import consents, preferences, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.journeys.timeline import entries
from ecommerce_comms.messaging import falling, outbox, resending
from ecommerce_comms.messaging.advice import advice
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.sending import outcomes
from ecommerce_comms.messaging.story import story
from ecommerce_comms.models import Order
from ecommerce_comms.snapshots import CustomerSnapshot
from ecommerce_comms.testing import RecordingBackend, RecordingPhoneBackend, RecordingSmsBackend
from tests.messaging import payloads

EMAIL, PHONE = "asha@customers.example", "+919876543210"
NO_USER = PermanentDeliveryError("550 5.1.1 no such user")
EVERY_WAY = {"orders": ["email", "sms", "phone"]}


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, db):
    """A shop with every channel."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.CHANNELS, "WEBHOOKS": ["postmark"]}
    settings.ANYMAIL = payloads.ANYMAIL


def order(reference="1001", **customer):
    """An order of Asha's, who can be reached in every way."""
    usual = {"email": EMAIL, "phone": PHONE, "first_name": "Asha", "language": "en", "channels": EVERY_WAY}
    return testing.order(reference, customer=CustomerSnapshot(**{**usual, **customer}))


def told():
    """Where what was sent went."""
    return [mail.recipient for mail in testing.sent()]


def rows():
    """Channel and what became of each message."""
    return list(Message.objects.order_by("pk").values_list("backend", "state", "reason"))


def bounce(message, what="hard"):
    """Its provider tells that ``message`` came back."""
    made = payloads.event("postmark", what, recipient=message.recipient, mark=message.uid.hex)
    answer = Client().post("/comms/webhooks/postmark/", **payloads.request("postmark", payloads.batch("postmark", [made])))
    assert answer.status_code == 200
    testing.settle()


class TestRefused:
    def test_next_channel_is_tried_at_once(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order())
        assert told() == [PHONE]
        assert rows() == [("email", "failed", "refused"), ("sms", "sent", "")]

    def test_it_is_a_message_of_its_own_about_the_same(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order())
        first, second = Message.objects.order_by("pk")
        assert second.instead_of == first
        assert (second.event_id, second.kind, second.customer_id) == (first.event_id, first.kind, first.customer_id)
        assert (second.facts, second.words) == (first.facts, first.words)
        assert second.uid != first.uid

    def test_each_channel_is_tried_once_in_the_customers_order(self):
        RecordingBackend.refuse = RecordingSmsBackend.refuse = RecordingPhoneBackend.refuse = NO_USER
        testing.tell("order_paid", order(channels={"orders": ["sms", "phone", "email"]}))
        assert [channel for channel, *_ in rows()] == ["sms", "phone", "email"]
        testing.settle()
        assert len(rows()) == 3

    def test_channel_that_does_not_reach_them_is_passed_over(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order(phone=""))
        assert rows() == [("email", "failed", "refused")]

    def test_who_wants_one_channel_alone_gets_no_other(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order(channels={"orders": ["email"]}))
        assert told() == []

    def test_guest_who_is_no_customer_is_found_through_the_order(self, settings, clock):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CHANNELS": {"orders": ["email", "sms"]}}
        RecordingBackend.refuse = TransientDeliveryError("451 later")
        testing.tell("order_paid", order(channels={}))
        Message.objects.update(customer=None)
        Order.objects.update(customer=None)
        RecordingBackend.refuse = NO_USER
        Message.objects.update(due_at=clock())
        testing.settle()
        assert told() == [PHONE]

    def test_shop_with_one_channel_asks_nothing(self, settings, django_assert_num_queries):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": {"email": testing.CHANNELS["email"]}}
        with django_assert_num_queries(0):
            falling.after([Message(pk=1, state="failed", reason="refused")])


class TestOtherEndings:
    def test_what_never_got_through_while_it_is_news_falls(self, monkeypatch):
        monkeypatch.setattr(outcomes, "backoff", lambda _attempts: 3 * 86_400.0)
        RecordingBackend.refuse = TransientDeliveryError("451 later")
        testing.tell("order_out_for_delivery", order())
        assert rows() == [("email", "failed", "unreachable"), ("sms", "sent", "")]

    def test_bounce_for_good_falls(self):
        testing.tell("order_paid", order())
        bounce(Message.objects.get())
        assert told() == [EMAIL, PHONE]
        assert rows() == [("email", "bounced", ""), ("sms", "sent", "")]

    def test_same_notice_again_changes_nothing(self):
        testing.tell("order_paid", order())
        for _time in range(3):
            bounce(Message.objects.get(backend="email"))
        assert told() == [EMAIL, PHONE]

    def test_soft_bounce_of_a_mail_does_not(self):
        testing.tell("order_paid", order())
        bounce(Message.objects.get(), "soft")
        assert told() == [EMAIL]

    def test_suppressed_address_falls_at_the_last_look(self):
        suppressions.suppress(address_hash(EMAIL), "bounced")
        testing.tell("order_paid", order())
        assert rows() == [("email", "skipped", "suppressed"), ("sms", "sent", "")]

    def test_suppressed_address_is_not_tried_again_when_the_next_channel_fails_too(self):
        suppressions.suppress(address_hash(EMAIL), "bounced")
        RecordingSmsBackend.refuse = RecordingPhoneBackend.refuse = NO_USER
        testing.tell("order_paid", order())
        assert rows() == [("email", "skipped", "suppressed"), ("sms", "failed", "refused"), ("phone", "failed", "refused")]

    def test_every_later_message_falls_too_and_is_told_once(self):
        testing.tell("order_paid", order())
        bounce(Message.objects.get())
        testing.tell("order_shipped", order())
        assert told() == [EMAIL, PHONE, PHONE]

    def test_what_may_have_arrived_is_not_told_elsewhere(self):
        error = TransientDeliveryError("connection lost")
        error.uncertain = True
        RecordingSmsBackend.refuse = error
        testing.tell("order_paid", order(channels={"orders": ["sms", "email"]}))
        assert rows() == [("sms", "failed", "unknown")]

    def test_what_may_have_arrived_before_it_was_refused_is_not_told_elsewhere(self, clock):
        RecordingBackend.refuse = TransientDeliveryError("connection lost")
        RecordingBackend.refuse.uncertain = True
        testing.tell("order_paid", order())
        RecordingBackend.refuse = NO_USER
        clock.advance(hours=1)
        testing.settle()
        assert rows() == [("email", "failed", "refused")]

    def test_text_that_cannot_be_made_is_no_better_elsewhere(self):
        testing.tell("order_placed", order())
        Message.objects.update(state="failed", reason="template")
        falling.after([Message.objects.get()])
        assert len(rows()) == 1

    def test_what_was_decided_not_to_be_sent_stays_so(self):
        testing.tell("order_paid", order(), notify_customer=False)
        assert rows() == [("email", "skipped", "silent")]


class TestNews:
    def test_late_bounce_of_old_news_is_not_told(self, clock):
        testing.tell("order_out_for_delivery", order())
        clock.advance(days=2)
        bounce(Message.objects.get())
        assert told() == [EMAIL]

    def test_bounce_of_what_later_news_has_overtaken_is_not_told(self, clock):
        testing.tell("order_shipped", order())
        shipped = Message.objects.get()
        clock.advance(hours=3)
        testing.tell("order_delivered", order())
        bounce(shipped)
        assert told() == [EMAIL, EMAIL]
        assert ("sms", "skipped", "stale") in rows()

    def test_cancelled_order_is_not_told_what_came_back(self):
        testing.tell("order_paid", order())
        paid = Message.objects.get()
        testing.tell("order_cancelled", order())
        bounce(paid)
        assert told() == [EMAIL, EMAIL]

    def test_erased_customer_is_not_told(self):
        testing.tell("order_paid", order())
        message = Message.objects.get()
        privacy.erase(EMAIL)
        falling.after([], bounced=[message])
        assert told() == [EMAIL]

    def test_it_waits_for_the_morning_on_a_channel_that_rings(self, clock):
        clock.advance(hours=13)
        testing.tell("order_paid", order())
        bounce(Message.objects.get())
        assert rows()[1] == ("sms", "queued", "quiet_hours")


class TestByHand:
    def test_what_somebody_sent_again_by_hand_is_left_to_them(self):
        testing.tell("order_paid", order())
        RecordingBackend.refuse = NO_USER
        resending.resend(Message.objects.get(), "n")
        testing.settle()
        assert told() == [EMAIL]

    def test_it_can_still_be_sent_again_by_hand(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order())
        RecordingBackend.refuse = None
        resending.resend(Message.objects.get(backend="email"), "n")
        testing.settle()
        assert told() == [PHONE, EMAIL]

    def test_trying_all_failures_again_spares_what_was_told_elsewhere(self):
        RecordingBackend.refuse = NO_USER
        testing.tell("order_paid", order())
        assert resending.preview(Message.objects.all()).keys == ()


class TestOffers:
    def offer(self, **values):
        """Advertising to Asha by e-mail."""
        customer = Customer.objects.create(key="account:7", email=EMAIL, phone=PHONE, channels={"offers": ["email", "sms"]})
        outbox.put([Message(
            kind="review_request", purpose="marketing", language="en", recipient=EMAIL, customer=customer, state="queued",
            due_at=app_clock.now(), expires_at=app_clock.now() + timedelta(days=5), dedupe_key=uuid4().hex, **values,
        )])
        testing.settle()

    def test_it_falls_only_where_they_agreed(self):
        consents.grant(EMAIL, topic="marketing", where="checkout", words="Yes.")
        RecordingBackend.refuse = NO_USER
        self.offer()
        assert told() == []

    def test_with_a_yes_there_it_goes(self):
        for address, channel in ((EMAIL, "email"), (PHONE, "sms")):
            consents.grant(address, topic="marketing", where="checkout", words="Yes.", channel=channel)
        RecordingBackend.refuse = NO_USER
        self.offer()
        assert told() == [PHONE]

    def test_who_complained_on_one_channel_is_not_chased_on_the_next(self):
        for address, channel in ((EMAIL, "email"), (PHONE, "sms")):
            consents.grant(address, topic="marketing", where="checkout", words="Yes.", channel=channel)
        suppressions.suppress(address_hash(EMAIL), "complained")
        self.offer()
        assert told() == []


class TestRaces:
    @pytest.fixture
    def failed(self):
        """A message that was refused, and nothing was done about it yet."""
        testing.tell("order_paid", order())
        Message.objects.update(state="failed", reason="refused")
        return Message.objects.get()

    def test_worker_and_notice_make_one_message_together(self, failed):
        falling.after([failed])
        falling.after([failed], bounced=[failed])
        assert len(rows()) == 2

    def test_choice_changed_in_between_makes_no_second_one(self, failed):
        falling.after([failed])
        preferences.choose(Customer.objects.get(), "orders", ["phone"], where="preference page")
        falling.after([failed])
        assert len(rows()) == 2

    def test_worker_that_lost_its_claim_starts_nothing(self, failed):
        Message.objects.update(state="sending", reason="", lease_token="of another")
        outcomes.keep([failed], "mine")
        assert rows() == [("email", "sending", "")]

    def test_outcome_and_what_follows_are_kept_together_or_not_at_all(self, failed, monkeypatch):
        Message.objects.update(state="sending", reason="", lease_token="mine")
        monkeypatch.setattr(falling, "next_channel", lambda _message: 1 / 0)
        outcomes.keep([failed], "mine")  # a mistake costs the next channel, and not the outcome
        assert rows() == [("email", "failed", "refused")]

    def test_same_address_on_the_next_channel_is_not_told_twice(self, failed):
        Message.objects.create(
            kind="order_paid", order=failed.order, event=failed.event, role="receiver", backend="sms", recipient=PHONE,
            recipient_hash=address_hash(PHONE), language="en", state="sent", due_at=failed.due_at, dedupe_key="x",
        )
        assert falling.next_channel(failed) == ("phone", PHONE)


class TestWords:
    def test_story_timeline_and_advice_say_so(self):
        testing.tell("order_paid", order())
        bounce(Message.objects.get())
        first, second = Message.objects.order_by("pk")
        said = "E-mail came back; told by text message instead."
        assert said in [line.title for line in story(first)]
        assert said in [line.title for line in story(second)]
        assert [entry.why for entry in entries(Order.objects.get())][-1].startswith(said)
        assert advice(first).why.endswith("It was told by text message instead.")
        assert "text message" in str(advice(second).why)
        assert "spam folder" not in str(advice(second).todo)

    @pytest.mark.parametrize(("state", "reason", "words"), [
        ("failed", "refused", "E-mail was refused; told by text message instead."),
        ("failed", "unreachable", "E-mail did not get through; told by text message instead."),
        ("skipped", "suppressed", "E-mail no longer goes to this address; told by text message instead."),
        ("skipped", "no_address", "E-mail had no usable address; told by text message instead."),
    ])
    def test_each_ending_has_its_words(self, state, reason, words):
        before = Message(backend="email", state=state, reason=reason)
        assert falling.in_words(Message(backend="sms", instead_of=before)) == words
        assert falling.in_words(before) == ""


# ---- whatever happens ----------------------------------------------------------------------------------------------

CHANNELS = ["email", "sms", "phone"]
BACKENDS = {"email": RecordingBackend, "sms": RecordingSmsBackend, "phone": RecordingPhoneBackend}
KINDS = ["order_paid", "order_shipped", "order_delayed", "order_refunded", "return_requested"]


class Story(RuleBasedStateMachine):
    """Servers refuse, hang and bounce, people change their minds, and facts come twice."""

    def __init__(self):
        super().__init__()
        self.time = app_clock.ManualClock(datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
        self.numbers = count()
        self.facts = []
        self.stage = ExitStack()
        self.stage.enter_context(app_clock.using(self.time))
        self.stage.enter_context(transaction.atomic())
        testing.forget()
        testing.tell("order_placed", order())

    def teardown(self):
        transaction.set_rollback(True)
        self.stage.close()

    @rule(channel=strategies.sampled_from(CHANNELS), how=strategies.sampled_from(["works", "works", "refuses", "is_away", "is_doubtful"]))
    def server(self, channel, how):
        error = {"works": None, "refuses": PermanentDeliveryError("no"), "is_away": TransientDeliveryError("later")}.get(how)
        if how == "is_doubtful":
            error = TransientDeliveryError("lost")
            error.uncertain = True
        BACKENDS[channel].refuse = error

    @rule(wanted=strategies.lists(strategies.sampled_from(CHANNELS), unique=True, min_size=1))
    def chooses(self, wanted):
        preferences.choose(Customer.objects.get(), "orders", wanted, where="page")

    @rule(kind=strategies.sampled_from(KINDS), twice=strategies.booleans())
    def happens(self, kind, twice):
        key = f"{kind}-{next(self.numbers)}"
        for _time in range(1 + twice):
            testing.tell(kind, order(), event_key=key)

    @rule()
    def bounces(self):
        message = Message.objects.filter(state="sent", backend="email").order_by("-pk").first()
        if message:
            bounce(message)

    @rule(hours=strategies.sampled_from([0.1, 1, 9, 26]))
    def time_passes(self, hours):
        self.time.advance(hours=hours)
        testing.settle()

    @invariant()
    def nobody_hears_a_fact_twice_on_a_channel(self):
        seen = set()
        for message in Message.objects.filter(sent_at__isnull=False):
            key = (message.event_id, message.kind, message.backend, message.recipient)
            assert key not in seen
            seen.add(key)

    @invariant()
    def a_channel_is_never_tried_again_for_what_failed_on_it(self):
        for message in Message.objects.filter(instead_of__isnull=False).select_related("instead_of"):
            tried, before = [message.backend], message.instead_of
            while before:
                tried.append(before.backend)
                before = before.instead_of
            assert len(tried) == len(set(tried))

    @invariant()
    def while_a_wanted_channel_is_left_and_it_is_news_one_is_tried(self):
        ends = Message.objects.filter(state="failed", reason="refused", replacements=None, repeats=None, possible_duplicate=False)
        for message in ends.filter(expires_at__gt=app_clock.now()):
            assert falling.next_channel(message) is None or message.order.cancelled_at or _wanted_more_since(message)


def _wanted_more_since(message):
    """They chose another channel only after it had been given up."""
    said = Customer.objects.get().chosen["orders"]["at"]
    return datetime.fromisoformat(said) >= message.due_at


@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
def test_whatever_happens_each_fact_is_told_once_on_a_channel():
    run_state_machine_as_test(Story, settings=settings(
        max_examples=12, stateful_step_count=10, deadline=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    ))
