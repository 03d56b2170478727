"""How the shop's orders and parcels become snapshots: names for the order, a few lines of code for the parcel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from ecommerce_comms.adapters.fieldmap import FieldMapOrderAdapter
from ecommerce_comms.snapshots import LineSnapshot, OrderSnapshot, ParcelSnapshot, RecipientSnapshot
from example_project.shop.models import Order, Parcel, ParcelItem


class ShopOrderAdapter(FieldMapOrderAdapter):
    """``ORDER_FIELDS`` says where an order's values are; code is needed for what was asked at the checkout, and for parcels."""

    def snapshot(self, order: Any) -> OrderSnapshot:
        """``order`` with the customer's channels, and with whoever gets it as a gift."""
        found = super().snapshot(order)
        row = order if isinstance(order, Order) else Order.objects.get(pk=found.reference)
        customer = replace(found.customer, channels={"orders": row.channels}, call_times=row.call_times)
        return replace(found, customer=customer, recipients=_receivers(row))

    def parcel(self, parcel: Any) -> ParcelSnapshot:
        """The shop's own ``Parcel``, or whatever else the base class understands."""
        return as_snapshot(parcel) if isinstance(parcel, Parcel) else super().parcel(parcel)


def _receivers(order: Order) -> tuple[RecipientSnapshot, ...]:
    if not order.gift_email:
        return ()
    return (RecipientSnapshot(role="receiver", name=order.gift_name, email=order.gift_email, language=order.language),)


def as_snapshot(parcel: Parcel) -> ParcelSnapshot:
    """``parcel`` with what is in it."""
    return ParcelSnapshot(
        reference=parcel.reference,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_url=urljoin(settings.SHOP_URL, parcel.get_absolute_url()),
        lines=tuple(_line(packed) for packed in parcel.items.select_related("item").order_by("pk")),
        of=parcel.of,
    )


def _line(packed: ParcelItem) -> LineSnapshot:
    item = packed.item
    return LineSnapshot(
        reference=str(item.pk),
        sku=item.sku,
        title=item.title,
        quantity=packed.quantity,
        price=item.price * packed.quantity,
        url=urljoin(settings.SHOP_URL, item.get_absolute_url()),
        image_url=urljoin(settings.SHOP_URL, item.get_picture_url()),
    )
