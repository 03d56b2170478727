"""Orders that do not exist, for trying a text out: usual, without what may be missing, and with other dates and amounts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ecommerce_comms.messaging.writing import facts, texts

Facts = dict[str, Any]
SAMPLE: Facts = {
    "customer": {"first_name": "Asha", "last_name": "Rao", "name": "Asha Rao"},
    "order": {
        "number": "1001", "placed_at": "2026-12-01T10:00:00+00:00", "url": "https://shop.example/orders/1001", "currency": "INR",
        "retry_payment_url": "https://shop.example/pay/1001", "total": "1499.00", "shipping_price": "49.00",
        "address": ["Asha Rao", "12 Lake Road", "700001 Kolkata"],
        "lines": [{"title": "Teapot", "quantity": 1, "price": "1450.00", "url": "https://shop.example/teapot"}],
    },
    "parcel": {
        "reference": "1", "number": 1, "of": 2, "carrier": "Blue Dart", "tracking_number": "BD123", "tracking_url": "https://track.example/BD123",
    },
    "promise": {"earliest": "2026-12-03", "latest": "2026-12-05", "was_earliest": "2026-12-02", "was_latest": "2026-12-03"},
    "event": {"occurred_at": "2026-12-02T10:00:00+00:00", "reason": "Heavy rain", "reason_kind": "weather", "choices": "wait change cancel",
              "amount": "499.00", "place": "Lake Road 12"},
    "shop": {"name": "Lotus House", "url": "https://shop.example", "email": "help@shop.example"},
}
"""Facts of an order that does not exist, for trying a text out."""
_MORE: Facts = {
    "buyer": {"first_name": "Asha", "name": "Asha Rao"}, "recipient": {"role": "receiver"},
    "event": {"instructions": "Bring your passport.", "label_url": "https://shop.example/label/1", "retry_url": "https://shop.example/pay/1001"},
    "parcel": {"service": "Express"}, "promise": {"reason": "5 orders to this place", "confidence": 0.9},
    "shop": {"address": "1 Park Street, Kolkata"},
}
OTHER_DATES: Facts = {
    "order": {"placed_at": "2026-05-18T10:00:00+00:00", "total": "73120.50", "shipping_price": "610.00",
              "lines": [{"title": "Samovar", "quantity": 2, "price": "72510.50", "url": "https://shop.example/samovar"}]},
    "promise": {"earliest": "2026-05-26", "latest": "2026-05-28", "was_earliest": "2026-05-21", "was_latest": "2026-05-22"},
    "event": {"occurred_at": "2026-05-19T10:00:00+00:00", "reason_kind": "not_shipped", "choices": "wait", "amount": "8765.00"},
    "parcel": {"number": 2, "of": 2},
}
"""What is told of another order: no date and no amount in it is one of ``SAMPLE``'s."""


@lru_cache(maxsize=128)
def sample(kind: str) -> Facts:
    """Every fact that a message of ``kind`` can know; shared, so copy it before you change it."""
    known: dict[str, set[str]] = {}
    for fact in facts.of(kind):
        group, _, name = fact.name.partition(".")
        known.setdefault(group, set()).add(name)
    told = {group: names for group, names in _joined(SAMPLE, _MORE).items() if group in known}
    if kind.endswith(texts.OTHERS):
        told = _joined(told, {"order": {"total": "", "shipping_price": "", "url": "", "retry_payment_url": "", "currency": ""}})
        told["order"]["lines"] = [{"title": "Teapot", "quantity": 1}]
    if "event" in told:
        told["event"] = {name: value for name, value in told["event"].items() if name in known["event"]}
    return told


def circumstances(kind: str) -> Iterator[tuple[str, Facts]]:
    """What may be known about an order, each with the words that follow a complaint about it."""
    full = sample(kind)
    yield "", full
    if not kind.endswith(texts.OTHERS):
        yield " for an order with other dates", _joined(full, {group: OTHER_DATES.get(group, {}) for group in full})
    for group, circumstance in _MISSING.items():
        if group in full:
            yield circumstance, {**full, group: {}}
    if "promise" in full:
        yield " when there was no window before", {**full, "promise": {name: full["promise"][name] for name in ("earliest", "latest")}}
    yield " when no facts are known", {}


_MISSING = {
    "customer": " when the customer has no name", "promise": " when there is no window", "parcel": " when no parcel is known",
    "event": " when nothing is told about the event",
}


def _joined(one: Facts, other: Facts) -> Facts:
    return {group: {**one.get(group, {}), **other.get(group, {})} for group in {**one, **other}}
