"""What stays of an order whose customer was erased: numbers, dates, amounts and the country, and nothing of the person.

What stays is listed, so that what a shop or a later version adds is left out by itself. The mark of such an order stands in its
snapshot: whoever has the order knows it without another query, and what the shop tells of it later is taken in this form only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.masking import hide
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.rows import update_each

MARK = "erased"
"""Name in the snapshot; ``OrderSnapshot`` does not read it."""
FORGOTTEN = "forgotten"
"""Another one: hashes of the addresses of recipients who asked to be forgotten, and are left out of what the shop tells later."""
Json = dict[str, Any]
_ORDER = (
    "reference", "number", "placed_at", "currency", "total", "shipping_price", "shipping_option", "promised_earliest", "promised_latest",
    "site", "disputed",
)
_PARCEL = ("reference", "carrier", "service", "tracking_number", "of")
_LINE = ("reference", "sku", "quantity", "price")
_DATA = ("earliest", "latest", "amount")
"""Dates and amounts; everything else in an event's data is free text or a link."""
REDACTED = ("snapshot", "parcel", "data", "error")
"""Fields of an event that ``redact`` changes."""


def is_erased(order: Order) -> bool:
    """Whether the data of its customer was erased."""
    return bool(order.snapshot.get(MARK))


def redact_told(histories: Mapping[str, History], events: Sequence[OrderEvent]) -> None:
    """Take the person out of ``events`` about erased orders, in memory and in their rows; by order key, inside a transaction.

    Recipients who asked to be forgotten are taken out of events about any order.
    """
    _forget_told(histories, events)
    erased = {key: history for key, history in histories.items() if is_erased(history.order)}
    told = [event for event in events if event.order_key in erased]
    for event in told:
        redact(event)
    update_each(told, REDACTED)
    for history in erased.values():
        for event in history.events:
            event.parcel, event.data = redacted_parcel(event.parcel), redacted_data(event.data)


def _forget_told(histories: Mapping[str, History], events: Sequence[OrderEvent]) -> None:
    forgotten = {key: found for key, history in histories.items() if (found := history.order.snapshot.get(FORGOTTEN))}
    told = [event for event in events if event.order_key in forgotten and event.snapshot is not None]
    for event in told:
        event.snapshot = without_recipients(event.snapshot or {}, forgotten[event.order_key])
    update_each(told, ["snapshot"])


def without_recipients(snapshot: Json, hashes: Collection[str]) -> Json:
    """An ``OrderSnapshot`` as JSON without the recipients who have an address with one of ``hashes``, and with the mark of that."""
    left = [each for each in recipients_of(snapshot) if hashes_of(each).isdisjoint(hashes)]
    others = {name: value for name, value in snapshot.items() if name != "recipients"}
    return {**others, **({"recipients": left} if left else {}), FORGOTTEN: sorted({*snapshot.get(FORGOTTEN, ()), *hashes})}


def recipients_of(snapshot: Json | None) -> list[Json]:
    """Who else is told of the order of ``snapshot`` (JSON)."""
    listed = (snapshot or {}).get("recipients") or ()
    return [each for each in listed if isinstance(each, dict)]


def hashes_of(recipient: Json) -> set[str]:
    """Of the addresses of a ``RecipientSnapshot`` as JSON, under today's key and older ones."""
    return {each for name in ("email", "phone") for each in address_hashes(str(recipient.get(name, ""))) if each}


def redact(event: OrderEvent, words: Iterable[str] = ()) -> None:
    """Take the person, and ``words``, out of ``event``; the row is not written."""
    every = {*words, *words_of(event.snapshot or {})}
    event.snapshot = redacted(event.snapshot, every) if event.snapshot is not None else None
    event.parcel = redacted_parcel(event.parcel, every)
    event.data, event.error = redacted_data(event.data), ""


def redacted(snapshot: Json, words: Iterable[str] = ()) -> Json:
    """An ``OrderSnapshot`` as JSON without the person, and with the mark.

    Titles of lines stay, as an order's record, but for the person's own name, address and ``words`` in them.
    """
    every = {*words, *words_of(snapshot)}
    country = _part(snapshot, "address").get("country")
    where = {"address": {"country": country}} if country else {}
    return {**_only(snapshot, _ORDER), **where, **_lines(snapshot, every), MARK: True}


def redacted_parcel(parcel: Json | None, words: Iterable[str] = ()) -> Json | None:
    """A ``ParcelSnapshot`` as JSON without links, which lead to the address, and without ``words`` in its lines."""
    return None if parcel is None else {**_only(parcel, _PARCEL), **_lines(parcel, set(words))}


def redacted_data(data: Json) -> Json:
    """An event's own data without free texts and links."""
    return _only(data, _DATA)


def words_of(snapshot: Json) -> set[str]:
    """What tells who the customer of ``snapshot`` (JSON) and the others in it are, and where, as it may stand in other texts."""
    customer, address, others = _part(snapshot, "customer"), _part(snapshot, "address"), recipients_of(snapshot)
    names = [customer.get("first_name"), customer.get("last_name"), address.get("name"), *(each.get("name") for each in others)]
    places = [*(address.get("lines") or ()), address.get("postcode"), address.get("city")]
    return words_in(names=names, places=places, addresses=[each.get(name) for each in (customer, *others) for name in ("email", "phone")])


def words_in(*, names: Iterable[Any] = (), places: Iterable[Any] = (), addresses: Iterable[Any] = ()) -> set[str]:
    """Names whole and word by word, lines of an address with and without the house number, and addresses as they are."""
    whole = {str(name) for name in names if name}
    lines = {str(place) for place in places if place}
    streets = {re.sub(r"^[\d\W]+|[\d\W]+$", "", line) for line in lines}
    found = {*whole, *(word for name in whole for word in name.split()), *lines, *streets, *(str(each) for each in addresses if each)}
    return {word.strip() for word in found if len(word.strip()) > 1 or not word.isascii()}


def _lines(snapshot: Json, words: set[str]) -> Json:
    lines = [
        {**_only(line, _LINE), **({"title": hide(str(line["title"]), words)} if line.get("title") else {})}
        for line in snapshot.get("lines") or ()
    ]
    return {"lines": lines} if lines else {}


def _only(data: Json, names: Iterable[str]) -> Json:
    return {name: data[name] for name in names if name in data}


def _part(snapshot: Json, name: str) -> Json:
    part = snapshot.get(name)
    return part if isinstance(part, dict) else {}
