"""A merchant reads what was said."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms.chat import conversations, lines
from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    """The page of a conversation with two lines."""
    client.force_login(User.objects.create_superuser("mira"))
    talk = conversations.open_for(Customer.objects.create(key="account:7", first_name="Asha"))
    lines.append(talk, "<b>Where</b> is it?", author=ChatMessage.Author.CUSTOMER, client_id="a")
    lines.append(talk, "On its way.", author=ChatMessage.Author.SHOP, client_id="b")
    return lambda: client.get(reverse("admin:ecommerce_comms_conversation_change", args=[talk.pk])).content.decode()


def test_transcript_tells_every_line_in_order_and_runs_none(page):
    text = page()
    assert text.index("&lt;b&gt;Where&lt;/b&gt; is it?") < text.index("On its way.")
    assert "<b>Where" not in text


def test_long_conversation_shows_its_end_and_says_so(page, monkeypatch):
    monkeypatch.setattr("ecommerce_comms.chat.admin.SHOWN", 1)
    text = page()
    assert "1 older line is not shown" in text
    assert "Where" not in text


def test_erased_line_says_so(page):
    ChatMessage.objects.update(text="")
    Conversation.objects.update(customer=None)
    assert "erased" in page()
