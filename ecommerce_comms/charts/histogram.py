"""How many there are of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, number_axis
from ecommerce_comms.charts.frame import TONES, Words, axes, nothing, picture, plot


@dataclass(frozen=True)
class Column:
    """How many there are of what ``name`` says; ``tone`` is "", "good", "bad" or "plain"."""

    name: str
    count: float
    tone: str = ""
    note: str = ""


def histogram(data: Sequence[Column], words: Words) -> str:
    """Columns side by side, in the order given; where names would run into each other some are left out.

    Raises ``ValueError`` for a count below 0 or an unknown tone.
    """
    for column in data:
        _check(column)
    if not any(column.count for column in data):
        return nothing(words, "histogram")
    y = number_axis([column.count for column in data], from_zero=True)
    place = plot(words, y)
    y = y.drawn(place.bottom, place.top)
    step = (place.right - place.left) / len(data)
    x = Axis(0.0, float(len(data)), [(number + 0.5, column.name) for number, column in enumerate(data)], place.left, place.right)
    parts = [_column(column, place.left + step * number, step, y) for number, column in enumerate(data)]
    return picture(words, axes(words, place, x, y), *parts, kind="histogram")


def _column(column: Column, left: float, step: float, y: Axis) -> str:
    gap, top = min(2.0, step * 0.1), y.at(column.count)
    return svg.tag("rect", svg.hint(column.note or f"{column.name}: {column.count:g}"), x=left + gap, y=top, width=step - 2 * gap,
                   height=y.start - top, fill=TONES[column.tone], class_=f"comms-chart-{column.tone or 1} comms-chart-fill")


def _check(column: Column) -> None:
    if svg.finite(column.count, f"The count of {column.name}") < 0:
        raise ValueError(f"The count of {column.name} must not be below 0, got {column.count:g}.")
    if column.tone not in TONES:
        raise ValueError(f"{column.name} has the tone {column.tone!r}; choose one of {', '.join(map(repr, TONES))}.")
