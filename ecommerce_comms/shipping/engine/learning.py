"""Learn from parcels: two legs, handling (order to carrier) and transit (carrier to customer)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from ecommerce_comms.shipping.engine.encoding import EPOCH, NEVER, Columns
from ecommerce_comms.shipping.engine.numeric import need
from ecommerce_comms.shipping.engine.settings import EngineSettings, Prior
from ecommerce_comms.shipping.engine.spans import cut, known
from ecommerce_comms.shipping.engine.stages import ROUNDS, Fit, Plan
from ecommerce_comms.shipping.engine.state import Stage, State
from ecommerce_comms.shipping.estimators.shipments import Shipment

FEWEST = 30
"""Parcels that ended a leg, below which the shop's own figures are needed."""
HALF_LIFE = 130.0
"""After so many days a parcel counts half."""
HORIZON = {"handling": 40, "transit": 75}
"""Days after which a parcel counts as lost."""
PSEUDO, WORTH = 20, 2000
"""Parcels that the shop's own figures weigh, and how many real ones make them superfluous."""

HANDLING = Plan(
    days=40, chain=(("origin", 2.0),), place="leaves", hourly=True,
    ratios=(("category", 20.0), ("items", 20.0), ("kg", 20.0), ("value", 20.0), ("lane", 20.0), ("way", 20.0)),
    recent=(("leaves", 15.0, 10.0), ("origin", 4.0, 15.0)),
)
TRANSIT = Plan(
    days=60, chain=(("way>km", 10.0), ("way>km>arrives", 10.0), ("way>km>lane", 15.0)), place="arrives",
    ratios=(
        ("arrives", 15.0), ("kg", 20.0), ("km", 20.0), ("zone", 40.0), ("origin", 20.0), ("freight", 20.0), ("start zone", 30.0),
        ("way", 20.0),
    ),
    recent=(("arrives", 15.0, 10.0),),
)


def learn(
    shipments: Sequence[Shipment] | Columns, until: datetime, *, before: State | None = None, settings: EngineSettings | None = None,
) -> State:
    """What the shop's parcels taught until ``until`` (aware). Orders and facts of later days are not looked at.

    ``shipments`` may be ``Columns`` made once and used for many learnings. From ``before``, yesterday's state, the factors are taken
    on, which saves a round. Raises ``NumpyMissing`` without numpy.
    """
    need()
    settings = settings or EngineSettings()
    columns = shipments if isinstance(shipments, Columns) else Columns(shipments)
    enough = FEWEST
    if settings.prior is not None and columns.size < WORTH:
        made_up = list(pseudo_shipments(settings.prior, until))
        columns = Columns([*columns.shipments, *made_up], len(made_up))
        enough = 1
    facts = _Facts(columns, until)
    handling = facts.stage("ordered", "shipped", HANDLING, enough, settings, before.handling if before else None)
    transit = facts.stage("shipped", "delivered", TRANSIT, enough, settings, before.transit if before else None)
    return State(until=until, parcels=int(facts.placed[: columns.real].sum()), handling=handling, transit=transit)


def pseudo_shipments(prior: Prior, until: datetime) -> Iterator[Shipment]:
    """The shop's own figures as parcels of the last weeks, evenly from the shortest to the longest time."""
    start = until - timedelta(days=(sum(prior.handling) + sum(prior.transit)) * 2 + 14)
    for number in range(PSEUDO):
        share = (number + 0.5) / PSEUDO
        ordered = _after(start, 0) + timedelta(days=number % 5)
        ordered = _after(ordered, 0).replace(hour=0)
        shipped = _after(ordered, _between(prior.handling, share))
        delivered = _after(shipped, _between(prior.transit, (share * 7) % 1))
        if delivered < until:
            yield Shipment(ordered_at=ordered, shipped_at=shipped, delivered_at=delivered)


def _between(ends: tuple[int, int], share: float) -> int:
    return min(ends[1], ends[0] + int(share * (ends[1] - ends[0] + 1)))


def _after(moment: datetime, days: int) -> datetime:
    """So many working days later; with 0 the moment itself, or the Monday after it."""
    while moment.weekday() > 4:
        moment += timedelta(days=1)
    for _ in range(days):
        moment += timedelta(days=3 if moment.weekday() == 4 else 1)
    return moment


class _Facts:
    """The columns as they stood at a moment."""

    def __init__(self, columns: Columns, until: datetime) -> None:
        np = need()
        self.columns = columns
        moment = until.timestamp()
        self.until = ((moment + columns.offset) // 86400).astype(np.int64) + EPOCH
        days = {name: known(columns.days[name], columns.moments[name], self.until, moment) for name in columns.days}
        self.placed = days["ordered"] < NEVER
        told = days["shipped"] < NEVER
        days["shipped"] = np.where(told, np.minimum(days["shipped"], days["delivered"]), NEVER)
        days["ordered"] = np.where(~told & (days["delivered"] < NEVER), NEVER, days["ordered"])
        self.days = days

    def stage(self, start: str, end: str, plan: Plan, enough: int, settings: EngineSettings, before: Stage | None) -> Stage | None:
        """One leg; ``None`` if too few parcels ended it."""
        np = need()
        begins = np.where(self.placed, self.days[start], NEVER)
        weight = 0.5 ** (np.maximum(0, self.until - self.columns.days["ordered"]) / HALF_LIFE)
        ages = HORIZON["handling" if start == "ordered" else "transit"]
        spans = cut(begins, self.days[end], self.days["cancelled"], self.until, weight, ages)
        if spans is None or spans.event.sum() < enough:
            return None
        closed = _closed(self.columns, plan.place, spans.first, spans.length, settings)
        return Fit(self.columns, spans, plan, closed, before).run(ROUNDS - 1 if before else ROUNDS)


def _closed(columns: Columns, feature: str, first: int, length: int, settings: EngineSettings) -> Any:
    """Which places were closed on which days."""
    np = need()
    days = [date.fromordinal(first + day) for day in range(length)]
    rows = [[settings.is_closed(*columns.places[name], day) for day in days] for name in columns.names[feature]]
    return np.array(rows, dtype=bool).reshape(len(rows), length)
