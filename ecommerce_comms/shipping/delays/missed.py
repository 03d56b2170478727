"""Promises whose last day has passed: told once, and closed as not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import router, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ecommerce_comms import keys
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.events import Known, record_all_known
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.delays import spells, telling, windows
from ecommerce_comms.shipping.delays.judging import LAST_MILE, Case, Look
from ecommerce_comms.shipping.delays.lanes import lane_of
from ecommerce_comms.shipping.delays.reasons import reason_of
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.shipping.delays.watching import SOURCE, watch_for
from ecommerce_comms.shipping.estimators.base import Estimate
from ecommerce_comms.shipping.models import Lateness, Promise, Tracking, Watch
from ecommerce_comms.zones import zone

_DAY = timedelta(days=1)


def tell_missed(look: Look, limit: int) -> int:
    """Record ``order_delayed`` for promises that broke; returns how many events were new.

    The promise is closed as not kept: it is told late once, and only the promise that follows it can be late again. While notices are
    held, staff see it and it stays open, so that it is told when the hold is lifted.
    """
    broken = list(_late(look)[:limit])
    if not broken:
        return 0
    with transaction.atomic(using=router.db_for_write(Promise)):
        told = [promise for promise in broken if _is_told(promise, look)]
        _begin_spells(broken, look)
        letters = _stages_of(told)
        recorded = record_all_known([_notice(promise, look, letters.get(_who(promise), "")) for promise in told])
        spells.tell({_who(promise) for promise in told}, Stage.values, look.now)
        if not look.rules.is_held:
            Promise.objects.filter(pk__in=[promise.pk for promise in broken], is_open=True).update(is_open=False, kept=False)
    return len(recorded)


def _late(look: Look) -> QuerySet[Promise]:
    """Open promises that are overdue, oldest first.

    What is out for delivery, or waits at a pick-up point, has arrived as far as we can tell.
    """
    told_by_parcel = Promise.objects.filter(order=OuterRef("order"), parcel__isnull=False, parcel__delivered_at__isnull=True)
    seen = Tracking.objects.filter(parcel=OuterRef("parcel"), status__in=LAST_MILE)
    late = (
        Promise.objects.filter(is_open=True, overdue_at__lte=look.now, order__delivered_at=None, order__cancelled_at=None)
        .filter(Q(parcel=None) & ~Exists(told_by_parcel) | Q(parcel__isnull=False, parcel__delivered_at=None) & ~Exists(seen))
        .exclude(parcel__isnull=False, parcel__status__in=(Parcel.Status.READY_FOR_PICKUP, Parcel.Status.OUT_FOR_DELIVERY))
        .select_related("order", "parcel__tracking").order_by("overdue_at", "pk")
    )
    if look.rules.is_held:
        listed = Lateness.objects.filter(order=OuterRef("order"), promise=OuterRef("pk"), stage=Stage.MISSED)
        return late.filter(~Exists(listed))
    return late


def _is_told(promise: Promise, look: Look) -> bool:
    names = (promise.parcel.carrier if promise.parcel else "", promise.order.as_snapshot.shipping_option)
    return promise.revision < conf.DELAY_NOTICES and look.rules.may_tell(Stage.MISSED, names)


def _begin_spells(broken: Sequence[Promise], look: Look) -> None:
    """One spell from the first date that is missed until the arrival, however many dates follow."""
    orders = [promise.order_id for promise in broken]
    standing = set(Lateness.objects.filter(order__in=orders, ended_at=None, stage=Stage.MISSED).values_list("order_id", "parcel_id"))
    spells.begin([
        spells.spell(_who(promise), Stage.MISSED, look.now, promise=promise.pk, chance=1.0)
        for promise in broken if _who(promise) not in standing
    ])


def _stages_of(told: Sequence[Promise]) -> dict[spells.Who, str]:
    """What else is wrong with them: that is why they are late."""
    orders = [promise.order_id for promise in told]
    rows = Watch.objects.filter(order__in=orders).values_list("order_id", "parcel_id", "stages")
    return {(order, parcel): stages for order, parcel, stages in rows}


def _notice(promise: Promise, look: Look, stages: str) -> Known:
    order, parcel, since = promise.order, promise.parcel, _moment(promise, look.now)
    watch = watch_for(order, parcel, promise, stages)
    case = Case(watch=watch, promise=promise, tracking=tracking_of(parcel), distribution=None, look=look)
    told = _window(case, order, parcel, since, promise.revision)
    data: dict[str, Any] = {
        "reason": told.reason if told else "", "reason_kind": reason_of(case, Stage.MISSED), "stage": str(Stage.MISSED),
        "revision": promise.revision, "was_earliest": promise.earliest.isoformat(), "was_latest": promise.latest.isoformat(),
    }
    if told:
        data |= in_data(told)
    return Known(
        kind="order_delayed", order=order, parcel=parcel, occurred_at=promise.overdue_at, data=data, source=SOURCE,
        event_key=keys.make("order_delayed", order.reference, parcel.reference if parcel else "-", promise.revision),
    )


def in_data(told: Estimate) -> dict[str, Any]:
    """A window as an event carries it."""
    known = {"confidence": told.confidence} if told.confidence is not None else {}
    return {"earliest": told.earliest.isoformat(), "latest": told.latest.isoformat(), "window_source": str(told.source), **known}


def tracking_of(parcel: Parcel | None) -> Tracking | None:
    """What the carrier says of the parcel, if it says anything."""
    return getattr(parcel, "tracking", None) if parcel is not None else None


def _window(case: Case, order: Order, parcel: Parcel | None, since: datetime, revision: int) -> Estimate | None:
    """The carrier's own date where it gives one that is still to come, else what is likely."""
    today = since.astimezone(zone(order.time_zone)).date()
    said = case.carriers_window
    if said and said[1] > today:
        return windows.of_carrier(said, lane_of(order, parcel), today)
    return telling.new_window(order, parcel, since, revision)


def _moment(promise: Promise, now: datetime) -> datetime:
    """From when the new window counts: the moment the promise broke, so that it depends on the promise alone.

    Only where that was found out more than a day later, as after an outage, it counts from now: a window in the past helps nobody.
    """
    return promise.overdue_at if now - promise.overdue_at < _DAY else now


def _who(promise: Promise) -> spells.Who:
    return promise.order_id, promise.parcel_id
