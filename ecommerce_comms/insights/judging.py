"""What became of what was told about one order's deliveries: a function of its rows, which writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from ecommerce_comms.insights.models import Score
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.zones import zone

_WHOLLY_SHIPPED = (Order.Status.SHIPPED, Order.Status.DELIVERED)
_SEVERAL = ", "


class Notice(NamedTuple):
    """A delay notice that went out."""

    at: datetime
    parcel_id: int | None
    """``None``: about the whole order."""
    stage: str = ""


@dataclass(frozen=True)
class Facts:
    """All that is known of one order."""

    order: Order
    parcels: Sequence[Parcel]
    promises: Sequence[Promise]
    notices: Sequence[Notice] = ()


def scores(facts: Facts, now: datetime) -> Iterator[Score]:
    """A row, not saved, for each delivery of the order that can be judged at ``now``: its day has passed, or it has arrived."""
    for parcel in _deliveries(facts):
        chain = _chain(facts.promises, parcel)
        arrived_at = _arrived_at(facts.order, parcel)
        if chain and _is_judged(facts.order, parcel, chain[0], arrived_at, now):
            yield _score(facts, parcel, chain, arrived_at, now)


def _deliveries(facts: Facts) -> list[Parcel | None]:
    """The parcels that have left or were promised something of their own; the whole order while anything of it may be outstanding."""
    own = {promise.parcel_id for promise in facts.promises}
    parcels: list[Parcel | None] = [each for each in facts.parcels if each.shipped_at or each.delivered_at or each.pk in own]
    is_whole = not parcels or facts.order.status not in _WHOLLY_SHIPPED
    return [*parcels, None] if is_whole else parcels


def _chain(promises: Sequence[Promise], parcel: Parcel | None) -> list[Promise]:
    """What was told about a delivery, the first one first. A parcel's promises go on from the whole order's.

    What is told of the whole order later is about what of it is still to leave.
    """
    ranked = sorted(promises, key=lambda promise: (promise.revision, promise.pk))
    own = [promise for promise in ranked if parcel and promise.parcel_id == parcel.pk]
    return [promise for promise in ranked if promise.parcel_id is None and (not own or promise.made_at <= own[0].made_at)] + own


def _arrived_at(order: Order, parcel: Parcel | None) -> datetime | None:
    return (parcel.delivered_at if parcel else None) or order.delivered_at


def _is_judged(order: Order, parcel: Parcel | None, promise: Promise, arrived_at: datetime | None, now: datetime) -> bool:
    """Whether it is settled what became of ``promise``. What is cancelled in time was never late; at a pick-up point it has arrived."""
    if arrived_at is not None:
        return True
    has_ended = order.cancelled_at is not None and order.cancelled_at < promise.overdue_at
    waits = parcel is not None and parcel.status == Parcel.Status.READY_FOR_PICKUP
    return promise.overdue_at <= now and not has_ended and not waits


def _score(facts: Facts, parcel: Parcel | None, chain: Sequence[Promise], arrived_at: datetime | None, now: datetime) -> Score:
    order, here = facts.order, zone(facts.order.time_zone)
    arrived_on = arrived_at.astimezone(here).date() if arrived_at else None
    notices = [notice for notice in facts.notices if _is_about(notice, parcel, arrived_at)]
    told = min(notices, key=lambda notice: notice.at, default=None)

    def kept(promise: Promise) -> bool | None:
        if arrived_on:
            return arrived_on <= promise.latest
        return False if _is_judged(order, parcel, promise, None, now) else None

    told_on = told.at.astimezone(here).date() if told else None
    new = next((promise for promise in chain if promise.latest > chain[0].latest), None)
    return Score.build(
        order=order, parcel=parcel, slot=parcel.pk if parcel else 0, arrived_on=arrived_on, **_way(order, parcel),
        **_measures("first", chain[0], kept(chain[0]), arrived_on, here), **_measures("last", chain[-1], kept(chain[-1]), arrived_on, here),
        revisions=len({(promise.earliest, promise.latest) for promise in chain}) - 1, notices=len(notices),
        told_on=told_on, told_stage=told.stage if told else "", telling=_telling(told_on, chain[0].latest, bool(kept(chain[0]))),
        new_kept=kept(new) if new else None, scored_at=now,
    )


def _is_about(notice: Notice, parcel: Parcel | None, arrived_at: datetime | None) -> bool:
    """Whether a notice told of this delivery. What is told of the whole order once a parcel has arrived is about the others."""
    if parcel is None or notice.parcel_id is not None:
        return notice.parcel_id == (parcel.pk if parcel else None)
    return arrived_at is None or notice.at <= arrived_at


def _telling(told_on: date | None, due: date, is_kept: bool) -> str:
    if is_kept:
        return Score.Telling.NEEDLESS if told_on else Score.Telling.NONE
    if told_on is None:
        return Score.Telling.UNTOLD
    return _AGAINST[(told_on > due) - (told_on < due)]


_AGAINST = {-1: Score.Telling.AHEAD, 0: Score.Telling.SAME_DAY, 1: Score.Telling.AFTER}


def _measures(which: str, promise: Promise, kept: bool | None, arrived_on: date | None, here: Any) -> dict[str, Any]:
    told = {
        "due": promise.latest, "days": _small((promise.latest - promise.earliest).days + 1),
        "lead": _small((promise.latest - promise.made_at.astimezone(here).date()).days), "kept": kept,
        "late": _small((arrived_on - promise.latest).days) if arrived_on else None,
        "confidence": promise.confidence, "source": promise.source,
    }
    return {f"{which}_{name}": value for name, value in told.items()}


def _way(order: Order, parcel: Parcel | None) -> dict[str, str]:
    """Where from, where to and by what; read from the JSON itself, for snapshots of a million orders are slow to build."""
    snapshot, box = order.snapshot or {}, (parcel.snapshot if parcel else None) or {}
    address = snapshot.get("address") or {}
    lines = box.get("lines") or snapshot.get("lines") or []
    origins = sorted({str(line.get("origin") or "").strip() for line in lines} - {""})
    return {
        "carrier": (parcel.carrier if parcel else "").strip(),
        "service": ((parcel.service if parcel else "") or str(snapshot.get("shipping_option") or "")).strip()[:100],
        "origin": (str(box.get("origin") or "").strip() or _SEVERAL.join(origins))[:100],
        "country": str(address.get("country") or "").strip().upper()[:2], "region": str(address.get("region") or "").strip()[:60],
    }


def _small(number: int) -> int:
    """As a small column can hold it; a hundred years late is late enough."""
    return max(-32_000, min(32_000, number))


