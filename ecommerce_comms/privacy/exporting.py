"""Everything that is kept of one person, as plain data.

::

    {
        "format": "ecommerce_comms.export", "version": 1, "made_at": "2026-03-02T04:30:00+00:00",
        "customers": [{"reference", "email", "phone", "first_name", …}],
        "orders": [{"reference", "number", "status", "snapshot", …, "parcels": […], "events": […], "promises": […]}],
        "other_events": [{"kind", "order_reference", "snapshot", …}],
        "messages": [{"uid", "kind", "state", "recipient", "subject", "text", "text_is_kept", …, "tries": […], "notices": […]}],
        "calls": [{"by", "number", "reason", "state", …, "calls": […]}],
        "conversations": [{"created_at", …, "lines": [{"number", "author", "text", …}]}],
        "consents": [{"topic", "granted", "at", "where", "words", "evidence", …}],
        "suppressions": [{"scope", "reason", "since", …}],
        "told_of": [{"order", "role", "name", "email", …}],
    }

Moments are ISO 8601 in UTC, days ISO dates, amounts decimal text. An address that belongs to somebody else, who once stood in
one of these orders, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, Prefetch, QuerySet

from ecommerce_comms import clock
from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent, Template
from ecommerce_comms.messaging.speaking import rereading
from ecommerce_comms.orders.models import Order, OrderEvent, Parcel
from ecommerce_comms.orders.redaction import redacted
from ecommerce_comms.privacy import mentions, talks
from ecommerce_comms.privacy.leftovers import read_spool
from ecommerce_comms.privacy.subjects import Person, chunks, find, is_theirs
from ecommerce_comms.shipping.models import Lateness, Promise, Scan

FORMAT, VERSION = "ecommerce_comms.export", 1
Json = dict[str, Any]
_TECHNICAL = frozenset({
    "id", "key", "address_hash", "recipient_hash", "dedupe_key", "lease_token", "provider_until", "next_try_at", "event_key", "order_key",
    "message_uid", "number_hash", "client_id",
})
"""Fields that say nothing of anybody."""


def export(identifier: str) -> Json:
    """Everything that is kept of the person whom ``identifier`` names: an e-mail address, a phone number or an account.

    Plain JSON data in the shape that stands at the head of this module. Raises ``UnknownPerson`` and ``AmbiguousPerson``.
    """
    read_spool()
    person = find(identifier)
    found = {
        "format": FORMAT, "version": VERSION, "made_at": clock.now(),
        "customers": [_row(customer) for customer in person.customers],
        "orders": list(_orders(person)),
        "other_events": [_event(person, event) for rows in chunks(_events(), "pk", person.strays) for event in rows],
        "messages": list(_messages(person)),
        **talks.export(person, _row),
        "consents": _rows(person.consents),
        "suppressions": _rows(person.suppressions),
        "told_of": list(mentions.exported(person.mentions, person.hashes)),
    }
    plain: Json = json.loads(json.dumps(found, default=_plain))
    return plain


def _orders(person: Person) -> Iterator[Json]:
    for orders in chunks(_with_parts(), "pk", list(person.orders.values_list("pk", flat=True))):
        for order in orders:
            events = _events().filter(order_key=order.key)
            order.snapshot = mentions.without_others(order.snapshot)
            yield {
                **_row(order),
                "parcels": _rows(order.parcels.all()),
                "events": [_event(person, event) for event in events],
                "promises": [{**_row(promise), "parcel": _reference(promise.parcel)} for promise in order.promises.all()],
                "scans": [{**_row(scan), "parcel": _reference(scan.parcel)} for scan in _scans(order)],
                "delays": [{**_row(late), "parcel": _reference(late.parcel)} for late in _delays(order)],
            }


def _with_parts() -> QuerySet[Order]:
    promises = Promise.objects.select_related("parcel").order_by("made_at", "pk")
    return Order.objects.order_by("pk").prefetch_related(
        Prefetch("parcels", Parcel.objects.order_by("pk")), Prefetch("promises", promises))


def _scans(order: Order) -> QuerySet[Scan]:
    return Scan.objects.filter(parcel__order=order).select_related("parcel").order_by("occurred_at", "pk")


def _delays(order: Order) -> QuerySet[Lateness]:
    return Lateness.objects.filter(order=order).select_related("parcel").order_by("found_at", "pk")


def _events() -> QuerySet[OrderEvent]:
    return OrderEvent.objects.order_by("occurred_at", "pk")


def _event(person: Person, event: OrderEvent) -> Json:
    """A snapshot that names somebody else, whose order it was before, stays without them."""
    if event.snapshot and not is_theirs(person, event.snapshot):
        event.snapshot = redacted(event.snapshot)
    event.snapshot = mentions.without_others(event.snapshot)
    return _row(event)


def _messages(person: Person) -> Iterator[Json]:
    own = {(text.kind, text.language): text for text in Template.objects.filter(is_active=True)}
    rows = Message.objects.select_related("order", "parcel").order_by("decided_at", "pk").prefetch_related(
        Prefetch("tries", Attempt.objects.order_by("number", "pk")),
        Prefetch("provider_events", ProviderEvent.objects.order_by("occurred_at", "pk")),
    )
    for messages in chunks(rows, "pk", person.messages):
        for message in messages:
            if message.role and message.recipient_hash not in person.hashes:
                message.recipient, message.recipient_name, message.subject, message.facts, message.words = "", "", "", {}, {}
            yield {
                **_row(message),
                "order": _reference(message.order), "parcel": _reference(message.parcel),
                **_text(message, own), "tries": _rows(message.tries.all()), "notices": _rows(message.provider_events.all()),
            }


def _text(message: Message, own: rereading.Own) -> dict[str, Any]:
    """What it said, in the words that were kept; those of messages that have none are made anew from their facts."""
    try:
        made = rereading.reread(message, own)
    except TemplateError:  # nothing is kept of it, or there is no text of this kind any more
        return {"text": "", "text_is_kept": False}
    return {"text": rereading.as_read(message, made), "text_is_kept": made.is_kept}


def _reference(row: Order | Parcel | None) -> str:
    return row.reference if row else ""


def _rows(rows: Iterable[Model]) -> list[Json]:
    return [_row(row) for row in rows]


def _row(row: Model) -> Json:
    """Every field of a row that says something."""
    shown = (field for field in row._meta.concrete_fields if not field.is_relation and field.name not in _TECHNICAL)
    return {field.name: field.value_from_object(row) for field in shown}


def _plain(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
