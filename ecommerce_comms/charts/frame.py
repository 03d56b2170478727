"""What all charts share: the picture's root, its words, and the plot between two axes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ecommerce_comms.charts import svg
from ecommerce_comms.charts.axes import Axis

WIDTH, HEIGHT = 360.0, 220.0
"""In units; style sheets let a picture grow and shrink with the page."""
COLOURS = ("#3b82b0", "#c27a1c", "#3a9d6b", "#a45bb0", "#c0504a", "#6b7a8f")
"""Told apart on white and on black; ``charts.css`` may overrule them by the classes ``comms-chart-1`` and so on."""
TONES = {"": "#3b82b0", "good": "#3a9d6b", "bad": "#c0504a", "plain": "#8a94a3"}
"""Colours that mean something; their classes are ``comms-chart-good`` and ``comms-chart-bad``."""
_LINE = svg.FONT + 4


@dataclass(frozen=True, kw_only=True)
class Words:
    """The texts of a chart, in the reader's language; they are written as they are, whatever they contain."""

    title: str
    """What the picture shows, in a few words: for those who cannot see it."""
    about: str = ""
    """What can be read off it, in a sentence or two."""
    x: str = ""
    y: str = ""
    """What the axes count; for ``bars`` ``x`` is told, and the bars have names of their own."""
    empty: str = "Nothing to show yet."
    """Stands in the place of a chart without data."""


def picture(words: Words, *content: str, width: float = WIDTH, height: float = HEIGHT, kind: str = "") -> str:
    """The whole picture around ``content``."""
    said = f"{words.title}. {words.about}".strip() if words.about else words.title
    return svg.tag(
        "svg", svg.tag("title", svg.clean(words.title)), svg.tag("desc", svg.clean(words.about or words.title)), *content,
        xmlns="http://www.w3.org/2000/svg", class_=f"comms-chart comms-chart-{kind}" if kind else "comms-chart", role="img",
        aria_label=said, viewBox=f"0 0 {width:g} {height:g}", width=width, height=height,
        # Where a page runs from right to left, numbers and axes still do not.
        direction="ltr", font_family="system-ui, sans-serif", font_size=svg.FONT,
    )


def nothing(words: Words, kind: str = "") -> str:
    """The picture that says that there is nothing to show."""
    said = svg.cut(words.empty, WIDTH - 16)
    box = svg.tag("rect", x=0.5, y=0.5, width=WIDTH - 1, height=79, rx=4, fill="none", stroke="currentColor", stroke_opacity=0.25)
    return picture(words, box, svg.text(said, WIDTH / 2, 44, anchor="middle", fill_opacity=0.75), height=80, kind=kind)


@dataclass(frozen=True)
class Plot:
    """The area between the axes, in units of the picture."""

    left: float
    right: float
    top: float
    bottom: float


def plot(words: Words, y: Axis, *, legend: bool = False, width: float = WIDTH, height: float = HEIGHT) -> Plot:
    """The area that is left when the words beside the axes have their place."""
    left = max((svg.width(name) for _, name in y.ticks), default=0.0) + 8
    top = 8.0 + (_LINE if words.y else 0) + (_LINE if legend else 0)
    return Plot(left, width - 14, top, height - 22 - (_LINE if words.x else 0))


def axes(words: Words, area: Plot, x: Axis, y: Axis) -> str:
    """Grid lines, ticks and the words of both axes, which are already drawn to ``area``."""
    parts = [svg.tag("line", x1=area.left, x2=area.right, y1=y.at(value), y2=y.at(value), stroke="currentColor", stroke_opacity=0.16)
             for value, _ in y.ticks]
    parts += [svg.text(name, area.left - 5, y.at(value) + 4, anchor="end") for value, name in y.ticks]
    parts.append(svg.tag("line", x1=area.left, x2=area.right, y1=area.bottom, y2=area.bottom, stroke="currentColor", stroke_opacity=0.5))
    parts += [svg.text(name, place, area.bottom + 16, anchor="middle") for place, name in _roomy(x, area)]
    if words.y:
        parts.append(svg.text(svg.cut(words.y, area.right), 2, 12, class_="comms-chart-text comms-chart-axis", fill_opacity=0.8))
    if words.x:
        parts.append(svg.text(svg.cut(words.x, area.right - area.left), (area.left + area.right) / 2, area.bottom + 33, anchor="middle",
                              class_="comms-chart-text comms-chart-axis", fill_opacity=0.8))
    return "".join(parts)


def legend(names: list[tuple[str, str, str]], y: float) -> str:
    """What each colour stands for: (name, colour, class), in one line at height ``y``."""
    parts, left = [], 2.0
    for name, colour, kind in names:
        said = svg.cut(name, (WIDTH - 4) / len(names) - 24)
        parts.append(svg.tag("rect", x=left, y=y - 9, width=10, height=10, rx=2, fill=colour, class_=f"{kind} comms-chart-fill"))
        parts.append(svg.text(said, left + 14, y))
        left += svg.width(said) + 30
    return "".join(parts)


def _roomy(x: Axis, area: Plot) -> list[tuple[float, str]]:
    """As many ticks of ``x``, at the same distance, as have room for their names; moved inwards where they would leave the picture."""
    for stride in range(1, len(x.ticks) + 1):
        kept = [(*_inside(x.at(value), svg.width(name), area), name) for value, name in x.ticks[::stride]]
        if all(left[1] + 5 <= right[0] for left, right in pairwise(kept)):
            break
    return [((left + right) / 2, name) for left, right, name in kept]


def _inside(middle: float, wide: float, area: Plot) -> tuple[float, float]:
    left = min(max(middle - wide / 2, 0.0), area.right + 14 - wide)
    return left, left + wide
