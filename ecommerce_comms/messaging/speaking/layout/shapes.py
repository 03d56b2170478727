"""What each kind of message shows besides its words. A table: which box, which button, which list."""

from __future__ import annotations

from dataclasses import dataclass


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


PARCEL = ("parcel.tracking_url",)
TRACK = (*PARCEL, "order.url")
OTHERS = "because_others"

SHAPES: dict[str, Shape] = {
    "order_placed": Shape(window=True, prices=True, address=True),
    "order_paid": Shape(window=True, prices=True),
    "payment_failed": Shape(link=("event.retry_url", "order.retry_payment_url", "order.url"), prices=True),
    "order_changed": Shape(window=True, before=True, prices=True, address=True),
    "order_processed": Shape(window=True),
    "order_shipped": Shape(window=True, tracking=True, link=TRACK, address=True),
    "order_out_for_delivery": Shape(tracking=True, link=TRACK, address=True),
    "order_ready_for_pickup": Shape(tracking=True, link=TRACK),
    "order_delivered": Shape(tracking=True),
    "delivery_failed": Shape(window=True, window_label="next_try", tracking=True, link=TRACK, address=True, items=False),
    "order_delayed": Shape(window=True, window_label="arrives_now", before=True, tone="late", link=TRACK, tracking=True),
    "order_back_on_track": Shape(window=True, before=True, tone="good", tracking=True, link=TRACK),
    "order_cancelled": Shape(),
    "order_refunded": Shape(items=False),
    "return_requested": Shape(link=("event.label_url", "order.url")),
    "return_received": Shape(items=False),
    "review_request": Shape(),
    # For people other than the customer: no prices, no items (a gift stays a surprise), and never the customer's order page.
    "order_shipped.others": Shape(window=True, tracking=True, link=PARCEL, items=False, because=OTHERS),
    "order_out_for_delivery.others": Shape(tracking=True, link=PARCEL, items=False, because=OTHERS),
    "order_ready_for_pickup.others": Shape(tracking=True, link=PARCEL, items=False, because=OTHERS),
    "order_delivered.others": Shape(tracking=True, link=PARCEL, items=False, because=OTHERS),
    "delivery_failed.others": Shape(
        window=True, window_label="next_try", tracking=True, link=PARCEL, address=True, items=False, because=OTHERS,
    ),
    "order_delayed.others": Shape(
        window=True, window_label="arrives_now", before=True, tone="late", tracking=True, link=PARCEL, items=False, because=OTHERS,
    ),
    "order_back_on_track.others": Shape(
        window=True, before=True, tone="good", tracking=True, link=PARCEL, items=False, because=OTHERS,
    ),
}

PLAIN_SHAPE = Shape()
"""For a kind that has no row of its own."""
