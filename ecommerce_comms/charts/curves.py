"""Lines through a plane: what is gained against what it costs, for several ways of doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, number_axis
from ecommerce_comms.charts.frame import COLOURS, Words, axes, legend, nothing, picture, plot

_TALL = 280.0


@dataclass(frozen=True)
class Point:
    """A place on a curve."""

    x: float
    y: float
    """A share, 0 to 1."""
    note: str = ""
    """Shown while one points at it."""


@dataclass(frozen=True)
class Curve:
    """Points joined in their order, under a name; a single point stands alone."""

    name: str
    points: Sequence[Point]


def curves(data: Sequence[Curve], words: Words) -> str:
    """Curves of shares (up, in percent) over numbers (across). Raises ``ValueError`` for bad numbers."""
    points = [point for curve in data for point in curve.points]
    if not points:
        return nothing(words, "curves")
    x = number_axis([svg.finite(point.x, "x of a point") for point in points])
    y = _shares([svg.share(point.y, "y of a point") for point in points])
    place = plot(words, y, legend=True, height=_TALL)
    x, y = x.drawn(place.left + 4, place.right - 4), y.drawn(place.bottom, place.top)
    parts = [axes(words, place, x, y), *(_drawn(curve, number % len(COLOURS), x, y) for number, curve in enumerate(data))]
    keys = [(curve.name, COLOURS[number % len(COLOURS)], f"comms-chart-{number % len(COLOURS) + 1}") for number, curve in enumerate(data)]
    return picture(words, *parts, legend(keys, place.top - 11), height=_TALL, kind="curves")


def _shares(values: Sequence[float]) -> Axis:
    found = number_axis([value * 100 for value in values], from_zero=True)
    return Axis(found.low / 100, found.high / 100, [(value / 100, f"{name} %") for value, name in found.ticks])


def _drawn(curve: Curve, number: int, x: Axis, y: Axis) -> str:
    colour, kind = COLOURS[number], f"comms-chart-{number + 1}"
    places = [(x.at(point.x), y.at(point.y)) for point in curve.points]
    line = svg.tag("path", d=svg.path(places), fill="none", stroke=colour, stroke_width=2, class_=f"{kind} comms-chart-stroke")
    dots = [
        svg.tag("circle", svg.hint(point.note or curve.name), cx=at[0], cy=at[1], r=3 if len(places) > 1 else 6, fill=colour,
                class_=f"{kind} comms-chart-fill")
        for point, at in zip(curve.points, places, strict=True)
    ]
    return (line if len(places) > 1 else "") + "".join(dots)
