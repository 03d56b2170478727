"""A simulated carrier: walks shipped parcels along their routes and tells the shop, as a real one's webhook would.

How far a parcel has come is kept in its row, so a restart goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from example_project.shop import services
from example_project.shop.models import Parcel, Scan
from example_project.shop.routes import Stop, route

DAYS_LATE = 3


def step(now: datetime) -> int:
    """Do everything that is due by ``now``; how many stops that were."""
    if not settings.CARRIER_MINUTES_PER_DAY:
        return 0
    open_parcels = Parcel.objects.filter(delivered_at=None, shipped_at__lte=now).select_related("order")
    return sum(_advance(parcel, now) for parcel in open_parcels)


def due_at(parcel: Parcel, stop: Stop) -> datetime:
    """When ``parcel`` reaches ``stop``."""
    return parcel.shipped_at + timedelta(minutes=stop.days * settings.CARRIER_MINUTES_PER_DAY)


def _advance(parcel: Parcel, now: datetime) -> int:
    """Walk one parcel through each of its stops that is due."""
    done = 0
    for stop in route(parcel.tracking_number)[parcel.stops_done:]:
        if due_at(parcel, stop) > now:
            break
        _reach(parcel, stop, due_at(parcel, stop))
        done += 1
    return done


@transaction.atomic
def _reach(parcel: Parcel, stop: Stop, at: datetime) -> None:
    """The parcel is at ``stop``; what staff have already noted themselves is passed over."""
    parcel.stops_done += 1
    parcel.save(update_fields=["stops_done"])
    try:
        with transaction.atomic():
            ACTIONS[stop.kind](parcel, at)
    except services.NotPossible:
        pass


def _on_the_way(parcel: Parcel, at: datetime) -> None:
    Scan.objects.create(parcel=parcel, kind=Scan.Kind.ON_THE_WAY, at=at)


def _delayed(parcel: Parcel, at: datetime) -> None:
    Scan.objects.create(parcel=parcel, kind=Scan.Kind.DELAYED, at=at)
    order = parcel.order
    promised: date = order.promised_latest or timezone.localdate(at)
    with override(order.language):
        reason = _("Heavy rain closed the road to the hub.")
    services.delay(order, parcel, earliest=promised + timedelta(days=1), latest=promised + timedelta(days=DAYS_LATE),
                   reason=reason, occurred_at=at)


def _failed(parcel: Parcel, at: datetime) -> None:
    with override(parcel.order.language):
        reason = _("Nobody answered the door.")
    services.fail_delivery(parcel, reason, occurred_at=at)


ACTIONS: dict[Scan.Kind, Callable[[Parcel, datetime], None]] = {
    Scan.Kind.ON_THE_WAY: _on_the_way,
    Scan.Kind.DELAYED: _delayed,
    Scan.Kind.OUT_FOR_DELIVERY: lambda parcel, at: services.out_for_delivery(parcel, occurred_at=at),
    Scan.Kind.FAILED: _failed,
    Scan.Kind.DELIVERED: lambda parcel, at: services.deliver(parcel, occurred_at=at),
}
