"""The signals that a shop sends, and the signals that the app sends.

A shop tells a fact in one line; all arguments but ``order`` are optional::

    order_shipped.send(sender=Order, order=order, parcel=parcel, occurred_at=when, event_key="dispatch-17")

=================  ===========================================================================================
argument           meaning
=================  ===========================================================================================
``order``          the shop's order object, or its reference; read through ``ECOMMERCE_COMMS["ORDER_ADAPTER"]``
``parcel``         for parcel facts: a ``ParcelSnapshot``, a dict of its fields, the shop's own parcel object (read
                   through the adapter) or just the parcel's reference; none means "the order's only parcel"
``occurred_at``    aware datetime at which it became true; now, if not given
``event_key``      the shop's own key of the fact: the same key is taken once, however often it is sent
``data``           plain dict with what is special to the fact (``amount``, ``reason``, ``earliest``/``latest`` ...)
``notify_customer``  ``False`` keeps the fact without telling the customer
=================  ===========================================================================================
"""

from __future__ import annotations

from django.dispatch import Signal

# ---- in: facts about an order -------------------------------------------------------------------------------

#: The customer has placed the order.
order_placed = Signal()
#: The order is paid in full.
order_paid = Signal()
#: A payment was refused; ``data["reason"]``, ``data["retry_url"]`` if known.
payment_failed = Signal()
#: The order's lines, address or other details were changed.
order_changed = Signal()
#: The shop has begun to prepare the order.
order_processed = Signal()
#: A parcel was handed to the carrier.
order_shipped = Signal()
#: The carrier brings the parcel today.
order_out_for_delivery = Signal()
#: The parcel waits for the customer at a shop or pick-up point.
order_ready_for_pickup = Signal()
#: The parcel has arrived.
order_delivered = Signal()
#: The carrier tried and could not hand the parcel over; ``data["reason"]`` if known.
delivery_failed = Signal()
#: The parcel, or the whole order, will be late; ``data`` may hold ``earliest``, ``latest`` (ISO dates), ``reason``.
order_delayed = Signal()
#: What was late is on its way again; ``data`` may hold ``earliest``, ``latest`` (ISO dates).
order_back_on_track = Signal()
#: The order is cancelled as a whole; ``data["reason"]`` if known.
order_cancelled = Signal()
#: Money was given back; ``data["amount"]`` (decimal text, in the order's currency) if not all of it.
order_refunded = Signal()
#: The customer wants to send something back; ``data["instructions"]``, ``data["label_url"]`` if known.
return_requested = Signal()
#: What the customer sent back has arrived.
return_received = Signal()

# ---- in: what customers look at (kept by no part of the app yet; receivers of a shop's own may use them) ------

#: A customer looked at a product: ``product``, ``customer`` (or ``None``), ``request``.
product_viewed = Signal()
#: A basket changed: ``basket``, ``customer`` (or ``None``), ``request``.
basket_changed = Signal()

# ---- out: what the app did ------------------------------------------------------------------------------------

#: A window was promised or revised: ``promise``.
promise_made = Signal()
#: The server took a message over: ``message``.
message_sent = Signal()
#: A message was given up: ``message``.
message_failed = Signal()
#: It was decided not to send a message: ``message`` (its ``reason`` says why).
message_skipped = Signal()
#: A customer wrote through the contact page: ``enquiry``.
enquiry_received = Signal()
#: A call was put on the call list, by a message or because a customer asked for it: ``callback`` (``callback.by`` says which).
callback_requested = Signal()
#: Somebody sent the shop a text message that is no word such as STOP: ``gateway`` (its name), ``number`` (E.164, of who sent it),
#: ``text``, ``at`` (aware; now if the gateway tells no time). It is kept nowhere.
sms_received = Signal()
#: A live chat was handed from a responder to a person: ``conversation``.
chat_handed_over = Signal()

#: Every fact that can become an event, by its kind, which is the signal's name.
EVENT_SIGNALS: dict[str, Signal] = {
    "order_placed": order_placed,
    "order_paid": order_paid,
    "payment_failed": payment_failed,
    "order_changed": order_changed,
    "order_processed": order_processed,
    "order_shipped": order_shipped,
    "order_out_for_delivery": order_out_for_delivery,
    "order_ready_for_pickup": order_ready_for_pickup,
    "order_delivered": order_delivered,
    "delivery_failed": delivery_failed,
    "order_delayed": order_delayed,
    "order_back_on_track": order_back_on_track,
    "order_cancelled": order_cancelled,
    "order_refunded": order_refunded,
    "return_requested": return_requested,
    "return_received": return_received,
}
