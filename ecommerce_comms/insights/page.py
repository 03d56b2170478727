"""What the page says: figures, each with its words and the address of the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ecommerce_comms.charts import wilson
from ecommerce_comms.insights import kept, labels, pictures, told
from ecommerce_comms.insights.chosen import FIRST, LAST, Chosen
from ecommerce_comms.insights.current import Current, current
from ecommerce_comms.insights.kept import Bin, Row
from ecommerce_comms.insights.labels import Names
from ecommerce_comms.insights.models import Score, TallyMonth

Telling = Score.Telling
MOST_ROWS = 100
LEAST = 20
"""Of fewer deliveries a lane is not said to be among the worst."""


@dataclass(frozen=True)
class Shown:
    """A row of a table."""

    name: str
    row: Row
    all: str
    broken: str
    """Addresses of the deliveries, and of those whose promise was broken."""

    @property
    def percent(self) -> str:
        """The share that was kept."""
        return percent(self.row.share)

    @property
    def percent_low(self) -> str:
        """Its lower bound."""
        return percent(self.row.bounds[0])

    @property
    def percent_high(self) -> str:
        """Its upper bound."""
        return percent(self.row.bounds[1])

    @property
    def tone(self) -> str:
        """``good`` or ``bad`` where it is certain whether the aim is reached."""
        (low, high), aim = self.row.bounds, pictures.aim()
        return "bad" if high < aim else "good" if low >= aim else "plain"

    @property
    def missed(self) -> int:
        """How many were not kept."""
        return self.row.of - self.row.hits


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, and where the rows are."""

    number: int
    says: str
    address: str = ""


def percent(share: float) -> str:
    """A share as the reader's language writes percent."""
    return _("{number} %").format(number=number_format(round(share * 100, 1), 1))


def build(grouping: str, chosen: Chosen, names: Names, now: datetime, today: date) -> dict[str, Any]:
    """Everything that the page shows."""
    groups = [_shown(names.label(grouping, row.names), row, labels.params(grouping, row.names, chosen, today), chosen)
              for row in kept.of(grouping, chosen)]
    worst = [_shown(names.label("lane", row.names), row, labels.params("lane", row.names, chosen, today), chosen)
             for row in kept.worst(chosen, least=LEAST)]
    both = [(judged, Chosen(since=chosen.since, until=chosen.until, judged=judged, ways=chosen.ways)) for judged in (FIRST, LAST)]
    return {
        "totals": [(_TOLD[judged](), _shown("", kept.total(each), each.query(today), each)) for judged, each in both],
        "groups": groups[:MOST_ROWS], "left": max(0, len(groups) - MOST_ROWS), "title_of_group": labels.TITLES[grouping],
        "has_any": bool(groups), "worst": worst, "least": LEAST, "as_of": _as_of(chosen), "now": _current(current(now)),
        "months": pictures.months(kept.of("month", chosen)),
        "bars": pictures.groups([(each.name, each.row) for each in groups]),
        **_calibration(chosen, today), **_lateness(chosen, today), **_notices(chosen, today),
    }


def _shown(name: str, row: Row, params: dict[str, str], chosen: Chosen) -> Shown:
    return Shown(name, row, _list("score", params), _list("score", {**params, f"{chosen.judged}_kept__exact": "0"}))


def _as_of(chosen: Chosen) -> datetime | None:
    rows = TallyMonth.objects.filter(judged=chosen.judged, is_stale=True)
    found: datetime | None = rows.aggregate(at=Min("made_at"))["at"]
    return found


def _current(found: Current) -> list[Figure]:
    """What is promised and not there yet."""
    ends = f"{found.at.isoformat()}"
    day = {"is_open__exact": "1", "overdue_at__gt": ends, "overdue_at__lte": found.tomorrow.isoformat()}
    figures = [
        Figure(found.open, _("promises are open"), _list("promise", {"is_open__exact": "1"})),
        Figure(found.today, _("have their last day today"), _list("promise", day)),
        Figure(found.overdue, _("are past their last day, and nobody has looked yet"),
               _list("promise", {"is_open__exact": "1", "overdue_at__lte": ends})),
        Figure(found.missing, _("deliveries missed a date and are not there yet"),
               _list("score", {"arrived_on__isnull": "1", "order__cancelled_at__isnull": "1"})),
    ]
    stages = [Figure(number, _("delay: {what}").format(what=labels.stage(stage)),
                     _list("lateness", {"ended_at__isnull": "1", "stage__exact": stage})) for stage, number in found.found if number]
    return figures + stages


def _calibration(chosen: Chosen, today: date) -> dict[str, Any]:
    """What was told with which confidence, as a picture and as a table."""
    found, field = kept.calibration(chosen), f"{chosen.judged}_confidence"

    def line(each: Bin) -> tuple[str | int, ...]:
        ends = {f"{field}__gte": str(each.low), f"{field}__{each.end}": str(each.high)}
        shares = (each.hits / each.of, *wilson(each.hits, each.of))
        return f"{percent(each.low)} – {percent(each.high)}", *map(percent, shares), each.of, _list("score", chosen.query(today, **ends))

    return {"calibration": pictures.calibration(found), "bins": [line(each) for each in found]}


def _lateness(chosen: Chosen, today: date) -> dict[str, Any]:
    """How early and late deliveries came, as a picture and as sums."""
    found, field = kept.lateness(chosen), f"{chosen.judged}_late"
    sums = [
        (sum(number for days, number in found.items() if days < 0), _("came before the last day told"), {f"{field}__lt": "0"}),
        (found.get(0, 0), _("came on the last day told"), {f"{field}__exact": "0"}),
        (sum(number for days, number in found.items() if days > 0), _("came later"), {f"{field}__gt": "0"}),
    ]
    figures = [Figure(number, says, _list("score", chosen.query(today, **wanted))) for number, says, wanted in sums]
    return {"lateness": pictures.lateness(found), "arrivals": figures}


def _notices(chosen: Chosen, today: date) -> dict[str, Any]:
    """Delay notices, held against what happened."""
    stages = told.by_stage(chosen)
    whole = told.whole(stages.values())
    told_ones = {stage: each for stage, each in stages.items() if each.told}

    def where(**wanted: str) -> str:
        return _list("score", chosen.query(today, **wanted))

    figures = [
        Figure(whole.late, _("deliveries came after the first date told, or are not there yet"), where(first_kept__exact="0")),
        Figure(whole.ahead, _("of them were told at least a day ahead"), where(telling__exact=Telling.AHEAD)),
        Figure(whole.same_day, _("of them were told on the day itself"), where(telling__exact=Telling.SAME_DAY)),
        Figure(whole.after, _("of them were told when the day had passed"), where(telling__exact=Telling.AFTER)),
        Figure(whole.untold, _("of them were never told"), where(telling__exact=Telling.UNTOLD)),
        Figure(whole.needless, _("notices were needless: told late, yet there by the first date"), where(telling__exact=Telling.NEEDLESS)),
        Figure(whole.renewed, _("new dates were told, and are over"), where(new_kept__isnull="0")),
        Figure(whole.held, _("of them held"), where(new_kept__exact="1")),
    ]
    by_stage = [(labels.stage(stage), each, where(told_stage__exact=stage, told_on__isnull="0"))
                for stage, each in sorted(told_ones.items(), key=lambda pair: -pair[1].told)]
    return {"told": whole, "notices": figures, "stages": by_stage, "policy": _list("delaypolicy", {})}


def _list(model: str, params: dict[str, str]) -> str:
    """The address of the admin's list of a model; empty where it has none."""
    try:
        address = reverse(f"admin:ecommerce_comms_{model}_changelist")
        return f"{address}?{urlencode(params)}" if params else address
    except NoReverseMatch:
        return ""


_TOLD: dict[str, Any] = {FIRST: lambda: _("The first date that was told"), LAST: lambda: _("The last date that was told")}


def table(grouping: str, rows: Iterable[Row], names: Names) -> list[list[Any]]:
    """The table of a grouping for a file: a head, then one line for each group; shares between 0 and 1, days as numbers."""
    head = [str(labels.TITLES[grouping]), _("Deliveries"), _("Promises kept"), _("Share kept"), _("at least"), _("at most"),
            _("Days in the window"), _("Days told ahead"), _("Days late"), _("Days early"), _("Not there yet")]
    return [head, *(_line(names.label(grouping, row.names), row) for row in rows)]


def _line(name: str, row: Row) -> list[Any]:
    days = (row.window_days, row.lead_days, row.days_late, row.days_early)
    return [name, row.of, row.hits, *(round(value, 4) for value in (row.share, *row.bounds)),
            *("" if value is None else round(value, 2) for value in days), row.missing]
