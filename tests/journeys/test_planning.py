"""What is said, to whom, when, and why not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms import testing
from ecommerce_comms.exceptions import PermanentDeliveryError, TransientDeliveryError
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.journeys.timeline import entries
from ecommerce_comms.models import Message, Order, Rule
from ecommerce_comms.signals import EVENT_SIGNALS
from ecommerce_comms.snapshots import CustomerSnapshot, LineSnapshot, ParcelSnapshot


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, db):
    """Snapshots stand in for orders."""


def decisions(kind):
    """State and reason of each message of ``kind``."""
    return list(Message.objects.filter(kind=kind).order_by("pk").values_list("state", "reason"))


def kinds():
    """What was sent."""
    return [mail.kind for mail in testing.sent()]


@pytest.mark.parametrize("kind", EVENT_SIGNALS)
def test_every_event_tells_the_customer(kind):
    testing.tell(kind, testing.order())
    assert kinds() == [kind]


def test_every_rule_is_set_off_by_a_signal():
    assert {spec.trigger for spec in SPECS.values()} == set(EVENT_SIGNALS)


def test_switched_off_rule_leaves_its_reason():
    Rule.objects.filter(kind="order_paid").update(is_active=False)
    testing.tell("order_paid", testing.order())
    assert decisions("order_paid") == [("skipped", "rule_off")]


def test_delay_of_a_rule_is_obeyed(clock):
    Rule.objects.filter(kind="order_paid").update(delay_hours=2)
    testing.tell("order_paid", testing.order())
    assert kinds() == []
    clock.advance(hours=2)
    testing.settle()
    assert kinds() == ["order_paid"]


def test_shop_can_keep_a_fact_to_itself():
    testing.tell("order_paid", testing.order(), notify_customer=False)
    assert decisions("order_paid") == [("skipped", "silent")]


def test_old_facts_are_kept_but_not_told(clock):
    testing.tell("order_delivered", testing.order(), occurred_at=clock() - timedelta(days=8))
    assert decisions("order_delivered") == [("skipped", "stale")]


@pytest.mark.parametrize("address", [
    "", "   ", "asha", "a@b", "a@" + "x" * 320 + ".example", "a@x.example,b@y.example", "a@x.example\r\nBcc: v@x.example",
])
def test_unusable_address_is_skipped_and_nothing_else_suffers(address):
    testing.tell("order_placed", testing.order(customer=CustomerSnapshot(email=address)))
    assert decisions("order_placed") == [("skipped", "no_address")]
    assert Order.objects.get().status == Order.Status.PLACED


def test_same_fact_under_two_keys_is_said_once():
    testing.tell("order_paid", testing.order(), event_key="webhook")
    testing.tell("order_paid", testing.order(), event_key="poll")
    assert kinds() == ["order_paid"]
    assert decisions("order_paid") == [("sent", ""), ("skipped", "duplicate")]


def test_fact_told_again_makes_up_for_a_message_that_was_given_up():
    testing.RecordingBackend.refuse = PermanentDeliveryError("550 no such user")
    testing.tell("order_paid", testing.order(), event_key="webhook")
    testing.RecordingBackend.refuse = None
    testing.tell("order_paid", testing.order(), event_key="poll")
    assert decisions("order_paid") == [("failed", "refused"), ("sent", "")]


class TestCancelled:
    def test_cancelled_order_is_not_mailed_what_was_queued_before(self):
        testing.RecordingBackend.refuse = TransientDeliveryError("451 later")
        testing.tell("order_paid", testing.order())
        testing.RecordingBackend.refuse = None
        testing.tell("order_cancelled", testing.order())
        assert kinds() == ["order_cancelled"]
        assert decisions("order_paid") == [("skipped", "obsolete")]

    def test_nothing_but_money_and_returns_is_said_after_a_cancellation(self):
        for kind in ("order_cancelled", "order_shipped", "order_delivered", "order_refunded"):
            testing.tell(kind, testing.order())
        assert kinds() == ["order_cancelled", "order_refunded"]


class TestReviewRequest:
    def test_it_comes_a_week_after_the_arrival(self, clock):
        testing.tell("order_delivered", testing.order())
        assert decisions("review_request") == [("scheduled", "")]
        clock.advance(days=6, hours=23)
        testing.settle()
        assert "review_request" not in kinds()
        clock.advance(hours=1)
        testing.settle()
        assert kinds() == ["order_delivered", "review_request"]

    def test_it_waits_for_the_last_parcel(self, clock):
        lines = (LineSnapshot(sku="a"), LineSnapshot(sku="b"))
        order = testing.order(lines=lines)
        testing.tell("order_delivered", order, parcel=ParcelSnapshot(reference="1", lines=lines[:1]))
        assert decisions("review_request") == [("held", "outstanding")]
        clock.advance(days=10)
        testing.tell("order_delivered", order, parcel=ParcelSnapshot(reference="2", lines=lines[1:]))
        message = Message.objects.get(kind="review_request")
        assert (message.state, message.due_at) == ("scheduled", clock() + timedelta(days=7))

    @pytest.mark.parametrize(("trouble", "reason"), [
        ({"kind": "return_requested"}, "returning"),
        ({"kind": "order_changed", "disputed": True}, "disputed"),
    ])
    def test_it_waits_while_something_is_wrong(self, clock, trouble, reason):
        testing.tell("order_delivered", testing.order())
        kind = trouble.pop("kind")
        testing.tell(kind, testing.order(**trouble))
        assert decisions("review_request") == [("held", reason)]
        clock.advance(days=20)
        testing.settle()
        assert "review_request" not in kinds()

    def test_it_goes_on_when_the_trouble_is_over(self, clock):
        testing.tell("order_delivered", testing.order())
        testing.tell("order_changed", testing.order(disputed=True))
        clock.advance(days=9)
        testing.tell("order_changed", testing.order(disputed=False))
        assert "review_request" in kinds()

    @pytest.mark.parametrize("kind", ["return_received", "order_refunded"])
    def test_nobody_is_asked_about_what_was_sent_back(self, clock, kind):
        testing.tell("order_delivered", testing.order())
        testing.tell(kind, testing.order())
        assert decisions("review_request") == [("skipped", "returned")]

    def test_rule_switched_off_meanwhile_stops_it(self, clock):
        testing.tell("order_delivered", testing.order())
        Rule.objects.filter(kind="review_request").update(is_active=False)
        clock.advance(days=8)
        testing.settle()
        assert decisions("review_request") == [("skipped", "rule_off")]


class TestLate:
    def test_late_order_is_told_before_the_customer_asks(self, clock):
        testing.tell("order_placed", testing.order(promised_latest=date(2026, 3, 4)))
        clock.advance(days=2)
        testing.settle()
        assert kinds() == ["order_placed"]
        clock.advance(days=1)
        testing.settle()
        assert kinds() == ["order_placed", "order_delayed"]

    def test_delay_is_not_told_of_what_has_arrived(self, clock):
        testing.tell("order_placed", testing.order(promised_latest=date(2026, 3, 4)))
        testing.tell("order_delivered", testing.order())
        clock.advance(days=10)
        testing.settle()
        assert "order_delayed" not in kinds()


def test_changed_order_is_told_as_it_is_at_the_end(clock):
    Rule.objects.filter(kind="order_paid").update(delay_hours=1)
    testing.tell("order_paid", testing.order())
    clock.advance(minutes=10)
    testing.tell("order_changed", testing.order(lines=(LineSnapshot(title="A lamp instead"),)))
    clock.advance(hours=1)
    testing.settle()
    assert [line["title"] for line in Message.objects.get(kind="order_paid").facts["order"]["lines"]] == ["A lamp instead"]


def test_corrected_address_is_used_for_what_was_not_sent_yet(clock):
    Rule.objects.filter(kind="order_paid").update(delay_hours=1)
    testing.tell("order_paid", testing.order(customer=CustomerSnapshot(email="ahsa@customers.example")))
    clock.advance(minutes=10)
    testing.tell("order_changed", testing.order(customer=CustomerSnapshot(email="asha@customers.example")))
    clock.advance(hours=1)
    testing.settle()
    assert {mail.recipient for mail in testing.sent()} == {"asha@customers.example"}


def test_timeline_tells_what_happened_what_was_promised_and_why(clock):
    Rule.objects.filter(kind="order_paid").update(is_active=False)
    testing.tell("order_placed", testing.order(promised_latest=date(2026, 3, 6)))
    testing.tell("order_paid", testing.order())
    story = [(entry.what, entry.state) for entry in entries(Order.objects.get())]
    assert [what for what, _state in story] == ["event", "event", "promise", "message", "message"]
    assert story[-1][1] == "not sent"
    assert "switched off" in entries(Order.objects.get())[-1].why
