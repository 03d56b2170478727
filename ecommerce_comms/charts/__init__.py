"""Charts: plain data in, the text of an SVG picture out.

Each picture works under the strictest content security policy: no script, no ``<style>`` and no ``style=`` attribute, only
presentation attributes that the classes of ``static/ecommerce_comms/charts.css`` may overrule. Texts take the colour of what
stands around them, so that dark pages need nothing. The same data always give the same text.

Why own code: of the kept libraries that draw without a browser, pygal puts a ``<style>`` and scripts into each picture (its
issue 489 asks for a way around a policy since 2020), matplotlib and plotly write ``style=`` attributes and weigh tens of
megabytes, and svgwrite, which is without these faults, draws no charts and says of itself that it is inactive.

Times are days (``date``); shares lie between 0 and 1. Bad data raise ``ValueError``.
"""

from __future__ import annotations

from ecommerce_comms.charts.bars import Bar, bars
from ecommerce_comms.charts.calibration import Told, calibration
from ecommerce_comms.charts.frame import Words
from ecommerce_comms.charts.histogram import Column, histogram
from ecommerce_comms.charts.lines import Line, Spot, lines
from ecommerce_comms.charts.scatter import Dot, scatter
from ecommerce_comms.charts.styles import stylesheet
from ecommerce_comms.charts.wilson import wilson

__all__ = [
    "Bar", "Column", "Dot", "Line", "Spot", "Told", "Words", "bars", "calibration", "histogram", "lines", "scatter", "stylesheet", "wilson",
]
