"""Whether a customer is told, and what: the one place that decides to speak before a date has passed.

Told is at most one delay before its date, and at most once that it is back on track. After that only facts speak: a date that has
passed. So chances that go up and down from day to day cannot make a notice each day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ecommerce_comms import keys
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.events import Known
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.delays import lanes, telling, windows
from ecommerce_comms.shipping.delays.judging import Case, Verdict
from ecommerce_comms.shipping.delays.missed import in_data
from ecommerce_comms.shipping.delays.reasons import reason_of
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.shipping.delays.watching import SOURCE
from ecommerce_comms.shipping.estimators.base import Estimate, estimate
from ecommerce_comms.shipping.models import Promise

EARLY = (Stage.WILL_MISS, Stage.NOT_SHIPPED, Stage.NO_SCAN, Stage.STALLED)
"""Stages that are told before the date has passed, the one that says most first."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Something that may be told about a parcel: ``Stage`` of a delay, or ``None`` for good news."""

    case: Case
    stage: Stage | None
    chance: float | None


def wished(case: Case, verdict: Verdict, told: Promise | None) -> Telling | None:
    """What there is to say about a parcel, as far as that is known without reading its order; mostly nothing.

    ``told`` is the newest promise, where a delay of ours stands.
    """
    if case.is_last_mile or case.promise is None or case.days_left < 0:
        return None
    if case.watch.is_told:
        return Telling(case=case, stage=None, chance=verdict.chance) if _holds_again(case, told) else None
    if case.watch.told or case.promise.revision >= conf.DELAY_NOTICES:
        return None
    stage = next((each for each in EARLY if each in verdict.stages and _is_worth_telling(case, each)), None)
    return Telling(case=case, stage=stage, chance=verdict.chance) if stage else None


def _is_worth_telling(case: Case, stage: Stage) -> bool:
    """By the merchant's rules; what is merely slow is told only if it will most likely be late for it."""
    names = (case.watch.carrier, lanes.read(case.watch.lane).get("service", ""))
    if not case.look.rules.may_tell(stage, names):
        return False
    chance = case.chance
    return stage == Stage.WILL_MISS or chance is None or case.look.rules.policy.speaks(chance, case.days_left)


def _holds_again(case: Case, told: Promise | None) -> bool:
    """Whether what was told late will be there by the date that was told first."""
    if told is None or case.watch.due_on is None or case.look.rules.is_held:
        return False
    if told.latest <= case.watch.due_on:
        return True  # it left, and what was told then is in time again: all that is left is to clear the mark
    said = case.carriers_window
    if said and case.tracking and case.tracking.estimated_at and case.tracking.estimated_at > told.made_at:
        return said[1] <= case.watch.due_on
    if case.distribution is not None:
        return case.distribution.chance_after(case.watch.due_on) < case.look.rules.clear
    left = case.watch.shipped_at
    return left is not None and left >= told.made_at and _table_holds(case)


def _table_holds(case: Case) -> bool:
    """Without chances: it was told late before it left, it has left, and the merchant's table says that the first date can be kept."""
    watch = case.watch
    again = estimate(replace(lanes.request_of(watch.lane, watch.zone, watch.ordered_at, watch.shipped_at, case.look.now), now=None))
    return again is not None and watch.due_on is not None and again.latest <= watch.due_on


def delay(telling_: Telling, order: Order, parcel: Parcel | None) -> Known | None:
    """The event of a delay; ``None`` if the window does not move by a day or more, or if nobody knows a new one."""
    case, promise = telling_.case, telling_.case.promise
    window = _new_window(case, order, parcel)
    if promise is None or window is None or window.latest < promise.latest + _DAY:
        return None
    data: dict[str, Any] = {
        "stage": str(telling_.stage), "reason": window.reason, "reason_kind": reason_of(case, telling_.stage or ""),
        "revision": promise.revision, "was_earliest": promise.earliest.isoformat(), "was_latest": promise.latest.isoformat(),
        **in_data(window), **_chance(telling_.chance),
    }
    return _found("order_delayed", order, parcel, promise.revision, data, case.look.now)


def good_news(telling_: Telling, order: Order, parcel: Parcel | None, told: Promise) -> Known | None:
    """The event of what is back on track: the date that was told first holds again."""
    case, promise = telling_.case, telling_.case.promise
    if promise is None:
        return None
    begins = min(max(promise.earliest, case.today), promise.latest)
    source = Promise.Source.HISTORY if case.distribution else Promise.Source.CARRIER if case.carriers_window else Promise.Source.RULE
    data: dict[str, Any] = {
        "earliest": begins.isoformat(), "latest": promise.latest.isoformat(), "window_source": str(source), "revision": told.revision,
        "reason": "It will be there by the date that was told first.", "was_earliest": told.earliest.isoformat(),
        "was_latest": told.latest.isoformat(), **_chance(telling_.chance),
    }
    found = _found("order_back_on_track", order, parcel, told.revision, data, case.look.now)
    return replace(found, notify_customer=told.latest > promise.latest)  # who heard the date with the shipping knows it


def _new_window(case: Case, order: Order, parcel: Parcel | None) -> Estimate | None:
    if case.carrier_is_later and case.carriers_window:
        return windows.of_carrier(case.carriers_window, case.watch.lane, case.today)
    if case.distribution is not None:
        return windows.of_distribution(case.distribution, case.watch.lane, case.today, case.watch.due_on)
    return telling.new_window(order, parcel, case.look.now, case.promise.revision if case.promise else 0)


def _chance(chance: float | None) -> dict[str, float]:
    return {} if chance is None else {"chance": round(chance, 3)}


def _found(kind: str, order: Order, parcel: Parcel | None, revision: int, data: dict[str, Any], now: datetime) -> Known:
    return Known(
        kind=kind, order=order, parcel=parcel, occurred_at=now, data=data, source=SOURCE,
        event_key=keys.make(kind, order.reference, parcel.reference if parcel else "-", revision),
    )


def orders_and_parcels(tellings: Sequence[Telling]) -> tuple[dict[int, Order], dict[int, Parcel]]:
    """The orders and parcels that something is told about, by their keys."""
    orders = Order.objects.in_bulk([each.case.watch.order_id for each in tellings])
    boxes = [each.case.watch.parcel_id for each in tellings if each.case.watch.parcel_id]
    parcels = Parcel.objects.select_related("tracking").in_bulk(boxes)
    for parcel in parcels.values():
        parcel.order = orders[parcel.order_id]
    return orders, parcels
