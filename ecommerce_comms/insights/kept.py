"""How many promises were kept, by whatever one likes to know it: the door for pages, downloads and programs.

Added up in the database, from the tallies of each month. Shares come with Wilson's bounds (95 %): of few deliveries little is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum

from ecommerce_comms.charts import wilson
from ecommerce_comms.insights.chosen import FIRST, Chosen
from ecommerce_comms.insights.models import Tally

Kind = Tally.Kind
GROUPINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "carrier": (Kind.WAY, ("carrier",)),
    "service": (Kind.WAY, ("service",)),
    "lane": (Kind.LANE, ("origin", "country", "region")),
    "warehouse": (Kind.LANE, ("origin",)),
    "country": (Kind.WAY, ("country",)),
    "month": (Kind.WAY, ("month",)),
    "source": (Kind.WAY, ("source",)),
}
"""By what deliveries may be put together: the tallies that know it, and which values name a group."""
EDGES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98)
"""Where one bin of confidence ends and the next begins: narrow where promises usually are."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Deliveries of one group, and what became of what was told about them."""

    names: tuple[Any, ...]
    """The values of the grouping: texts, or the first day of a month."""
    hits: int
    of: int
    """How many promises were kept, of how many whose outcome is known."""
    missing: int
    """How many of ``of`` have not arrived, though their day has passed."""
    window_days: float
    """Mean length of the windows, both ends included."""
    lead_days: float
    """Mean number of days from telling to the last day told."""
    days_late: float | None
    """Mean, of those that arrived late; ``None`` if none did."""
    days_early: float | None
    """Mean, of those that arrived before the last day told."""

    @property
    def share(self) -> float:
        """The share that was kept, 0 to 1."""
        return self.hits / self.of if self.of else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound of the share."""
        return wilson(self.hits, self.of)


@dataclass(frozen=True)
class Bin:
    """Promises told with about the same confidence."""

    low: float
    high: float
    nominal: float
    """Mean confidence."""
    hits: int
    of: int

    @property
    def end(self) -> str:
        """Whether ``high`` itself belongs to it (``lte``) or to the next one (``lt``)."""
        return "lte" if self.high == 1.0 else "lt"


def by(
    grouping: str, since: date | None = None, until: date | None = None, *, judged: str = FIRST, ways: Mapping[str, str] | None = None
) -> list[Row]:
    """One row for each group, the largest first; months in their order.

    ``since`` and ``until`` are days in the first and the last month that count; months count as a whole, by the last day of the window
    that was told, up to yesterday. ``judged`` is ``"first"`` or ``"last"``: which promise counts where a date was told anew. ``ways``
    narrows it down, as ``{"carrier": "DHL", "country": "IN"}``; names are ``carrier, service, country``. Raises ``ValueError`` for an
    unknown name.
    """
    return of(grouping, Chosen(since=since, until=until, judged=judged, ways=ways or {}))


def of(grouping: str, chosen: Chosen, *, least: int = 0) -> list[Row]:
    """The same for what is chosen already; groups of less than ``least`` deliveries are left out."""
    if grouping not in GROUPINGS:
        raise ValueError(f"Deliveries cannot be put together by {grouping!r}; choose from {', '.join(GROUPINGS)}.")
    kind, names = GROUPINGS[grouping]
    found = chosen.tallies(kind).values(*names).annotate(**_SUMS)
    rows = [_row(tuple(row[name] for name in names), row) for row in (found.filter(sum_number__gte=least) if least else found)]
    if grouping == "month":
        return sorted(rows, key=lambda row: row.names)
    return sorted(rows, key=lambda row: (-row.of, tuple(map(str, row.names))))


def total(chosen: Chosen) -> Row:
    """All that is chosen, as one row."""
    return _row((), chosen.tallies(Kind.WAY).aggregate(**_SUMS))


def worst(chosen: Chosen, *, least: int = 20, number: int = 10) -> list[Row]:
    """The lanes of at least ``least`` deliveries of which one can be least sure: by the lower bound of their share."""
    return sorted(of("lane", chosen, least=least), key=lambda row: (row.bounds[0], -row.of, tuple(map(str, row.names))))[:number]


def lateness(chosen: Chosen) -> dict[int, int]:
    """How many arrived so many days after the last day told; below 0 before it."""
    return dict(chosen.tallies(Kind.LATE).values_list("value").annotate(Sum("number")).order_by("value"))


def calibration(chosen: Chosen) -> list[Bin]:
    """What was told with which confidence, and how much of it was kept; promises without a confidence are left out."""
    sums = Sum("confidence"), Sum("hits"), Sum("number")
    found = chosen.tallies(Kind.CONFIDENCE).values_list("value").annotate(*sums).order_by("value")
    return _bins([(confidence / number, hits, number) for _, confidence, hits, number in found if number])


def _bins(found: Sequence[tuple[float, int, int]]) -> list[Bin]:
    made = []
    for low, high in zip((0.0, *EDGES), (*EDGES, 1.0), strict=True):
        # A mean may miss a round edge by its last digits.
        mine = [each for each in found if low <= each[0] + 1e-6 and (each[0] + 1e-6 < high or high == 1.0)]
        number = sum(each[2] for each in mine)
        if number:
            nominal = sum(mean * each for mean, _, each in mine) / number
            made.append(Bin(low, high, min(1.0, nominal), sum(hits for _, hits, _ in mine), number))
    return made


_MEASURES = ("number", "hits", "missing", "window", "lead", "later", "later_days", "earlier", "earlier_days")
_SUMS = {f"sum_{name}": Sum(name) for name in _MEASURES}


def _row(names: tuple[Any, ...], found: Mapping[str, Any]) -> Row:
    sums = {name: found[f"sum_{name}"] or 0 for name in _MEASURES}

    def mean(total: str, number: str) -> float | None:
        return sums[total] / sums[number] if sums[number] else None

    return Row(
        names=names, hits=sums["hits"], of=sums["number"], missing=sums["missing"], window_days=mean("window", "number") or 0.0,
        lead_days=mean("lead", "number") or 0.0, days_late=mean("later_days", "later"), days_early=mean("earlier_days", "earlier"),
    )
