"""One look at everything that may be late: what a sweep does every half minute, and what costs next to nothing if nothing is due."""

from __future__ import annotations

import sys
from datetime import datetime

from ecommerce_comms.shipping.delays import adopting, declaring, looking, missed, outages, rounds
from ecommerce_comms.shipping.delays.judging import Look
from ecommerce_comms.shipping.delays.rules import rules

PIECES = 10
"""Of a round in one sweep; the next sweep goes on."""
LOOKS = 20
"""How many times ``limit`` watches are judged in one sweep: most need no more than a glance."""


def detect(now: datetime, limit: int = 1000) -> int:
    """Record what became late, will be late or is back on track by ``now``; returns how many events were new.

    At most ``limit`` promises that broke, and twenty times as many others that are due to be judged: the next call goes on. Two at
    once do no harm.
    """
    adopting.adopt()
    outages.watch_carriers(now)
    look = look_at(now)
    recorded = missed.tell_missed(look, limit)
    rounds.go_round(look, PIECES)
    recorded += looking.look_at_due(look, limit * LOOKS)
    return recorded + declaring.go_on(now, limit)


def look_at(now: datetime) -> Look:
    """What is the same for all that is judged at ``now``."""
    return Look(now=now, rules=rules(), scanning=outages.scanning(), outages=outages.open_ones())


def judge_all(now: datetime) -> int:
    """Go round over everything at once and judge what that makes due; returns how many events that brought. For one long look by hand."""
    look = look_at(now)
    while rounds.go_round(look, PIECES):
        pass
    return looking.look_at_due(look, sys.maxsize)
