"""What somebody else than the customer may know of an order: where the parcel is, and no price; of a gift not even what it is."""

from __future__ import annotations

from typing import Any

from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.reaching import Person
from ecommerce_comms.snapshots import OrderSnapshot

Facts = dict[str, Any]
_ORDER = ("number", "placed_at", "address", "country")
_PARCEL = ("reference", "number", "of", "carrier", "service", "tracking_number", "tracking_url")
_PROMISE = ("earliest", "latest", "was_earliest", "was_latest", "confidence")
_EVENT = ("kind", "occurred_at", "reason_kind", "instructions", "place", "earliest", "latest")
_LINE = ("title", "quantity")
"""What is passed on is listed, so that what a shop or a later version adds stays with the customer by itself."""


def told(facts: Facts, person: Person, snapshot: OrderSnapshot) -> Facts:
    """The ``facts`` of a message to the customer as ``person`` may know them, with the groups ``buyer`` and ``recipient``.

    No prices, no suggestions, no way to the customer's own page. Who receives a gift hears nothing of what is in it: neither
    lines nor what somebody wrote in their own words, which may name it.
    """
    is_gift = person.role == Message.Role.RECEIVER
    buyer = snapshot.customer
    name = f"{buyer.first_name} {buyer.last_name}".strip()[:120]
    known: Facts = {
        "customer": {"first_name": person.name[:60], "name": person.name[:120]},
        "buyer": {"first_name": buyer.first_name[:60], "name": name},
        "recipient": {"role": person.role, "time_zone": person.time_zone},
        "order": _only(facts.get("order"), _ORDER),
        "event": _only(facts.get("event"), _EVENT if is_gift else (*_EVENT, "reason")),
        "shop": facts.get("shop", {}),
    }
    for group, names in (("parcel", _PARCEL), ("promise", _PROMISE if is_gift else (*_PROMISE, "reason"))):
        if group in facts:
            known[group] = _only(facts[group], names)
    if not is_gift:
        for group in ("order", "parcel"):
            known.get(group, {}).update(_lines(facts.get(group, {})))
    return known


def _lines(group: Facts) -> Facts:
    lines = [_only(line, _LINE) for line in group.get("lines", ())]
    return {"lines": lines, "more_lines": group.get("more_lines", 0)} if lines else {}


def _only(group: Facts | None, names: tuple[str, ...]) -> Facts:
    return {name: group[name] for name in names if name in group} if group else {}
