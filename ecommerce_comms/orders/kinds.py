"""The kinds of events, and what makes two of them the same fact."""

from __future__ import annotations

from enum import Enum

from ecommerce_comms.conf import conf
from ecommerce_comms.exceptions import UnknownKind
from ecommerce_comms.signals import EVENT_SIGNALS


class Once(Enum):
    """How often a fact can become true without a key of the shop's own."""

    ORDER = "once for an order"
    PARCEL = "once for a parcel"
    EACH = "again and again; the same moment or the same content is the same fact"


ONCE: dict[str, Once] = {
    "order_placed": Once.ORDER,
    "order_paid": Once.ORDER,
    "payment_failed": Once.EACH,
    "order_changed": Once.EACH,
    "order_processed": Once.ORDER,
    "order_shipped": Once.PARCEL,
    "order_out_for_delivery": Once.PARCEL,
    "order_ready_for_pickup": Once.PARCEL,
    "order_delivered": Once.PARCEL,
    "delivery_failed": Once.EACH,
    "order_delayed": Once.EACH,
    "order_back_on_track": Once.EACH,
    "order_cancelled": Once.ORDER,
    "order_refunded": Once.EACH,
    "return_requested": Once.EACH,
    "return_received": Once.EACH,
}

#: Kinds that are about a parcel: told without one, they are about the order's only parcel, or about all of them.
PARCEL_KINDS = frozenset({
    "order_shipped", "order_out_for_delivery", "order_ready_for_pickup", "order_delivered", "delivery_failed",
})
AFTER_CANCELLATION = frozenset({"order_cancelled", "order_refunded", "return_requested", "return_received"})
"""What may still be said about a cancelled order."""


def check(kind: str) -> None:
    """Raise ``UnknownKind`` unless ``kind`` is the name of one of the signals for events."""
    if kind not in EVENT_SIGNALS:
        raise UnknownKind(f"{kind!r}; known are {', '.join(EVENT_SIGNALS)}.")


def in_words(kind: str) -> str:
    """A kind of event or message, as merchants read it: "Order shipped", "Order shipped, for others", or what the shop calls its own."""
    name, dot, _ = kind.partition(".")
    words = _label_of_shop(name) or name.replace("_", " ").capitalize()
    return f"{words}, for others" if dot else words


def _label_of_shop(kind: str) -> str:
    """What the shop calls a kind of its own. A page that names it must not break because the setting is wrong; a check tells of that."""
    declared = {} if kind in ONCE else conf.MESSAGE_KINDS
    told = declared.get(kind) if isinstance(declared, dict) else None
    return str(told.get("label") or "") if isinstance(told, dict) else ""
