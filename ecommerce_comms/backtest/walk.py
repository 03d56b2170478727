"""Walks through a history day by day, each day with nothing but what had happened before it began."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from ecommerce_comms.backtest.reading import facts
from ecommerce_comms.shipping.estimators.shipments import Shipment

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day, seen from the moment at which it began."""

    date: date
    began: datetime
    """Nothing that happened at this moment or later is known."""
    arrived: Sequence[Shipment]
    """The parcels that were delivered since the day before began; on the first day, all that had been before."""
    ordered: Sequence[Shipment]
    """The parcels that are ordered on this day, with their whole lives: what becomes of them is for scoring only."""


def walk(parcels: Sequence[Shipment], first: date, last: date) -> Iterator[Day]:
    """Each day from ``first`` to ``last``. ``parcels`` are in the order in which they were ordered.

    A day begins at the earliest midnight among those who order on it, so that nobody's estimate knows of anything that
    happened on its own day.
    """
    by_day = _by_day(parcels)
    midnights = _Midnights(by_day)
    arrivals = sorted(((parcel.delivered_at, parcel) for parcel in parcels if parcel.delivered_at is not None), key=lambda pair: pair[0])
    taken = 0
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        began = midnights.of(day)
        before, taken = taken, bisect_left(arrivals, began, lo=taken, key=lambda pair: pair[0])
        yield Day(date=day, began=began, arrived=[parcel for _, parcel in arrivals[before:taken]], ordered=by_day.get(day, ()))


def as_known(parcel: Shipment, moment: datetime) -> Shipment:
    """``parcel`` as it was known just before ``moment``: what happens then or later is left out."""
    if max(facts(parcel)) < moment:
        return parcel
    return replace(
        parcel,
        shipped_at=_if_before(parcel.shipped_at, moment),
        delivered_at=_if_before(parcel.delivered_at, moment),
        cancelled_at=_if_before(parcel.cancelled_at, moment),
    )


def as_ordered(parcel: Shipment) -> Shipment:
    """``parcel`` as it was known when it was ordered."""
    return replace(parcel, shipped_at=None, delivered_at=None, cancelled_at=None)


def _if_before(at: datetime | None, moment: datetime) -> datetime | None:
    return at if at is not None and at < moment else None


def _by_day(parcels: Sequence[Shipment]) -> dict[date, list[Shipment]]:
    found = defaultdict[date, list[Shipment]](list)
    for parcel in parcels:
        found[parcel.ordered_at.date()].append(parcel)
    return found


class _Midnights:
    """When each day begins, by the offsets of those who order on it, else on the last day before it on which somebody did."""

    def __init__(self, by_day: Mapping[date, Sequence[Shipment]]) -> None:
        self._days = sorted(by_day)
        self._zones = [max((parcel.ordered_at for parcel in by_day[day]), key=_offset).tzinfo for day in self._days]

    def of(self, day: date) -> datetime:
        """The moment at which ``day`` begins."""
        return datetime.combine(day, time.min, self._zones[max(0, bisect_right(self._days, day) - 1)])


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
