"""The plots of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ecommerce_comms.backtest import lines
from ecommerce_comms.backtest.frontier import STEPS, Frontier
from ecommerce_comms.backtest.promises import SHOP, Promises
from ecommerce_comms.backtest.scores import LEAST_OF_A_MONTH, PROMISE, Kept
from ecommerce_comms.backtest.verdicts import Reliability
from ecommerce_comms.charts import Bar, Dot, Line, Spot, Told, Words, bars, scatter, wilson
from ecommerce_comms.charts import calibration as drawn_calibration
from ecommerce_comms.charts import lines as drawn_lines
from ecommerce_comms.charts.curves import Curve, Point, curves

LEAST_OF_A_LANE = 30
_WORST_LANES = 10
_ENGINE = "engine"
_LEVELS = tuple(number / 20 for number in range(1, 20))
_FRONTIER_LEVELS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98)


def by_month(found: Promises) -> str:
    """The share of promises kept, by month of the order, for each method."""
    told = [Line(name.replace("_", " "), _spots(scores.months)) for name, scores in found.scores.items() if scores.orders]
    return drawn_lines(told, Words(title="Promises kept by month", y="kept"), is_share=True, goal=PROMISE)


def _spots(months: Kept) -> list[Spot]:
    spots = []
    for month, kept in months.coverage(LEAST_OF_A_MONTH).items():
        orders = months.orders[month]
        low, high = wilson(orders - months.late[month], orders)
        note = f"{month}: {lines.percent(kept)} of {orders:,} orders"
        spots.append(Spot(date.fromisoformat(f"{month}-01"), kept, low, high, note))
    return spots


def calibration(found: Promises) -> str:
    """How often the engine's quantiles were kept, against their level."""
    counted = found.scores[_ENGINE].everywhere
    told = [Told(level, round(counted.coverage(level) * counted.orders), counted.orders) for level in _LEVELS] if counted.orders else []
    return drawn_calibration(told, Words(title="Promised and kept", x="promised", y="kept"), level=PROMISE)


def frontier(found: Promises) -> str:
    """Mean length of promises against the share that came late, by level, with the shop's own dates as one point."""
    shop = found.scores[SHOP]
    data = [
        Curve(name.replace("_", " "), _points(scores.beside_shop if shop.orders else scores.everywhere))
        for name, scores in found.scores.items() if name != SHOP
    ]
    if (length := shop.promise_days()) is not None:
        late = float(shop.measured(length)["late_share"] or 0)
        data.append(Curve(SHOP, [Point(length, late, f"the shop: {lines.days(length)} days, {lines.percent(late)} late")]))
    return curves(data, Words(title="Length against lateness", x="days from order to promise", y="came late"))


def _points(counted: Frontier) -> list[Point]:
    if not counted.orders:
        return []
    lengths, late, places = counted.lengths(), counted.late(), [round(level * STEPS) - 1 for level in _FRONTIER_LEVELS]
    return [Point(lengths[place], late[place], _said((place + 1) / STEPS, lengths[place], late[place])) for place in places]


def _said(level: float, length: float, late: float) -> str:
    return f"{lines.percent(level)}: {lines.days(length)} days, {lines.percent(late)} late"


def worst_lanes(found: Promises) -> str:
    """The lanes on which the fewest of the engine's promises were kept."""
    lanes = found.scores[_ENGINE].lanes
    worst = sorted((kept, name) for name, kept in lanes.coverage(LEAST_OF_A_LANE).items())[:_WORST_LANES]
    told = [Bar(name, lanes.orders[name] - lanes.late[name], lanes.orders[name]) for _, name in worst]
    return bars(told, Words(title="Promises kept on the worst lanes", empty="No lane has enough orders."), goal=PROMISE)


def policies(measured: Mapping[str, Mapping[str, Any]]) -> str:
    """The share told a day ahead against the share of notices that were right, for each policy."""
    dots = [
        Dot(figures["recall_day_ahead"], figures["precision"], name.replace("_", " "), is_chosen=name == "default")
        for name, figures in measured.items() if figures["recall_day_ahead"] is not None and figures["precision"] is not None
    ]
    words = Words(title="Right notices against late orders told", x="late orders told a day ahead", y="early notices that were right")
    return scatter(dots, words, x_share=True, y_share=True)


def chances(seen: Reliability) -> str:
    """How often a parcel was late, against the chance of it that was seen near the date."""
    told = [Told(chance, late, mornings) for chance, late, mornings in seen.bins()]
    return drawn_calibration(told, Words(title="The chance of being late, and how often it was", x="chance seen", y="was late"))
