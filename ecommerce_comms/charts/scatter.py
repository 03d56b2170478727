"""Points with names in a plane: what one gains against what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis, number_axis, percent, share_axis, short
from ecommerce_comms.charts.frame import COLOURS, Plot, Words, axes, nothing, picture, plot

_TALL = 280.0
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Dot:
    """A point; the chosen ones are told in another colour, and larger."""

    x: float
    y: float
    name: str = ""
    is_chosen: bool = False
    note: str = ""


def scatter(data: Sequence[Dot], words: Words, *, x_share: bool = False, y_share: bool = False, joined: bool = False) -> str:
    """Points with their names beside them; ``joined`` draws a line through them in the order given, as of a frontier.

    ``x_share`` and ``y_share``: that axis counts shares and is told in percent. Raises ``ValueError`` for bad numbers.
    """
    for dot in data:
        (svg.share if x_share else svg.finite)(dot.x, f"x of {dot.name or 'a point'}")
        (svg.share if y_share else svg.finite)(dot.y, f"y of {dot.name or 'a point'}")
    if not data:
        return nothing(words, "scatter")
    x, y = _axis([dot.x for dot in data], x_share), _axis([dot.y for dot in data], y_share)
    place = plot(words, y, height=_TALL)
    x, y = x.drawn(place.left + 4, place.right - 4), y.drawn(place.bottom, place.top)
    points = [(x.at(dot.x), y.at(dot.y)) for dot in data]
    parts = [axes(words, place, x, y)]
    if joined and len(points) > 1:
        parts.append(svg.tag("path", d=svg.path(points), fill="none", stroke=COLOURS[0], stroke_width=1.5, stroke_opacity=0.6,
                             class_="comms-chart-1 comms-chart-stroke"))
    parts += [_dot(dot, at, x_share, y_share) for dot, at in zip(data, points, strict=True)]
    return picture(words, *parts, *_names(data, points, place), height=_TALL, kind="scatter")


def _axis(values: Sequence[float], is_share: bool) -> Axis:
    # Shares that all are small are seen better on an axis of their own.
    if is_share and max(values) <= 0.5:
        found = number_axis([value * 100 for value in values], from_zero=True)
        return Axis(found.low / 100, found.high / 100, [(value / 100, f"{name} %") for value, name in found.ticks])
    return share_axis(values, floor=0.9) if is_share else number_axis(values)


def _dot(dot: Dot, at: tuple[float, float], x_share: bool, y_share: bool) -> str:
    number = 2 if dot.is_chosen else 1
    x, y = (percent(value) if is_share else short(value, 2) for value, is_share in ((dot.x, x_share), (dot.y, y_share)))
    return svg.tag("circle", svg.hint(dot.note or f"{dot.name}: {x}, {y}"), cx=at[0], cy=at[1], r=5.5 if dot.is_chosen else 4,
                   fill=COLOURS[number - 1], class_=f"comms-chart-{number} comms-chart-fill")


def _names(data: Sequence[Dot], points: Sequence[tuple[float, float]], place: Plot) -> list[str]:
    """The names, each where it covers as little as possible; the chosen ones choose first."""
    taken: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    parts = []
    for dot, at in sorted(zip(data, points, strict=True), key=lambda pair: not pair[0].is_chosen):
        if not dot.name:
            continue
        said = svg.cut(dot.name, (place.right - place.left) * 0.6)
        left, base = min(_places(at, svg.width(said)), key=lambda spot: _cost(_box(spot, said), taken, place))
        taken.append(_box((left, base), said))
        parts.append(svg.text(said, left, base, font_weight="600" if dot.is_chosen else None))
    return parts


def _places(at: tuple[float, float], wide: float) -> list[tuple[float, float]]:
    """Where a name may stand, the best first: right, left, above, below, and further away."""
    x, y = at
    sides = [(x + 8, y + 4), (x - 8 - wide, y + 4), (x - wide / 2, y - 9), (x - wide / 2, y + 19)]
    return sides + [(left, y + shift) for shift in (-12, 18, -26, 32) for left in (x + 8, x - 8 - wide)]


def _box(spot: tuple[float, float], said: str) -> Box:
    left, base = spot
    return left, base - svg.FONT + 2, left + svg.width(said), base + 3


def _cost(box: Box, taken: Sequence[Box], place: Plot) -> float:
    """How much of ``box`` is covered already, or lies outside the plot."""
    outside = (box[2] - box[0]) * (box[3] - box[1]) - _common(box, (place.left, place.top - 2, place.right + 12, place.bottom))
    return round(sum(_common(box, other) for other in taken) + outside * 3, 3)


def _common(one: Box, other: Box) -> float:
    """The area of what two boxes share."""
    wide, high = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)
