"""What a person and the shop said to each other: calls, and conversations line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from ecommerce_comms import clock
from ecommerce_comms.chat import conversations
from ecommerce_comms.chat.models import ChatMessage, Conversation
from ecommerce_comms.contact.closing import OPEN
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.orders.redaction import words_in
from ecommerce_comms.privacy.subjects import Person, chunks

State, Ending = CallbackRequest.State, CallbackRequest.Ending


def conversations_of(person: Person) -> QuerySet[Conversation]:
    """Their conversations, open and closed."""
    return Conversation.objects.filter(customer__in=person.pks).order_by("pk")


def lines_of(person: Person) -> QuerySet[ChatMessage]:
    """Every line of these."""
    return ChatMessage.objects.filter(conversation__customer__in=person.pks).order_by("conversation", "number")


def words(person: Person) -> set[str]:
    """Names and numbers that stand in the calls alone."""
    found: set[str] = set()
    for rows in chunks(CallbackRequest.objects.all(), "pk", person.calls):
        for name, number in rows.values_list("name", "number"):
            found |= words_in(names=[name], addresses=[number])
    return found


def erase(person: Person) -> None:
    """Nobody is called any more; that there were calls and lines, and when, stays, and what was said goes."""
    for rows in chunks(CallbackRequest.objects.all(), "pk", person.calls):
        rows.filter(state__in=OPEN).update(
            state=State.NOT_NEEDED, ending=Ending.ERASED, closed_at=clock.now(), taken_by=None, taken_at=None,
        )
        rows.update(
            number="", number_hash="", name="", wishes="", reason="", text="", script={},
            key=Concat(Value("erased:"), Cast("pk", CharField(max_length=20))),
        )
    for tries in chunks(CallTry.objects.all(), "callback", person.calls):
        tries.update(note="")
    conversations.close(conversations_of(person))
    ChatMessage.objects.filter(pk__in=lines_of(person).order_by().values("pk")).update(
        text="", client_id=Concat(Value("erased:"), Cast("number", CharField(max_length=20))),
    )


def export(person: Person, row: Any) -> dict[str, list[dict[str, Any]]]:
    """The calls with their tries, and the conversations with their lines; ``row`` makes plain data of a row."""
    return {"calls": list(_calls(person, row)), "conversations": list(_conversations(person, row))}


def _calls(person: Person, row: Any) -> Iterator[dict[str, Any]]:
    for rows in chunks(CallbackRequest.objects.select_related("order").order_by("pk"), "pk", person.calls):
        for item in rows:
            tries = [row(each) for each in item.calls.order_by("number")]
            yield {**row(item), "order": item.order.reference if item.order else "", "calls": tries}


def _conversations(person: Person, row: Any) -> Iterator[dict[str, Any]]:
    for each in conversations_of(person):
        yield {**row(each), "lines": [row(line) for line in each.lines.order_by("number")]}
