"""What was learnt last, in memory: requests read it without a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ecommerce_comms import masking
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.estimators.table import figures
from ecommerce_comms.shipping.kept import Kept
from ecommerce_comms.shipping.learning import cargo, figured
from ecommerce_comms.shipping.models import Knowledge

log = masking.logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """The newest Knowledge, ready for use."""

    state: engine.State
    until: datetime
    parcels: int
    services: dict[str, int]
    """How many parcels arrived by each shipping option."""
    arrived: figured.Arrived
    """The same since the merchant's figures for it are what they are."""

    def arrived_by(self, request: EstimateRequest, options: int) -> int:
        """How many parcels say something about ``request`` where the merchant offers so many ``options``.

        Parcels without an option's name do for the only one. Those that left under other figures of the merchant's do not.
        """
        service = cargo.name(request.service)
        if not service:
            return sum(self.services.values())
        unnamed = self.services.get("", 0) if options == 1 else 0
        mine = self.arrived.get(service)
        told = figures(request) if mine is not None else None
        if mine is None or told is None:
            return self.services.get(service, 0) + unnamed
        key = figured.key(told)
        return mine[key] + unnamed if key in mine else 0


    def arrived_before(self, request: EstimateRequest) -> int:
        """How many parcels arrived by the option of ``request`` while the merchant's figures for it were nowhere longer than now.

        Counts for figures that are newer than the lesson alone: a lesson that knows them has taken them into account.
        """
        mine, told = self.arrived.get(cargo.name(request.service)), figures(request)
        return figured.before(mine, told) if mine and told and figured.key(told) not in mine else 0


def known() -> Known | None:
    """What was learnt last; ``None`` if nothing was. Another process's lesson is seen within a minute."""
    return _kept.get()


def newest() -> Knowledge | None:
    """The row of it."""
    return _usable().first()


def _usable() -> QuerySet[Knowledge]:
    """States of this version, the newest first. What is learnt now replaces what an older version of the app has learnt."""
    return Knowledge.objects.filter(learnt_at__isnull=False, parcels__gt=0, version=engine.State.VERSION).order_by("-pk")


_read: tuple[tuple[Any, ...], Known] | None = None
"""The last state that was read, and which it was: it is long, and changes once a night."""


def _load() -> Known | None:
    global _read
    which = _usable().values_list("pk", "learnt_at", "until", "parcels", "seconds").first()
    if which is None:
        return None
    if _read is None or _read[0] != which:
        row = Knowledge.objects.get(pk=which[0])
        try:
            state = engine.State.from_json(row.state)
        except engine.StateError:
            log.exception("What was learnt on %s cannot be read; dates come from the table until it is learnt anew.", row.learnt_at)
            return None
        counts = row.figures.get("services", {}), row.figures.get("arrived", {})
        _read = which, Known(state, row.until or row.asked_at, row.parcels, *counts)
    return _read[1]


_kept = Kept(_load, (Knowledge,))
