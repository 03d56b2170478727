"""The door of messaging: what can never be sent is refused, and what was given up begins a new life."""

from __future__ import annotations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.exceptions import CommsError, PermanentDeliveryError, TemplateError
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Attempt, Message, Template

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


def of_kind(kind, clock, language="en"):
    """A message as a shop's own code would make it."""
    return Message(kind=kind, language=language, recipient="asha@customers.example", dedupe_key=f"mine:{kind}", state=State.QUEUED,
                   due_at=clock())


class TestUnknownKind:
    def test_it_is_refused_with_what_is_wrong_and_how_to_mend_it(self, clock):
        with pytest.raises(TemplateError) as caught:
            outbox.put([of_kind("order_paid", clock), of_kind("gift_card", clock)])
        assert isinstance(caught.value, CommsError)
        for said in ("messaging.outbox.put", "'gift_card'", "'en'", "order_placed", "Template"):
            assert said in str(caught.value)
        assert Message.objects.count() == 0

    def test_merchants_own_text_of_the_kind_makes_it_known(self, clock):
        Template.objects.create(kind="gift_card", language="en", subject="A gift", body="For you.")
        outbox.put([of_kind("gift_card", clock)])
        assert Message.objects.get().kind == "gift_card"

    @pytest.mark.parametrize("text", [{"language": "hi"}, {"language": "en", "is_active": False}])
    def test_text_in_another_language_or_not_in_use_does_not(self, clock, text):
        Template.objects.create(kind="gift_card", subject="A gift", body="For you.", **text)
        with pytest.raises(TemplateError):
            outbox.put([of_kind("gift_card", clock)])

    def test_known_kinds_take_no_query_more(self, clock, django_assert_num_queries):
        outbox.put([of_kind("order_paid", clock)])
        with django_assert_num_queries(0):
            assert outbox.has_text(Message.objects.none().model(kind="order_paid", language="en"))


class TestRetry:
    @pytest.fixture
    def failed(self):
        """Two messages that were given up."""
        testing.RecordingBackend.refuse = PermanentDeliveryError("550 no")
        for number in "12":
            testing.tell("order_placed", testing.order(number))
        testing.RecordingBackend.refuse = None
        return list(Message.objects.order_by("pk"))

    def test_each_leaves_one_line_and_keeps_its_earlier_tries(self, failed):
        assert outbox.retry(Message.objects.all(), by="mira") == 2
        for message in failed:
            assert list(message.tries.order_by("pk").values_list("outcome", "answer")) == [
                ("permanent", "A message was refused for good. 550 no"), ("again", "mira")]

    def test_second_one_finds_nothing_and_leaves_no_line(self, failed):
        outbox.retry(Message.objects.all())
        assert outbox.retry(Message.objects.all()) == 0
        assert Attempt.objects.filter(outcome="again").count() == 2

    def test_what_was_queued_again_is_free_to_be_claimed(self, failed):
        outbox.retry(Message.objects.filter(pk=failed[0].pk))
        assert set(Message.objects.values_list("state", "lease_token")) == {(State.QUEUED, ""), (State.FAILED, "")}
        testing.settle()
        assert len(testing.sent()) == 1
