"""Conversations: a customer has one that is open."""

from __future__ import annotations

from django.db.models import QuerySet

from ecommerce_comms import clock, keys
from ecommerce_comms.chat.models import Conversation
from ecommerce_comms.customers.models import Customer


def open_for(customer: Customer, language: str = "") -> Conversation:
    """The open conversation of ``customer``, made now in ``language`` (IETF tag) if there is none; two who ask at once get the same."""
    key = keys.make("open", customer.key)
    if found := Conversation.objects.filter(key=key).first():
        return found
    Conversation.objects.bulk_create(
        [Conversation(key=key, customer=customer, language=language or customer.language)], ignore_conflicts=True
    )
    return Conversation.objects.get(key=key)


def close(conversations: QuerySet[Conversation]) -> int:
    """Close those that are open; what is said next begins a new one. Returns how many were."""
    closed = 0
    for pk, uid in conversations.filter(closed_at=None).values_list("pk", "uid"):
        closed += Conversation.objects.filter(pk=pk, closed_at=None).update(key=keys.make("closed", uid.hex), closed_at=clock.now())
    return closed
