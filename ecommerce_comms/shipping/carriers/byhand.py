"""A merchant's hand: notes a scan that no carrier told, and puts right under which number a parcel travels."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from django.db import router, transaction

from ecommerce_comms import clock, keys
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.shipping.carriers import following, links
from ecommerce_comms.shipping.carriers.sightings import clean, compact
from ecommerce_comms.shipping.models.tracking import Scan

SOURCE = "merchant"


def note(parcel: Parcel, status: str, at: datetime, *, place: str = "", text: str = "") -> bool:
    """Keep that ``parcel`` reached ``status`` (a ``TrackingStatus``) at ``at`` (aware); whether that was new.

    It counts like a carrier's scan, and is believed even where a carrier's would be a step back.
    """
    now = clock.now()
    row = Scan(
        key=keys.make("scan", SOURCE, parcel.pk, status, int(at.timestamp())), source=SOURCE, carrier=parcel.carrier,
        tracking_number=compact(parcel.tracking_number), parcel=parcel, status=status, text=clean(text, 300),
        place=clean(place, 200), occurred_at=min(at, now), received_at=now, site=parcel.order.site,
    )
    if Scan.objects.filter(key=row.key).exists():
        return False
    row.save(force_insert=True)
    following.follow({parcel.pk})
    return True


def put_right(parcel: Parcel, *, carrier: str, number: str) -> None:
    """Let ``parcel`` travel under ``number`` with ``carrier`` from now on.

    What was told of another number stays in its history and counts no more: an arrival that was another parcel's is taken back.
    Nobody is written to. Takes effect when the event is processed.
    """
    changes = {"carrier": clean(carrier, 100), "tracking_number": clean(number, 100)}
    changes["tracking_url"] = links.link(carrier, number) or _same_page(parcel, changes["tracking_number"])
    now = clock.now()
    known = partial(Known, parcel=parcel, order=parcel.order, source=SOURCE, notify_customer=False)
    facts = [known(
        kind="order_changed", occurred_at=now, changes={name: value for name, value in changes.items() if value},
        event_key=keys.make("put_right", parcel.key, compact(number), now.timestamp()),
    )]
    if wrong := _wrong_arrival(parcel, number):
        facts.append(known(
            kind="delivery_failed", occurred_at=wrong + timedelta(microseconds=1), event_key=keys.make("put_right", parcel.key, wrong),
            data={"reason": "The tracking number was another parcel's."},
        ))
    with transaction.atomic(using=router.db_for_write(OrderEvent)):
        record_all_known(facts)


def others(parcel: Parcel, number: str) -> list[Parcel]:
    """Other parcels that bear this tracking number as it is written, with their orders; the first ten."""
    same = Parcel.objects.filter(tracking_number=clean(number, 100)).exclude(pk=parcel.pk)
    return list(same.select_related("order").order_by("pk")[:10])


def _same_page(parcel: Parcel, number: str) -> str:
    """The shop's own link with the new number in the place of the old one; empty if the old one does not stand in it."""
    before = parcel.as_snapshot
    old = quote(before.tracking_number, safe="")
    return before.tracking_url.replace(old, quote(number, safe="")) if old and old in before.tracking_url else ""


def _wrong_arrival(parcel: Parcel, number: str) -> datetime | None:
    """When a carrier said that the old number had arrived, if nobody else says so of this parcel."""
    if parcel.delivered_at is None or compact(parcel.tracking_number) == compact(number):
        return None
    told = OrderEvent.objects.filter(order_key=parcel.order.key, kind="order_delivered")
    about = [event for event in told if not event.parcel or event.parcel.get("reference") == parcel.reference]
    if any(event.source != following.SOURCE for event in about):
        return None
    if Scan.objects.filter(parcel=parcel, source=SOURCE, status="delivered").exists():
        return None
    return max((event.occurred_at for event in about), default=None)
