"""Whether what was told with a confidence came true as often as that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, percent, share_axis
from ecommerce_comms.charts.frame import COLOURS, TONES, Plot, Words, axes, nothing, picture, plot
from ecommerce_comms.charts.wilson import wilson

_SIDE = 300.0


@dataclass(frozen=True)
class Told:
    """Promises that were told with about the same confidence."""

    nominal: float
    """Their mean confidence, 0 to 1."""
    hits: int
    of: int
    """How many came true, of how many."""
    note: str = ""


def calibration(data: Sequence[Told], words: Words, *, level: float | None = None) -> str:
    """What was told (across) against what came true (up), with Wilson's bounds; on the diagonal both are the same.

    ``level`` marks the confidence that is aimed at. Points whose bounds miss the diagonal from above are told in the colour of what is
    bad: more was promised than was kept. Raises ``ValueError`` for shares outside 0 to 1.
    """
    if level is not None:
        svg.share(level, "The level")
    seen = [(svg.share(told.nominal, "A confidence"), told, wilson(told.hits, told.of)) for told in data if _has_cases(told)]
    if not seen:
        return nothing(words, "calibration")
    lows = [min(nominal, low) for nominal, _, (low, _) in seen]
    x, y = share_axis(lows, floor=0.8), share_axis(lows, floor=0.8)
    place = plot(words, y, height=_SIDE)
    x, y = x.drawn(place.left, place.right - 4), y.drawn(place.bottom, place.top)
    parts = [axes(words, place, x, y), _diagonal(x, y), _mark(level, place, x)]
    parts += [_point(nominal, told, bounds, x, y) for nominal, told, bounds in seen]
    return picture(words, *parts, height=_SIDE, kind="calibration")


def _has_cases(told: Told) -> bool:
    wilson(told.hits, told.of)
    return told.of > 0


def _diagonal(x: Axis, y: Axis) -> str:
    return svg.tag("line", x1=x.at(x.low), y1=y.at(x.low), x2=x.at(1), y2=y.at(1), stroke="currentColor", stroke_dasharray="5 4",
                   stroke_opacity=0.6)


def _mark(level: float | None, place: Plot, x: Axis) -> str:
    if level is None:
        return ""
    return svg.tag("line", x1=x.at(level), x2=x.at(level), y1=place.top, y2=place.bottom, stroke=COLOURS[1], stroke_dasharray="2 3",
                   class_="comms-chart-2 comms-chart-stroke")


def _point(nominal: float, told: Told, bounds: tuple[float, float], x: Axis, y: Axis) -> str:
    low, high = bounds
    tone = "bad" if high < nominal else ""
    observed, at = told.hits / told.of, x.at(nominal)
    said = told.note or f"{percent(nominal)}: {percent(observed)} ({percent(low)} – {percent(high)}), {told.hits} / {told.of}"
    kind = f"comms-chart-{tone or 1}"
    return svg.tag(
        "g", svg.hint(said),
        svg.tag("line", x1=at, x2=at, y1=y.at(low), y2=y.at(high), stroke=TONES[tone], stroke_width=2, stroke_opacity=0.6,
                class_=f"{kind} comms-chart-stroke"),
        svg.tag("circle", cx=at, cy=y.at(observed), r=4.5, fill=TONES[tone], class_=f"{kind} comms-chart-fill"),
    )
