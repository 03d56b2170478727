"""The figures as one HTML file with plots: nothing in it moves, and nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ecommerce_comms import charts
from ecommerce_comms.backtest import lines, plots
from ecommerce_comms.backtest.delays import Delays
from ecommerce_comms.backtest.promises import Promises
from ecommerce_comms.backtest.scores import LEAST_OF_A_MONTH

_BLIND = "Each order is judged by what was known before the day on which it was placed."
_TEMPLATE = "ecommerce_comms/backtest.html"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures side by side."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    """What a figure says, and its cells."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section of the page."""

    title: str
    says: str
    table: Table | None = None
    pictures: Sequence[SafeString] = field(default_factory=tuple)


def of_promises(found: Promises) -> str:
    """The page about dates."""
    goal = "The 90 % promise should be kept for about nine orders in ten, month by month and not only on average."
    return _page("Arrival dates, tried on the past", lines.about_promises(found), found.seconds, [
        Part(title="Figures", says=" ".join([_BLIND, *lines.ratios(found)]),
             table=_table(lines.PROMISE_ROWS, found.measured())),
        Part(title="Promises kept, month by month", says=f"{goal} Months with fewer than {LEAST_OF_A_MONTH} orders are left out.",
             pictures=_safe(plots.by_month(found))),
        Part(title="Promised and kept", says="On the diagonal a date that was told with some confidence was kept as often as that.",
             pictures=_safe(plots.calibration(found))),
        Part(title="Length against lateness", says="The further left and down the better: short promises that are kept. Each dot is one "
             "level of confidence for all orders.", pictures=_safe(plots.frontier(found))),
        Part(title="The worst lanes", says=f"The engine's 90 % promise, on lanes with at least {plots.LEAST_OF_A_LANE} orders.",
             pictures=_safe(plots.worst_lanes(found))),
    ])


def of_delays(found: Delays) -> str:
    """The page about notices."""
    parts = []
    for whose, measured in found.measured().items():
        says = f"{lines.about_late(found, whose)}. An early notice comes by the promised day; everybody else is told once it has passed."
        parts.append(Part(
            title=f"Against {lines.AGAINST[whose]}", says=says[0].upper() + says[1:], table=_table(lines.DELAY_ROWS, measured["policies"]),
            pictures=_safe(plots.policies(measured["policies"]), plots.chances(found.reliability[whose])),
        ))
    return _page("Delay notices, tried on the past", lines.about_delays(found), found.seconds, parts)


def _table(rows: Sequence[lines.Row], columns: Mapping[str, Mapping[str, Any]]) -> Table:
    return Table(heads=lines.names(columns), rows=[(row[1], lines.cells(row, columns)) for row in rows])


def _safe(*pictures: str) -> list[SafeString]:
    # charts escapes every text that it is given.
    return [mark_safe(picture) for picture in pictures]  # noqa: S308


def _page(title: str, about: str, seconds: float, parts: Sequence[Part]) -> str:
    style = mark_safe(charts.stylesheet())  # noqa: S308 - a file of ours
    return render_to_string(_TEMPLATE, {"title": title, "about": about, "seconds": f"{seconds:,.0f}", "parts": parts, "style": style})
