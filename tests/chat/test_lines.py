"""Lines of a conversation: numbered without a gap, there once, and told on one channel as on any other."""

from __future__ import annotations

from functools import partial

import pytest

from ecommerce_comms import testing
from ecommerce_comms.chat import conversations, lines
from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.backends.base import Outgoing, get_backend
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order
from tests.racing import at_once, shared  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
Author = ChatMessage.Author


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings):
    """A shop that says messages in conversations too."""
    channels = {**testing.SETTINGS["BACKENDS"], "chat": "ecommerce_comms.chat.lines.ChatBackend"}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": channels}


@pytest.fixture
def asha():
    """A customer."""
    return Customer.objects.create(key="account:7", first_name="Asha", language="hi")


@pytest.fixture
def message(asha, clock):
    """Puts a message for Asha that is told in her conversation."""
    def put(**fields):
        testing.tell("order_placed", testing.order())
        usual = {
            "kind": "order_delayed", "order": Order.objects.get(), "customer": asha, "language": "en", "backend": "chat",
            "recipient": asha.key, "state": Message.State.QUEUED, "due_at": clock(), "dedupe_key": "test:1",
            "facts": {"order": {"number": "1001"}, "promise": {"latest": "2026-03-11"}},
        }
        outbox.put([Message(**{**usual, **fields})])
        return Message.objects.get(dedupe_key="test:1")
    return put


def test_message_becomes_a_line_of_the_customers_conversation(message, asha):
    row = message()
    testing.settle()
    row.refresh_from_db()
    line = ChatMessage.objects.get()
    assert (line.conversation.customer, line.number, line.author, line.message, line.language) == (asha, 1, Author.SHOP, row, "en")
    assert "1001" in line.text
    assert (row.state, row.provider_message_id) == (Message.State.SENT, f"{line.conversation_id}:1")


def test_message_that_is_handed_over_again_is_said_once(message):
    row = message()
    testing.settle()
    outgoing = Outgoing(recipient=row.recipient, recipient_name="", subject="Late", message_id="x", kind=row.kind, key=row.uid.hex)
    conversations.close(Conversation.objects.all())
    get_backend("chat").send(outgoing)
    assert ChatMessage.objects.count() == 1


def test_customer_who_is_gone_is_a_failure_for_good(message, asha):
    row = message()
    Customer.objects.filter(pk=asha.pk).update(key="erased:1")
    testing.settle()
    row.refresh_from_db()
    assert (row.state, row.reason) == (Message.State.FAILED, Message.Reason.REFUSED)
    assert not Conversation.objects.exists()


def test_what_is_no_message_of_ours_is_not_written():
    with pytest.raises(PermanentDeliveryError, match="no message with this key"):
        get_backend("chat").send(Outgoing(recipient="account:7", recipient_name="", subject="x", message_id="x", kind="test", key="0" * 32))


def test_customer_has_one_open_conversation(asha):
    first = conversations.open_for(asha)
    assert conversations.open_for(asha) == first
    assert conversations.close(Conversation.objects.filter(pk=first.pk)) == 1
    assert conversations.open_for(asha) != first


def test_numbers_count_on_and_the_conversation_knows_its_last(asha):
    talk = conversations.open_for(asha)
    for text in ("Hello", "Where is it?", "On its way."):
        lines.append(talk, text, author=Author.CUSTOMER, client_id=text)
    talk.refresh_from_db()
    assert list(talk.lines.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert talk.last_number == 3


def test_line_that_is_sent_again_is_the_same_line_and_uses_up_no_number(asha):
    talk = conversations.open_for(asha)
    first = lines.append(talk, "Hello", author=Author.CUSTOMER, client_id="a")
    assert lines.append(talk, "Hello", author=Author.CUSTOMER, client_id="a") == first
    assert lines.append(talk, "Well?", author=Author.CUSTOMER, client_id="b").number == 2


def test_names_of_lines_that_differ_in_case_are_two(asha):
    talk = conversations.open_for(asha)
    for client_id in ("x", "X"):
        lines.append(talk, client_id, author=Author.CUSTOMER, client_id=client_id)
    assert talk.lines.count() == 2


def test_long_line_is_cut_and_kept(asha):
    talk = conversations.open_for(asha)
    assert len(lines.append(talk, "x" * 5_000, author=Author.CUSTOMER, client_id="a").text) == lines.LONGEST


@pytest.mark.usefixtures("shared")
@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_leave_neither_gap_nor_double():
    talk = conversations.open_for(Customer.objects.create(key="account:7"))

    def writer(name, client_id):
        for number in range(20):
            lines.append(talk, f"{name} {number}", author=Author.CUSTOMER, client_id=f"{client_id}-{number}")

    # The last two are one browser that sends everything twice.
    assert at_once(*(partial(writer, *names) for names in ("aa", "bb", "cx", "dx"))) == [None] * 4
    assert list(talk.lines.order_by("number").values_list("number", flat=True)) == list(range(1, 61))
    assert talk.lines.values("client_id").distinct().count() == 60
    said_by_a = [line.text for line in talk.lines.order_by("number") if line.text.startswith("a ")]
    assert said_by_a == [f"a {number}" for number in range(20)]


@pytest.mark.usefixtures("shared")
@pytest.mark.django_db(transaction=True)
def test_many_who_open_at_once_get_the_same_conversation():
    asha = Customer.objects.create(key="account:7")
    found = at_once(*[lambda: conversations.open_for(asha).pk] * 4)
    assert found == [Conversation.objects.get().pk] * 4
