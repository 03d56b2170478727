"""Lines over days or months."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, day_axis, number_axis, percent, share_axis, short
from ecommerce_comms.charts.frame import COLOURS, Plot, Words, axes, legend, nothing, picture, plot


@dataclass(frozen=True)
class Spot:
    """One day of a line; ``value`` is ``None`` where there is nothing to tell, and the line has a gap."""

    day: date
    value: float | None
    low: float | None = None
    high: float | None = None
    """Bounds of ``value``: both, or none."""
    note: str = ""
    """Shown while one points at it."""


@dataclass(frozen=True)
class Line:
    """A line with a name."""

    name: str
    spots: Sequence[Spot]


def lines(
    data: Sequence[Line], words: Words, *, is_share: bool = False, area: bool = False, goal: float | None = None,
    name_day: Callable[[date], str] | None = None,
) -> str:
    """Lines over time, with a band where bounds are given, and filled down to the axis if ``area``.

    ``is_share``: values lie between 0 and 1 and are told in percent. ``goal`` is drawn as a dashed line. ``name_day`` writes the
    days of the axis; without it they are ISO dates. Raises ``ValueError`` for bad numbers.
    """
    told = [(line, [_checked(spot, is_share) for spot in line.spots]) for line in data]
    values = [value for _, spots in told for spot in spots for value in (spot.value, spot.low, spot.high) if value is not None]
    if not values:
        return nothing(words, "lines")
    values += [] if goal is None else [svg.finite(goal, "The goal")]
    y = share_axis(values, floor=0.0 if area else 0.9) if is_share else number_axis(values, from_zero=True)
    x = day_axis([spot.day for _, spots in told for spot in spots], name=name_day)
    place = plot(words, y, legend=len(told) > 1)
    x, y = x.drawn(place.left + 6, place.right - 6), y.drawn(place.bottom, place.top)
    parts = [axes(words, place, x, y), _goal(goal, place, y)]
    for number, (_, spots) in enumerate(told):
        parts.append(_drawn(spots, number % len(COLOURS), x, y, is_share, area))
    if len(told) > 1:
        keys = [(line.name, COLOURS[number % len(COLOURS)], _class(number)) for number, (line, _) in enumerate(told)]
        parts.append(legend(keys, place.top - 11))
    return picture(words, *parts, kind="lines")


def _drawn(spots: Sequence[Spot], number: int, x: Axis, y: Axis, is_share: bool, area: bool) -> str:
    colour, kind = COLOURS[number], _class(number)
    parts = []
    for run in _runs(spots):
        points = [(x.at(spot.day.toordinal()), y.at(spot.value)) for spot in run if spot.value is not None]
        band = [(x.at(spot.day.toordinal()), spot.low, spot.high) for spot in run if spot.low is not None and spot.high is not None]
        if len(band) > 1:
            edge = [(at, y.at(high)) for at, _, high in band] + [(at, y.at(low)) for at, low, _ in reversed(band)]
            parts.append(svg.tag("path", d=svg.path(edge, closed=True), fill=colour, fill_opacity=0.18, class_=f"{kind} comms-chart-fill"))
        elif band:
            [(at, low, high)] = band
            parts.append(svg.tag("line", x1=at, x2=at, y1=y.at(low), y2=y.at(high), stroke=colour, stroke_width=2, stroke_opacity=0.4,
                                 class_=f"{kind} comms-chart-stroke"))
        if area:
            edge = [(points[0][0], y.at(0)), *points, (points[-1][0], y.at(0))]
            parts.append(svg.tag("path", d=svg.path(edge, closed=True), fill=colour, fill_opacity=0.18, class_=f"{kind} comms-chart-fill"))
        parts.append(svg.tag("path", d=svg.path(points), fill="none", stroke=colour, stroke_width=2, class_=f"{kind} comms-chart-stroke"))
        parts += [_dot(spot, at, kind, colour, is_share, len(spots)) for spot, at in zip(run, points, strict=True)]
    return "".join(parts)


def _dot(spot: Spot, at: tuple[float, float], kind: str, colour: str, is_share: bool, of: int) -> str:
    value = spot.value or 0.0
    said = spot.note or f"{spot.day.isoformat()}: {percent(value) if is_share else short(value, 2)}"
    # Months have visible dots; many days have points to hover over.
    return svg.tag("circle", svg.hint(said), cx=at[0], cy=at[1], r=3 if of <= 40 else 1.5, fill=colour, class_=f"{kind} comms-chart-fill")


def _goal(goal: float | None, place: Plot, y: Axis) -> str:
    if goal is None:
        return ""
    at = y.at(goal)
    return svg.tag("line", x1=place.left, x2=place.right, y1=at, y2=at, stroke="currentColor", stroke_dasharray="5 4", stroke_opacity=0.7)


def _runs(spots: Sequence[Spot]) -> list[list[Spot]]:
    """The stretches between gaps."""
    runs: list[list[Spot]] = [[]]
    for spot in sorted(spots, key=lambda spot: spot.day):
        if spot.value is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run for run in runs if run]


def _checked(spot: Spot, is_share: bool) -> Spot:
    check = svg.share if is_share else svg.finite
    if not isinstance(spot.day, date):
        raise ValueError(f"A line needs days, got {spot.day!r}.")
    for value in (spot.value, spot.low, spot.high):
        if value is not None:
            check(value, f"The value of {spot.day.isoformat()}")
    if (spot.low is None) != (spot.high is None) or (spot.low is not None and spot.high is not None and spot.low > spot.high):
        raise ValueError(f"The bounds of {spot.day.isoformat()} must be a lower and a higher one, got {spot.low} and {spot.high}.")
    return spot


def _class(number: int) -> str:
    return f"comms-chart-{number % len(COLOURS) + 1}"
