"""Adds up how well a method did: over all orders, by month and by lane."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ecommerce_comms.backtest.frontier import Frontier
from ecommerce_comms.backtest.losses import cumulated, pinball, window
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

WINDOW, PROMISE = 0.8, 0.9
"""The share that a window holds, and the share that arrives by the promised day."""
LEAST_OF_A_MONTH = 50
"""A month with fewer orders is not called the worst."""
Measured = dict[str, float | str | None]


@dataclass
class Kept:
    """How many promises of one kind there were and how many of them were missed."""

    orders: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, late: bool) -> None:
        """One order of the kind ``name``."""
        self.orders[name] += 1
        self.late[name] += late

    def coverage(self, least: int = 1) -> dict[str, float]:
        """The share that arrived by the promise, for each kind with at least ``least`` orders, by name."""
        return {name: 1 - self.late[name] / orders for name, orders in sorted(self.orders.items()) if orders >= least}


class Scores:
    """What one method told, against what came."""

    def __init__(self) -> None:
        self.orders = 0
        self.months = Kept()
        self.lanes = Kept()
        self.everywhere = Frontier()
        """Over all orders."""
        self.beside_shop = Frontier()
        """Over those that the shop gave a date to."""
        self._sums = defaultdict[str, float](float)

    def add(self, parcel: Shipment, told: Distribution) -> None:
        """One delivered order and the distribution that was told when it was placed.

        Only what was delivered is scored, so the losses are those of the chances given that it arrives; window and promise are as told,
        with room for what gets lost.
        """
        ordered_on, came = _life(parcel)
        days, arriving = cumulated(told, ordered_on), cumulated(told.arriving(), ordered_on)
        low, median, high = (arriving.quantile(share) for share in (1 - PROMISE, 0.5, PROMISE))
        earliest, latest = window(told, WINDOW)
        length = (came - ordered_on).days
        self._count({
            "mae": abs(length - median),
            "pinball_10": pinball(0.1, low, length),
            "pinball_50": pinball(0.5, median, length),
            "pinball_90": pinball(0.9, high, length),
            "crps": arriving.crps(length),
            "window80_coverage": earliest <= came <= latest,
            "window80_days": (latest - earliest).days,
        })
        self._promised(parcel, days.quantile(PROMISE), length)
        self.everywhere.add(days, length)
        if parcel.promised_by is not None:
            self.beside_shop.add(days, length)

    def add_date(self, parcel: Shipment, told: date) -> None:
        """One delivered order and the one day that was told when it was placed, taken as its median and as its promise."""
        ordered_on, came = _life(parcel)
        promised, length = (told - ordered_on).days, (came - ordered_on).days
        self._count({
            "mae": abs(length - promised),
            "pinball_50": pinball(0.5, promised, length),
            "pinball_90": pinball(0.9, promised, length),
        })
        self._promised(parcel, promised, length)

    def measured(self, shop_length: float | None) -> Measured:
        """Every figure by its name; ``None`` where the method has none. ``shop_length`` is the mean of the shop's promises in days."""
        worst = min(((share, month) for month, share in self.months.coverage(LEAST_OF_A_MONTH).items()), default=(None, None))
        return {
            **{name: self._mean(name) for name in _MEANS},
            "worst_month_coverage": _rounded(worst[0]),
            "worst_month": worst[1],
            "late_share": self._mean("late"),
            "late_at_shop_length": _rounded(self._late_at(shop_length)),
        }

    def promise_days(self) -> float | None:
        """The mean days from order to promise."""
        return self._sums["promise90_days"] / self.orders if self.orders else None

    def _promised(self, parcel: Shipment, promised: int, length: int) -> None:
        late = length > promised
        self.orders += 1
        self._count({"promise90_coverage": not late, "promise90_days": promised, "late": late})
        self.months.add(f"{parcel.ordered_at:%Y-%m}", late)
        self.lanes.add(lane(parcel), late)

    def _count(self, measured: Mapping[str, float]) -> None:
        for name, number in measured.items():
            self._sums[name] += number

    def _mean(self, name: str) -> float | None:
        return _rounded(self._sums[name] / self.orders) if self.orders and name in self._sums else None

    def _late_at(self, length: float | None) -> float | None:
        if length is None or not self.orders:
            return None
        return self.beside_shop.late_at(length) if self.beside_shop.orders else self._sums["late"] / self.orders


_MEANS = (
    "mae", "pinball_10", "pinball_50", "pinball_90", "crps", "window80_coverage", "window80_days", "promise90_coverage", "promise90_days",
)


def lane(parcel: Shipment) -> str:
    """Where ``parcel`` goes from and to, for people."""
    return f"{parcel.origin_region or '?'} → {parcel.destination_region or '?'}"


def _life(parcel: Shipment) -> tuple[date, date]:
    assert parcel.delivered_at is not None  # only what was delivered is scored
    return parcel.ordered_at.date(), parcel.delivered_at.date()


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
