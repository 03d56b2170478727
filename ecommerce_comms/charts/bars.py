"""Shares side by side, each with its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, percent, share_axis
from ecommerce_comms.charts.frame import TONES, WIDTH, Words, nothing, picture
from ecommerce_comms.charts.wilson import wilson

_ROW = 38.0
"""Height of one bar with its name above it: names of lanes and services are long, and phones are narrow."""
_TOP, _LEFT, _RIGHT = 6.0, 2.0, WIDTH - 10


@dataclass(frozen=True)
class Bar:
    """``hits`` of ``of`` cases, under a name."""

    name: str
    hits: int
    of: int
    note: str = ""
    """Shown while one points at it."""


def bars(data: Sequence[Bar], words: Words, *, goal: float | None = None) -> str:
    """One bar a line for each share from 0 to 100 %, in the order given, with Wilson's bounds (95 %) and the number of cases.

    ``goal`` is drawn as a dashed line; a bar whose upper bound does not reach it is told in the colour of what is bad.
    Raises ``ValueError`` if there are more hits than cases.
    """
    if goal is not None:
        svg.share(goal, "The goal")
    if not data:
        return nothing(words, "bars")
    bottom = _TOP + _ROW * len(data)
    x = share_axis().drawn(_LEFT, _RIGHT)
    parts = [_scale(x, bottom), *(_bar(bar, _TOP + _ROW * number, x, goal) for number, bar in enumerate(data))]
    if words.x:
        parts.append(svg.text(svg.cut(words.x, WIDTH - 8), WIDTH / 2, bottom + 33, anchor="middle", fill_opacity=0.8))
    return picture(words, *parts, height=bottom + (40 if words.x else 22), kind="bars")


def _bar(bar: Bar, top: float, x: Axis, goal: float | None) -> str:
    low, high = wilson(bar.hits, bar.of)
    share = bar.hits / bar.of if bar.of else 0.0
    tone = "bad" if goal is not None and bar.of and high < goal else ""
    figure = f"{percent(share)} · {bar.of}" if bar.of else "–"
    said = bar.note or f"{bar.name}: {percent(share)} ({percent(low)} – {percent(high)}), {bar.hits} / {bar.of}"
    middle = top + 25
    parts = [
        svg.hint(said), *(_stroke(x.at(value), middle, 0.16) for value, _ in x.ticks),
        svg.text(svg.cut(bar.name, _RIGHT - _LEFT - svg.width(figure) - 14), _LEFT, top + 12),
        svg.text(figure, _RIGHT, top + 12, anchor="end", class_="comms-chart-text comms-chart-figure", font_weight="600"),
        svg.tag("rect", x=x.start, y=middle - 7, width=x.at(share) - x.start, height=14, rx=2, fill=TONES[tone], fill_opacity=0.75,
                class_=f"comms-chart-{tone or 1} comms-chart-fill"),
    ]
    if goal is not None:
        parts.append(_stroke(x.at(goal), middle, 0.8, "4 3"))
    if bar.of:
        parts.append(svg.tag("path", d=_bracket(x.at(low), x.at(high), middle), fill="none", stroke="currentColor", stroke_width=1.5))
    return svg.tag("g", *parts)


def _bracket(low: float, high: float, y: float) -> str:
    return f"M{low:.2f} {y - 5:g} V{y + 5:g} M{low:.2f} {y:g} H{high:.2f} M{high:.2f} {y - 5:g} V{y + 5:g}"


def _stroke(at: float, middle: float, opacity: float, dashes: str | None = None) -> str:
    """A line of the grid, or of the goal, as high as one bar: so it crosses no text."""
    return svg.tag("line", x1=at, x2=at, y1=middle - 11, y2=middle + 11, stroke="currentColor", stroke_opacity=opacity,
                   stroke_dasharray=dashes)


def _scale(x: Axis, bottom: float) -> str:
    ends = {x.ticks[0][0]: ("start", 0.0), x.ticks[-1][0]: ("end", 8.0)}
    parts = []
    for value, name in x.ticks:
        anchor, shift = ends.get(value, ("middle", 0.0))
        parts.append(svg.text(name, x.at(value) + shift, bottom + 16, anchor=anchor))
    return "".join(parts)
