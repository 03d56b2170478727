"""Reads the shop's own parcels, newest orders first, as the engine wants them: page by page, and no model instance is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from ecommerce_comms.lookups import among
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.learning import cargo
from ecommerce_comms.shipping.learning.places import Places
from ecommerce_comms.shipping.models.tracking import TrackingStatus
from ecommerce_comms.zones import zone

PAGE = 2000
"""Orders that are in memory at once, with their parcels: two statements each."""
GONE = frozenset({
    TrackingStatus.RETURNING, TrackingStatus.RETURNED, TrackingStatus.LOST, TrackingStatus.DAMAGED, TrackingStatus.FAILED,
    TrackingStatus.CANCELLED,
})
"""What the carrier says of a parcel that nobody waits for any more."""


class _Order(NamedTuple):
    pk: int
    placed_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None
    refunded_at: datetime | None
    delivered_at: datetime | None
    time_zone: str
    snapshot: dict[str, Any]


class _Parcel(NamedTuple):
    order_id: int
    carrier: str
    service: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    snapshot: dict[str, Any]
    tracking__status: str | None
    tracking__status_at: datetime | None


class Read(NamedTuple):
    """A parcel, and whether its order is paid."""

    shipment: Shipment
    is_paid: bool


def read(until: datetime, places: Places, *, days: int, most: int) -> list[Read]:
    """Every parcel of the orders of the last ``days`` days before ``until``, the newest first; about ``most`` at most.

    Nothing that happened after ``until`` is seen. What has not left yet is one parcel for each place from which it leaves.
    """
    found: list[Read] = []
    for page in _pages(until - timedelta(days=days), until):
        parcels = _parcels(page)
        for order in page:
            found.extend(_Reader(order, until, places).read(parcels.get(order.pk, ())))
        if len(found) >= most:
            break
    return found[:most]


def _pages(since: datetime, until: datetime) -> Iterator[list[_Order]]:
    rows = Order.objects.filter(placed_at__gte=since, placed_at__lte=until).order_by("-placed_at", "-pk").values_list(*_Order._fields)
    after = Q()
    while page := [_Order(*row) for row in rows.filter(after)[:PAGE]]:
        yield page
        last = page[-1]
        after = Q(placed_at__lt=last.placed_at) | Q(placed_at=last.placed_at, pk__lt=last.pk)


def _parcels(page: Sequence[_Order]) -> dict[int, list[_Parcel]]:
    rows = Parcel.objects.filter(among("order_id", [order.pk for order in page])).order_by("pk").values_list(*_Parcel._fields)
    found: dict[int, list[_Parcel]] = defaultdict(list)
    for row in rows:
        parcel = _Parcel(*row)
        found[parcel.order_id].append(parcel)
    return found


class _Reader:
    """Reads one order."""

    def __init__(self, order: _Order, until: datetime, places: Places) -> None:
        self._order, self._until, self._places = order, until, places
        self._snapshot = order.snapshot or {}
        self._lines: list[dict[str, Any]] = self._snapshot.get("lines", [])
        self._zone: ZoneInfo = zone(order.time_zone)
        self._common = self._of_order()

    def read(self, parcels: Sequence[_Parcel]) -> Iterator[Read]:
        """What has left, and what has not."""
        known = [parcel for parcel in parcels if self._then(parcel.shipped_at) or self._then(parcel.delivered_at)]
        is_paid = self._then(self._order.paid_at) is not None
        for parcel in known:
            yield Read(self._of_parcel(parcel), is_paid)
        for origin, lines in self._waiting(known).items():
            yield Read(self._make(origin, lines, carrier="", service="", shipped=None, delivered=None, gone=None), is_paid)

    def _of_order(self) -> dict[str, Any]:
        address: dict[str, Any] = self._snapshot.get("address", {})
        return {
            "ordered_at": self._order.placed_at.astimezone(self._zone),
            "destination_country": cargo.country(address.get("country")),
            "destination_region": cargo.region(address.get("country"), address.get("region")),
            "destination_postcode": cargo.postcode(address.get("postcode")),
            "destination_point": cargo.point(address.get("latitude"), address.get("longitude")),
            "freight": cargo.number(self._snapshot.get("shipping_price")) or None,
        }

    def _of_parcel(self, parcel: _Parcel) -> Shipment:
        told = parcel.snapshot or {}
        lines = told.get("lines") or self._lines
        origin = told.get("origin") or (lines[0].get("origin", "") if lines else "")
        gone = parcel.tracking__status_at if parcel.tracking__status in GONE else None
        return self._make(
            origin, lines, carrier=parcel.carrier, service=parcel.service, shipped=parcel.shipped_at, delivered=parcel.delivered_at,
            gone=gone,
        )

    def _make(
        self, origin: str, lines: list[dict[str, Any]], *, carrier: str, service: str, shipped: datetime | None,
        delivered: datetime | None, gone: datetime | None,
    ) -> Shipment:
        items, weight, value, category = cargo.of_json(lines)
        ordered_at: datetime = self._common["ordered_at"]
        shipped_at, delivered_at = self._then(shipped, ordered_at), self._then(delivered, ordered_at)
        if shipped_at and delivered_at:
            delivered_at = max(shipped_at, delivered_at)
        option = self._snapshot.get("shipping_option") or service
        return Shipment(
            **self._common, **self._places.origin(origin), shipped_at=shipped_at, delivered_at=delivered_at,
            cancelled_at=None if delivered_at else self._ended(gone, ordered_at), service=cargo.name(option),
            carrier=self._places.carrier(carrier, option), items=items, weight_kg=weight, value=value, category=category,
        )

    def _ended(self, gone: datetime | None, ordered_at: datetime) -> datetime | None:
        """From when nobody waits for it: the order was cancelled or refunded, or the parcel is lost or on its way back."""
        ends = [self._then(moment, ordered_at) for moment in (self._order.cancelled_at, self._order.refunded_at, gone)]
        return min((end for end in ends if end), default=None)

    def _then(self, moment: datetime | None, earliest: datetime | None = None) -> datetime | None:
        """``moment`` on the clock at the destination, if it has come by ``until``; never before the order was placed."""
        if moment is None or moment > self._until:
            return None
        local = moment.astimezone(self._zone)
        return max(local, earliest) if earliest else local

    def _waiting(self, left: Sequence[_Parcel]) -> dict[str, list[dict[str, Any]]]:
        """The lines that have not left, by the place from which they will."""
        if left and self._is_complete(left):
            return {}
        gone = {_key(line) for parcel in left for line in (parcel.snapshot or {}).get("lines", [])}
        waiting = [line for line in self._lines if _key(line) not in gone]
        if not waiting:
            return {"": self._lines} if not left else {}
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in waiting:
            groups[line.get("origin", "")].append(line)
        return groups

    def _is_complete(self, left: Sequence[_Parcel]) -> bool:
        """Whether all has left, as far as the shop tells what is in its parcels."""
        if max(int((parcel.snapshot or {}).get("of", 0)) for parcel in left) > len(left):
            return False
        delivered_at = self._then(self._order.delivered_at)
        return delivered_at is not None or any(not (parcel.snapshot or {}).get("lines") for parcel in left)


def _key(line: dict[str, Any]) -> str:
    return str(line.get("reference") or line.get("sku") or line.get("title") or "")
