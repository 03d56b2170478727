"""What each kind of message shows besides its words. A table: which box, which button, which list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from ecommerce_comms.messaging.writing.texts import OTHERS


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The parts of one kind of message."""

    tone: str = "calm"
    """Which colours the arrival window has: ``calm``, ``good`` or ``late``."""
    link: tuple[str, ...] = ("order.url",)
    """Where the button leads: the first of these facts that is known."""
    window: bool = False
    """Show when it arrives."""
    window_label: str = "arrives"
    """The label above the window."""
    before: bool = False
    """Show the window told before, struck through."""
    tracking: bool = False
    """Show carrier and tracking number, and the parcel's own lines."""
    items: bool = True
    """Show what was ordered."""
    prices: bool = False
    """Show what it costs."""
    address: bool = False
    """Show where it goes."""
    because: str = "because"
    """The label that says why the message came; with ``_unnamed`` behind it, if the shop has no name."""
    linked: str = ""
    """What programs are told: the ``Order``, or the ``ParcelDelivery`` (schema.org); empty: nothing."""
    status: str = ""
    """In which state that is, as an ``OrderStatus`` of schema.org."""
    calendar: str = ""
    """What a calendar is to do with the window: ``PUBLISH`` it or ``CANCEL`` it; empty: nothing."""
    others: bool = False
    """For people other than the customer, who hear nothing of prices."""


PARCEL = ("parcel.tracking_url",)
TRACK = (*PARCEL, "order.url")
BECAUSE_OTHERS = "because_others"

SHAPES: dict[str, Shape] = {
    "order_placed": Shape(
        window=True, prices=True, address=True, linked="Order", status="OrderProcessing", calendar="PUBLISH"),
    "order_paid": Shape(window=True, prices=True, linked="Order", status="OrderProcessing"),
    "payment_failed": Shape(link=("event.retry_url", "order.retry_payment_url", "order.url"), prices=True),
    "order_changed": Shape(window=True, before=True, prices=True, address=True, linked="Order", status="OrderProcessing"),
    "order_processed": Shape(window=True),
    "order_shipped": Shape(
        window=True, tracking=True, link=TRACK, address=True, linked="ParcelDelivery", status="OrderInTransit", calendar="PUBLISH"),
    "order_out_for_delivery": Shape(tracking=True, link=TRACK, address=True, linked="ParcelDelivery", status="OrderInTransit"),
    "order_ready_for_pickup": Shape(tracking=True, link=TRACK, linked="ParcelDelivery", status="OrderPickupAvailable"),
    "order_delivered": Shape(tracking=True, linked="ParcelDelivery", status="OrderDelivered"),
    "delivery_failed": Shape(
        window=True, window_label="next_try", tracking=True, link=TRACK, address=True, items=False, linked="ParcelDelivery",
        status="OrderProblem"),
    "order_delayed": Shape(
        window=True, window_label="arrives_now", before=True, tone="late", link=TRACK, tracking=True, linked="ParcelDelivery",
        calendar="PUBLISH"),
    "order_back_on_track": Shape(
        window=True, before=True, tone="good", tracking=True, link=TRACK, linked="ParcelDelivery", calendar="PUBLISH"),
    "order_cancelled": Shape(linked="Order", status="OrderCancelled", calendar="CANCEL"),
    # A refund may be of a part, for which schema.org has no state; neither does it say "late".
    "order_refunded": Shape(items=False, linked="Order"),
    "return_requested": Shape(link=("event.label_url", "order.url")),
    "return_received": Shape(items=False),
    "review_request": Shape(),
    # For people other than the customer: no prices, no items (a gift stays a surprise), and never the customer's order page.
    "order_shipped.others": Shape(window=True, tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS),
    "order_out_for_delivery.others": Shape(tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS),
    "order_ready_for_pickup.others": Shape(tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS),
    "order_delivered.others": Shape(tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS),
    "delivery_failed.others": Shape(
        window=True, window_label="next_try", tracking=True, link=PARCEL, address=True, items=False, because=BECAUSE_OTHERS,
    ),
    "order_delayed.others": Shape(
        window=True, window_label="arrives_now", before=True, tone="late", tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS,
    ),
    "order_back_on_track.others": Shape(
        window=True, before=True, tone="good", tracking=True, link=PARCEL, items=False, because=BECAUSE_OTHERS,
    ),
}

PLAIN_SHAPE = Shape()
"""For a kind that has no row of its own."""


@lru_cache(maxsize=256)
def shape_of(kind: str) -> Shape:
    """The shape of ``kind``; of one for others that of the customer's, without prices."""
    shape = SHAPES.get(kind) or SHAPES.get(kind.removesuffix(OTHERS), PLAIN_SHAPE)
    if not kind.endswith(OTHERS):
        return shape
    whose = SHAPES.get(kind.removesuffix(OTHERS), PLAIN_SHAPE)
    return replace(shape, prices=False, others=True, linked=whose.linked, status=whose.status, calendar=whose.calendar)
