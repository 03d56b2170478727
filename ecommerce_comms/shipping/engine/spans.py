"""One leg of many parcels, cut into the days on which each could have ended it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecommerce_comms.shipping.engine.encoding import NEVER
from ecommerce_comms.shipping.engine.numeric import need

LOST = (1.0, 100.0)
"""Pseudo-parcels that got lost, of pseudo-parcels in all: a young shop has not seen how many never arrive."""


@dataclass(slots=True)
class Spans:
    """Parcel-days at risk: parcel ``parcel`` (a position in ``rows``) was still on its way at ``age`` days, on day ``first + day``."""

    ages: int
    first: int
    """The earliest day, as an ordinal."""
    length: int
    """Days from the first until the learning."""
    rows: Any
    weight: Any
    """Of each parcel: newer ones count more."""
    event: Any
    """Whether each parcel was seen to end the leg."""
    parcel: Any
    age: Any
    day: Any
    begins: Any
    """Where among the parcel-days each parcel begins."""
    at: Any
    """Where among the parcel-days the events are."""
    lost: float
    """Share that never ends it."""


def cut(start: Any, end: Any, given_up: Any, until: Any, weight: Any, ages: int) -> Spans | None:
    """Parcel-days of a leg from days ``start`` to ``end`` (``NEVER``: not yet), as known at the beginning of day ``until``.

    A parcel under way longer than ``ages`` days is lost: it tells how many get lost and nothing about how fast the others are,
    so it leaves the tables, as do the few that arrived even later. Younger open ones count as much as parcels of their age
    still arrive: lost share p, share still open S, (1 - p) S / ((1 - p) S + p) (cure model, Boag 1949; one step of its EM algorithm).
    """
    np = need()
    seen = (start < until) & (end >= start)
    last = np.minimum(np.minimum(end, given_up), until - 1)
    done = seen & (end <= last)
    gone = seen & ~done & (given_up >= until) & (until - start > ages)
    rows = np.nonzero(seen & ~gone & (last >= start) & (last - start < ages))[0]
    if not len(rows):
        return None
    start_day, event, final = start[rows], done[rows], (last - start)[rows]
    ripe = (event & ((until - start)[rows] > ages)).sum()
    lost = float((gone.sum() + LOST[0]) / (ripe + gone.sum() + LOST[1]))
    ended = np.bincount(final[event], minlength=ages)
    still = (ended[::-1].cumsum()[::-1] + 0.5) / (ended.sum() + 0.5)
    arrives = (1 - lost) * still / ((1 - lost) * still + lost)
    days = final + 1
    parcel = np.repeat(np.arange(len(rows)), days)
    begins = np.cumsum(days) - days
    age = np.arange(len(parcel)) - begins[parcel]
    first = int(start_day.min())
    return Spans(
        ages=ages, first=first, length=int(until.max()) - first, rows=rows, event=event, parcel=parcel, age=age,
        weight=np.where(event, weight[rows], weight[rows] * arrives[final]), day=start_day[parcel] - first + age,
        begins=begins, at=(begins + final)[event], lost=lost,
    )


def known(days: Any, moments: Any, until_day: Any, until_moment: float) -> Any:
    """``days`` with ``NEVER`` for what had not happened by ``until``: a fact counts from the day after it."""
    np = need()
    return np.where((days < until_day) & (moments <= until_moment), days, NEVER)
