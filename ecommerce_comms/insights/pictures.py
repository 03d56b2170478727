"""The charts of the page: what is plotted, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ecommerce_comms import charts
from ecommerce_comms.conf import conf
from ecommerce_comms.insights.kept import Bin, Row

MOST_BARS = 12
EDGE = 10
"""Days early or late beyond this are put together."""


def aim() -> float:
    """The share of promises that is to be kept, by which the last day that is told is chosen."""
    return float(conf.PROMISE_LEVEL)


def months(rows: Sequence[Row]) -> SafeString:
    """The share kept in each month, with its bounds."""
    spots = [charts.Spot(row.names[0], row.share, *row.bounds, note=_tip(date_format(row.names[0], "F Y"), row)) for row in rows]
    about = _("The band shows how far chance alone may have moved it; the dashed line is the aim.")
    words = _words(_("Promises kept, month by month"), about, x=_("Month of the last day told"), y=_("Promises kept"))
    return _safe(charts.lines([charts.Line("", spots)], words, is_share=True, goal=aim(), name_day=_short_month))


def groups(named: Sequence[tuple[str, Row]]) -> SafeString:
    """The share kept in the largest groups, with its bounds."""
    bars = [charts.Bar(name, row.hits, row.of, _tip(name, row)) for name, row in named[:MOST_BARS]]
    words = _words(_("Promises kept, by group"), _("The whiskers show how far chance alone may have moved it; the dashed line is the aim."),
                   x=_("Promises kept · deliveries"))
    return _safe(charts.bars(bars, words, goal=aim()))


def calibration(bins: Sequence[Bin]) -> SafeString:
    """What was told with which confidence against what arrived."""
    told = [charts.Told(each.nominal, each.hits, each.of, _("told with {told}, kept {kept} of {number}").format(
        told=f"{each.nominal:.0%}", kept=each.hits, number=each.of)) for each in bins]
    about = _("On the dashed line a promise is kept as often as was thought. Below it dates are too bold, above it too careful.")
    words = _words(_("Confidence told, against what arrived"), about, x=_("Confidence when it was told"), y=_("Promises kept"),
                   empty=_("No date was told with a confidence yet."))
    return _safe(charts.calibration(told, words, level=aim()))


def lateness(counts: Mapping[int, int]) -> SafeString:
    """How many days early or late deliveries came."""
    folded = dict.fromkeys(range(-EDGE, EDGE + 1), 0)
    for days, number in counts.items():
        folded[max(-EDGE, min(EDGE, days))] += number
    shown = [days for days, number in folded.items() if number] or [0]
    columns = [_column(days, folded[days]) for days in range(min(*shown, 0), max(*shown, 0) + 1)] if counts else []
    words = _words(_("Days early and late"), _("Right of 0 it came after the last day told."), x=_("Days after the last day told"),
                   y=_("Deliveries"))
    return _safe(charts.histogram(columns, words))


def _column(days: int, number: int) -> charts.Column:
    name = f"≤{days}" if days == -EDGE else f"≥{days}" if days == EDGE else str(days)
    return charts.Column(name, number, "bad" if days > 0 else "good")


def _tip(name: str, row: Row) -> str:
    low, high = row.bounds
    return _("{name}: {kept} of {number} kept, {share} (between {low} and {high})").format(
        name=name, kept=row.hits, number=row.of, share=f"{row.share:.1%}", low=f"{low:.1%}", high=f"{high:.1%}")


def _short_month(day: date) -> str:
    return date_format(day, "M y")


def _words(title: str, about: str, *, x: str = "", y: str = "", empty: str = "") -> charts.Words:
    return charts.Words(title=title, about=about, x=x, y=y, empty=empty or _("Nothing to show yet."))


def _safe(picture: str) -> SafeString:
    # Every text in it is escaped by ``charts``.
    return mark_safe(picture)  # noqa: S308
