"""Why something is late, as a code that each language of the mails puts into a plain sentence."""

from __future__ import annotations

from collections.abc import Callable

from ecommerce_comms.shipping.delays import clocks
from ecommerce_comms.shipping.delays.judging import Case
from ecommerce_comms.shipping.delays.peaks import is_peak
from ecommerce_comms.shipping.delays.stages import Stage
from ecommerce_comms.zones import zone

KINDS = ("not_shipped", "no_scan", "stalled", "slow_carrier", "peak", "holiday", "weather", "outage", "carrier_says", "merchant")


def reason_of(case: Case, stage: str) -> str:
    """The first of ``REASONS`` that is true."""
    return next(kind for kind, question in REASONS if question(case, stage))


def _is_shipped(case: Case) -> bool:
    return case.watch.shipped_at is not None


def _is_holiday(case: Case) -> bool:
    """Whether the carrier had a day off since it was shipped that an ordinary week does not have."""
    begun = case.watch.shipped_at
    return begun is not None and clocks.is_between_closed(case.watch.lane, begun.astimezone(zone(case.watch.zone)).date(), case.today)


REASONS: tuple[tuple[str, Callable[[Case, str], bool]], ...] = (
    ("outage", lambda case, stage: case.look.outage(case.watch) is not None),
    ("carrier_says", lambda case, stage: case.carrier_is_later),
    ("peak", lambda case, stage: is_peak(case.watch.lane, case.today, is_shipped=_is_shipped(case))),
    ("stalled", lambda case, stage: stage == Stage.STALLED or "s" in case.watch.stages),
    ("no_scan", lambda case, stage: _is_shipped(case) and (stage == Stage.NO_SCAN or "o" in case.watch.stages)),
    ("not_shipped", lambda case, stage: not _is_shipped(case)),
    ("holiday", lambda case, stage: _is_holiday(case)),
    ("slow_carrier", lambda case, stage: True),
)
