"""What a message may say, as plain data: collected when it is queued, formatted when it is rendered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.speaking.localise import MAX_SUGGESTIONS
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.carriers import links
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot, OrderSnapshot, ParcelSnapshot

MAX_LINES = 20
"""More lines than this make a mail that nobody reads and that Gmail clips; the rest is a number and the order's page."""


def collect(history: History, event: OrderEvent, parcel: Parcel | None, *, tells_promise: bool) -> dict[str, Any]:
    """The facts of a message about ``event``: ``customer, order, parcel, promise, event, shop``."""
    snapshot = history.order.as_snapshot
    facts: dict[str, Any] = {
        "customer": _customer(snapshot),
        "order": _order(history, snapshot),
        "event": _event(event) | _choices(history, event, parcel),
        "shop": {"name": snapshot.site or conf.SHOP_NAME, "url": conf.SHOP_URL, "email": conf.SHOP_EMAIL, "address": conf.SHOP_ADDRESS},
    }
    if parcel is not None:
        facts["parcel"] = _parcel(history, parcel)
    if tells_promise and (promise := _promise(history, parcel)):
        facts["promise"] = promise
    if suggestions := _suggestions(event.data.get("suggestions")):
        facts["suggestions"] = suggestions
    return facts


def _event(event: OrderEvent) -> dict[str, Any]:
    data = {name: value for name, value in event.data.items() if name != "suggestions"}
    if event.source == "delays":
        data.pop("reason", None)  # the estimator's own reasoning, in English, for the merchant
    return {"kind": event.kind, "occurred_at": event.occurred_at.isoformat(), **data}


def _choices(history: History, event: OrderEvent, parcel: Parcel | None) -> dict[str, str]:
    """What a customer can choose whose order is late, as words: what has left can no longer be changed, only waited for."""
    if event.kind != "order_delayed":
        return {}
    boxes = [parcel] if parcel is not None else list(history.parcels.values())
    return {"choices": "wait" if any(box.shipped_at for box in boxes) else "wait change cancel"}


def _suggestions(given: Any) -> list[dict[str, str]]:
    """What the shop suggests besides, as it was told in the event's data; only who agreed to advertising gets to see it."""
    things = [thing for thing in given if isinstance(thing, dict) and thing.get("title")] if isinstance(given, list) else []
    return [
        {"title": _text(thing["title"])[:200], "price": _text(thing.get("price")),
         **{name: urljoin(conf.SHOP_URL, _text(thing[name])) for name in ("url", "image_url") if thing.get(name)}}
        for thing in things[:MAX_SUGGESTIONS]
    ]


def _customer(snapshot: OrderSnapshot) -> dict[str, str]:
    customer = snapshot.customer
    return {
        "first_name": customer.first_name[:60], "last_name": customer.last_name[:60],
        "name": f"{customer.first_name} {customer.last_name}".strip()[:120],
    }


def _order(history: History, snapshot: OrderSnapshot) -> dict[str, Any]:
    order = history.order
    placed_at = snapshot.placed_at or order.placed_at
    return {
        "number": order.number, "placed_at": placed_at.isoformat() if placed_at else "", "url": snapshot.url,
        "retry_payment_url": snapshot.retry_payment_url, "currency": order.currency, "total": _text(snapshot.total),
        "shipping_price": _text(snapshot.shipping_price), "address": _address(snapshot.address), "country": snapshot.address.country,
        "postal": _postal(snapshot.address), **_lines(snapshot.lines),
    }


def _parcel(history: History, parcel: Parcel) -> dict[str, Any]:
    snapshot: ParcelSnapshot = parcel.as_snapshot
    references = list(history.parcels)
    return {
        "reference": parcel.reference,
        "number": references.index(parcel.reference) + 1,
        "of": max(snapshot.of, len(references)),
        "carrier": snapshot.carrier, "service": snapshot.service, "tracking_number": snapshot.tracking_number,
        "tracking_url": snapshot.tracking_url or links.link(snapshot.carrier, snapshot.tracking_number), **_lines(snapshot.lines),
    }


def _promise(history: History, parcel: Parcel | None) -> dict[str, Any] | None:
    current = promises.current(history.order, parcel) or promises.current(history.order)
    if current is None:
        return None
    before = promises.window_before(current)
    return {
        "earliest": current.earliest.isoformat(), "latest": current.latest.isoformat(),
        "reason": current.reason, "confidence": current.confidence,
        **({"was_earliest": before.earliest.isoformat(), "was_latest": before.latest.isoformat()} if before else {}),
    }


def _lines(lines: tuple[LineSnapshot, ...]) -> dict[str, Any]:
    shown = [
        {"title": line.title[:200], "quantity": line.quantity, "price": _text(line.price), "url": line.url, "image_url": line.image_url}
        for line in lines[:MAX_LINES]
    ]
    return {"lines": shown, "more_lines": max(0, len(lines) - MAX_LINES)}


def _address(address: AddressSnapshot) -> list[str]:
    town = " ".join(part for part in (address.postcode, address.city) if part)
    place = ", ".join(part for part in (town, address.region) if part)
    return [part for part in (address.name, *address.lines, place, address.country) if part]


def _postal(address: AddressSnapshot) -> dict[str, str]:
    """The address once more, in its parts: for data that programs read."""
    parts = {
        "name": address.name, "street": ", ".join(address.lines), "postcode": address.postcode, "city": address.city,
        "region": address.region, "country": address.country,
    }
    return {name: value[:120] for name, value in parts.items() if value}


def _text(value: object) -> str:
    return "" if value is None else str(value)
