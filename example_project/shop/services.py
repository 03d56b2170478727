"""The shop's verbs. Each changes the shop's own rows in one transaction and sends one signal of ``ecommerce_comms``.

``occurred_at`` is when it happened; left out, it is now.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Sum
from django.dispatch import Signal
from django.utils.translation import gettext as _
from django.utils.translation import override

from ecommerce_comms import clock, signals
from ecommerce_comms.customers import consents
from ecommerce_comms.shipping.options import Option
from example_project.shop.basket import Line
from example_project.shop.forms import OFFERS
from example_project.shop.models import Order, OrderItem, Parcel, ParcelItem, Scan

S = Order.Status
UNPAID = {S.PLACED, S.PAYMENT_FAILED}
NOT_SHIPPED = UNPAID | {S.PAID, S.PREPARING}
ON_ITS_WAY = {S.PARTLY_SHIPPED, S.SHIPPED}
OPEN = NOT_SHIPPED | ON_ITS_WAY

#: From which states of the order each verb is possible.
POSSIBLE: dict[str, set[Order.Status]] = {
    "pay": UNPAID,
    "refuse_payment": UNPAID,
    "prepare": {S.PLACED, S.PAID},
    "ship": {S.PLACED, S.PAID, S.PREPARING, S.PARTLY_SHIPPED},
    "out_for_delivery": ON_ITS_WAY,
    "fail_delivery": ON_ITS_WAY,
    "deliver": ON_ITS_WAY,
    "delay": OPEN,
    "back_on_track": OPEN,
    "cancel": NOT_SHIPPED,
    "refund": set(S) - UNPAID,
    "request_return": {S.DELIVERED},
    "receive_return": {S.DELIVERED},
}


class NotPossible(Exception):
    """The order is not in a state in which this can be done."""


@transaction.atomic
def place_order(details: Mapping[str, Any], lines: Iterable[Line], option: Option, *, language: str,
                user: User | None = None, occurred_at: datetime | None = None) -> Order:
    """A customer orders: ``details`` are the order's contact and address fields, ``option`` is what the checkout showed."""
    lines, when, details = list(lines), occurred_at or clock.now(), dict(details)
    wants_offers = details.pop("offers", False)
    order = Order.objects.create(
        **details, user=user, language=language, placed_at=when,
        shipping_option=option.code, shipping_name=option.name, shipping_carrier=option.carrier, shipping_price=option.price,
        promised_earliest=option.earliest, promised_latest=option.latest, quote=option.token,
        total=sum((line.total for line in lines), Decimal(option.price)),
    )
    with override(language):
        OrderItem.objects.bulk_create(
            OrderItem(order=order, sku=line.product.slug, title=line.product.title, price=line.product.price, quantity=line.quantity)
            for line in lines)
    if wants_offers:
        with override(language):
            consents.grant(order.email, topic="marketing", where="checkout", words=str(OFFERS), language=language)
    _tell(signals.order_placed, order, when)
    return order


@transaction.atomic
def pay(order: Order, *, occurred_at: datetime | None = None) -> None:
    """The customer's money has arrived."""
    _change(order, "pay", status=S.PAID)
    _tell(signals.order_paid, order, occurred_at)


@transaction.atomic
def refuse_payment(order: Order, reason: str = "", *, occurred_at: datetime | None = None) -> None:
    """The customer's bank said no."""
    _change(order, "refuse_payment", status=S.PAYMENT_FAILED, payment_attempts=F("payment_attempts") + 1)
    _tell(signals.payment_failed, order, occurred_at, event_key=f"payment:{order.pk}:{order.payment_attempts}", data={"reason": reason})


@transaction.atomic
def prepare(order: Order, *, occurred_at: datetime | None = None) -> None:
    """Somebody takes the things from the shelf."""
    _change(order, "prepare", status=S.PREPARING)
    _tell(signals.order_processed, order, occurred_at)


@transaction.atomic
def ship(order: Order, items: Mapping[OrderItem, int] | None = None, *, of: int = 0, tracking_number: str = "",
         occurred_at: datetime | None = None) -> Parcel:
    """A parcel leaves with ``items`` and their quantities, or with everything that is left; ``of`` says how many parcels there will be."""
    when, left = occurred_at or clock.now(), unshipped(order)
    contents = {item: count for item, count in (left if items is None else items).items() if count}
    if not contents or any(count > left.get(item, 0) for item, count in contents.items()):
        raise NotPossible(_("There is nothing of that left to ship."))
    is_last = contents == left
    _change(order, "ship", status=S.SHIPPED if is_last else S.PARTLY_SHIPPED)
    number = order.parcels.count() + 1
    parcel = Parcel.objects.create(
        order=order, reference=str(number), of=of or (number if is_last else 0), carrier=order.shipping_carrier or "Dakghar Express",
        tracking_number=tracking_number or f"DG{secrets.randbelow(10**9):09d}{order.country}", shipped_at=when)
    ParcelItem.objects.bulk_create(ParcelItem(parcel=parcel, item=item, quantity=count) for item, count in contents.items())
    Scan.objects.create(parcel=parcel, kind=Scan.Kind.HANDED_OVER, at=when)
    _tell(signals.order_shipped, order, when, parcel=parcel)
    return parcel


@transaction.atomic
def out_for_delivery(parcel: Parcel, *, occurred_at: datetime | None = None) -> None:
    """The carrier brings the parcel today."""
    when = _move(parcel, "out_for_delivery", Parcel.Status.OUT_FOR_DELIVERY, occurred_at)
    _tell(signals.order_out_for_delivery, parcel.order, when, parcel=parcel, event_key=f"out:{parcel}:{parcel.attempts}")


@transaction.atomic
def fail_delivery(parcel: Parcel, reason: str = "", *, occurred_at: datetime | None = None) -> None:
    """Nobody was there."""
    when = _move(parcel, "fail_delivery", Parcel.Status.FAILED, occurred_at, attempts=parcel.attempts + 1)
    _tell(signals.delivery_failed, parcel.order, when, parcel=parcel, event_key=f"failed:{parcel}:{parcel.attempts}",
          data={"reason": reason})


@transaction.atomic
def deliver(parcel: Parcel, *, occurred_at: datetime | None = None) -> None:
    """The parcel has arrived; with the last one, so has the order."""
    when = occurred_at or clock.now()
    _move(parcel, "deliver", Parcel.Status.DELIVERED, when, delivered_at=when)
    order = parcel.order
    if order.status == S.SHIPPED and not order.parcels.filter(delivered_at=None).exists():
        order.status = S.DELIVERED
        order.save(update_fields=["status"])
    _tell(signals.order_delivered, order, when, parcel=parcel)


@transaction.atomic
def delay(order: Order, parcel: Parcel | None = None, *, earliest: date, latest: date, reason: str = "",
          occurred_at: datetime | None = None) -> None:
    """The order, or one of its parcels, will arrive later: between ``earliest`` and ``latest``."""
    _change(order, "delay", expected_earliest=earliest, expected_latest=latest, delay_reason=reason)
    _tell(signals.order_delayed, order, occurred_at, parcel=parcel, event_key=f"delay:{order.pk}:{parcel or ''}:{earliest}:{latest}",
          data={**_dates(earliest, latest), "reason": reason})


@transaction.atomic
def back_on_track(order: Order, parcel: Parcel | None = None, *, earliest: date | None = None, latest: date | None = None,
                  occurred_at: datetime | None = None) -> None:
    """What was late arrives as promised at first, or between ``earliest`` and ``latest``."""
    when = occurred_at or clock.now()
    _change(order, "back_on_track", expected_earliest=earliest, expected_latest=latest, delay_reason="")
    _tell(signals.order_back_on_track, order, when, parcel=parcel, event_key=f"on-track:{order.pk}:{parcel or ''}:{when.isoformat()}",
          data=_dates(earliest or order.promised_earliest, latest or order.promised_latest))


@transaction.atomic
def cancel(order: Order, reason: str = "", *, occurred_at: datetime | None = None) -> None:
    """The order will not be sent."""
    _change(order, "cancel", status=S.CANCELLED)
    _tell(signals.order_cancelled, order, occurred_at, data={"reason": reason})


@transaction.atomic
def refund(order: Order, amount: Decimal | None = None, *, occurred_at: datetime | None = None) -> None:
    """Money goes back to the customer: ``amount``, or everything that was paid."""
    _change(order, "refund")
    back = order.total - order.refunded if amount is None else amount
    if not 0 < back <= order.total - order.refunded:
        raise NotPossible(_("That is more than what was paid."))
    order.refunded += back
    order.save(update_fields=["refunded"])
    _tell(signals.order_refunded, order, occurred_at, event_key=f"refund:{order.pk}:{order.refunded}", data={"amount": str(back)})


@transaction.atomic
def request_return(order: Order, *, occurred_at: datetime | None = None) -> None:
    """The customer wants to send something back."""
    _change(order, "request_return", return_status=Order.Return.REQUESTED)
    with override(order.language):
        steps = _("Pack it as it came, write the order number on the parcel and hand it in at any post office. We pay the postage.")
    _tell(signals.return_requested, order, occurred_at, data={"instructions": steps})


@transaction.atomic
def receive_return(order: Order, *, occurred_at: datetime | None = None) -> None:
    """What the customer sent back has arrived."""
    _change(order, "receive_return", return_status=Order.Return.RECEIVED)
    _tell(signals.return_received, order, occurred_at)


def unshipped(order: Order) -> dict[OrderItem, int]:
    """What has not left yet, and how many of it."""
    items = order.items.annotate(gone=Sum("packed__quantity", default=0))
    return {item: item.quantity - item.gone for item in items if item.quantity > item.gone}


def _change(order: Order, verb: str, **changes: Any) -> None:
    """Take the order's row for ourselves, see that ``verb`` is possible, and change it."""
    order.refresh_from_db(from_queryset=Order.objects.select_for_update())
    if order.status not in POSSIBLE[verb]:
        raise NotPossible(_("Order %(order)s is “%(status)s”: this is not possible now.") % {
            "order": order, "status": order.get_status_display()})
    for name, value in changes.items():
        setattr(order, name, value)
    if changes:
        order.save(update_fields=list(changes))
        order.refresh_from_db(fields=list(changes))


def _move(parcel: Parcel, verb: str, status: Parcel.Status, occurred_at: datetime | None, **changes: Any) -> datetime:
    """Let the parcel have ``status``, and note the carrier's scan; an arrived parcel moves no more."""
    when = occurred_at or clock.now()
    _change(parcel.order, verb)
    parcel.refresh_from_db(fields=["status", "delivered_at"])
    if parcel.delivered_at or parcel.status == status:
        raise NotPossible(_("Parcel %(parcel)s is “%(status)s” already.") % {"parcel": parcel, "status": parcel.get_status_display()})
    for name, value in {"status": status, **changes}.items():
        setattr(parcel, name, value)
    parcel.save(update_fields=["status", *changes])
    Scan.objects.create(parcel=parcel, kind=Scan.Kind(status), at=when)
    return when


def _dates(earliest: date | None, latest: date | None) -> dict[str, str]:
    known = {"earliest": earliest, "latest": latest}
    return {name: value.isoformat() for name, value in known.items() if value}


def _tell(signal: Signal, order: Order, occurred_at: datetime | None, **more: Any) -> None:
    """Send the fact, without arguments that say nothing."""
    signal.send(sender=Order, order=order, occurred_at=occurred_at or clock.now(),
                **{name: value for name, value in more.items() if value is not None})
