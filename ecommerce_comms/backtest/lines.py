"""The figures as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ecommerce_comms.backtest.delays import Delays
from ecommerce_comms.backtest.promises import Promises
from ecommerce_comms.backtest.scores import LEAST_OF_A_MONTH

Row = tuple[str, str, Callable[[Any], str]]


def days(number: float) -> str:
    """A number of days."""
    return f"{number:.2f}"


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share * 100:.1f} %"


PROMISE_ROWS: tuple[Row, ...] = (
    ("mae", "days between the median and the day that came (MAE)", days),
    ("pinball_10", "pinball loss of the 10 % quantile", "{:.3f}".format),
    ("pinball_50", "pinball loss of the median", "{:.3f}".format),
    ("pinball_90", "pinball loss of the 90 % quantile", "{:.3f}".format),
    ("crps", "CRPS", "{:.3f}".format),
    ("window80_coverage", "came within the 80 % window", percent),
    ("window80_days", "days from its first to its last", days),
    ("promise90_coverage", "came by the 90 % promise", percent),
    ("promise90_days", "days from order to promise", days),
    ("worst_month_coverage", "the same in the worst month", percent),
    ("worst_month", "which month that was", str),
    ("late_share", "came late", percent),
    ("late_at_shop_length", "late if promises were as long as the shop's", percent),
)
DELAY_ROWS: tuple[Row, ...] = (
    ("precision", "of the early notices, those that were right", percent),
    ("recall", "of the late orders, those told by the promised day", percent),
    ("recall_day_ahead", "told at least a day before it", percent),
    ("median_lead_days", "days ahead, median (-1: when it had passed)", "{:g}".format),
    ("needless_per_100_on_time", "needless notices for 100 orders on time", days),
    ("new_date_held", "new dates that held", percent),
    ("notices_per_order", "notices for each order", "{:.3f}".format),
)
"""Key of a figure, what it says, and how it is written."""
_COMPARED = {"mae": "MAE", "crps": "CRPS", "pinball_90": "pinball loss at 0.9"}
AGAINST = {"shop": "the shop's own promise", "own": "our own 90 % promise"}


def names(columns: Iterable[str]) -> list[str]:
    """The names of methods and policies for people."""
    return [name.replace("_", " ") for name in columns]


def cells(row: Row, columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One figure of each column; a dash where there is none."""
    key, _, write = row
    return ["–" if figures[key] is None else write(figures[key]) for figures in columns.values()]


def of_promises(found: Promises) -> list[str]:
    """What ``comms_backtest promises`` found."""
    least = f"A month with fewer than {LEAST_OF_A_MONTH} orders is not called the worst."
    return [about_promises(found), "", *_table(PROMISE_ROWS, found.measured()), "", *ratios(found), least]


def ratios(found: Promises) -> list[str]:
    """The engine beside the lane table and the shop: below 1 it is better."""
    measured = found.measured()
    engine, table, shop = (measured.get(name) for name in ("engine", "lane_table", "shop"))
    lines = []
    if engine and table and all(table[key] for key in _COMPARED):
        told = ", ".join(f"{name} {engine[key] / table[key]:.3f}" for key, name in _COMPARED.items())
        lines.append(f"Engine / lane table: {told}.")
    if engine and shop and shop["late_share"] and engine["late_at_shop_length"] is not None:
        lines.append(f"Late at the shop's length / late at the shop: {engine['late_at_shop_length'] / shop['late_share']:.3f}.")
    return lines


def of_delays(found: Delays) -> list[str]:
    """What ``comms_backtest delays`` found."""
    lines = [about_delays(found)]
    for whose, measured in found.measured().items():
        lines += ["", f"Against {AGAINST[whose]}: {about_late(found, whose)}", *_table(DELAY_ROWS, measured["policies"])]
    return lines


def about_promises(found: Promises) -> str:
    """What was measured, in one sentence."""
    left_out = [f"{found.unknown:,} had not arrived by the end of the file" if found.unknown else "",
                f"{found.without_estimate:,} had no estimate for want of earlier deliveries" if found.without_estimate else ""]
    rest = ", and ".join(filter(None, left_out))
    return f"{found.orders:,} orders of {found.span.first} to {found.span.last} that were delivered{f'; {rest}' if rest else ''}."


def about_delays(found: Delays) -> str:
    """What was watched, in one sentence."""
    return f"Orders of {found.span.first} to {found.span.last}, watched each morning until they came."


def about_late(found: Delays, whose: str) -> str:
    """How many orders were late against the promise of ``whose``."""
    first = found.counted(whose)
    return f"{first.late:,} of {first.orders:,} orders late"


def _table(rows: Sequence[Row], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    told = [("", names(columns)), *((row[1], cells(row, columns)) for row in rows)]
    wide = max(len(label) for label, _ in told)
    widths = [max(len(cells[place]) for _, cells in told) for place in range(len(columns))]
    return [f"{label:<{wide}}" + "".join(f"  {cell:>{size}}" for cell, size in zip(cells, widths, strict=True)) for label, cells in told]
