"""How the shop's orders and parcels become snapshots: names for the order, a few lines of code for the parcel."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from ecommerce_comms.adapters.fieldmap import FieldMapOrderAdapter
from ecommerce_comms.snapshots import LineSnapshot, ParcelSnapshot
from example_project.shop.models import Parcel, ParcelItem


class ShopOrderAdapter(FieldMapOrderAdapter):
    """``ORDER_FIELDS`` says where an order's values are; only parcels need code."""

    def parcel(self, parcel: Any) -> ParcelSnapshot:
        """The shop's own ``Parcel``, or whatever else the base class understands."""
        return as_snapshot(parcel) if isinstance(parcel, Parcel) else super().parcel(parcel)


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
