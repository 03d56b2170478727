"""Workers as the health page lists them: at work, at rest, silent; and those that have ended, or sent nothing for long, apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.figures import Figures, WorkerFigures
from ecommerce_comms.messaging.models import Worker
from ecommerce_comms.zones import here

REST_SECONDS = 300.0
"""A sender that finished its last work so long ago has ended, or has nothing to do: nobody can tell, and nobody need care."""


@dataclass(frozen=True)
class Shown:
    """One worker in words."""

    name: str
    kind: str
    sent: int
    colour: Colour
    says: str
    seen_seconds: float


def shown(figures: Figures) -> tuple[list[Shown], list[Shown]]:
    """The workers that matter, and those that may be folded away: nothing is asked of them."""
    rows = [_shown(row, figures) for row in figures.workers]
    folded = {row.name for row in figures.workers if is_over(row)}
    return [row for row in rows if row.name not in folded], [row for row in rows if row.name in folded]


def is_over(row: WorkerFigures) -> bool:
    """Whether ``row`` is a sender that gave back its work properly some minutes ago."""
    return row.kind == Worker.Kind.SENDER and not row.is_busy and row.seen_seconds > REST_SECONDS


def silent_since(row: WorkerFigures, figures: Figures) -> str:
    """The moment from which on nobody has heard of ``row``, on the clock on the wall."""
    return date_format(here(figures.at - timedelta(seconds=row.seen_seconds)), "j M, H:i")


def _shown(row: WorkerFigures, figures: Figures) -> Shown:
    colour, says = STATES[_state(row)]
    told = str(says) % {"since": silent_since(row, figures)}
    return Shown(row.name, str(Worker.Kind(row.kind).label), row.sent, colour, told, row.seen_seconds)


def _state(row: WorkerFigures) -> str:
    marks = {"silent": row.is_silent, "busy": row.is_busy, "over": is_over(row), "resting": row.kind == Worker.Kind.SENDER, "alive": True}
    return next(name for name, fits in marks.items() if fits)


STATES: dict[str, tuple[Colour, Promise]] = {
    "silent": (Colour.AMBER, _("silent since %(since)s")),
    "busy": (Colour.GREEN, _("at work")),
    "over": (Colour.GREEN, _("at rest or ended")),
    "resting": (Colour.GREEN, _("at rest")),
    "alive": (Colour.GREEN, _("alive")),
}
"""What each state means; the first that fits counts."""
