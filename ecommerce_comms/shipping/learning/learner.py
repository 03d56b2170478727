"""From the shop's rows to a Knowledge: read, learn, measure, keep."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.learning import coverage, figured, figures, knowing
from ecommerce_comms.shipping.learning.parcels import read
from ecommerce_comms.shipping.learning.surroundings import surroundings
from ecommerce_comms.shipping.learning.telling import only_told
from ecommerce_comms.shipping.models import Knowledge

log = masking.logger(__name__)
FEWEST = 30
"""With fewer departures and arrivals nothing is learnt: the merchant's own figures are better."""
STATES = 3
"""So many states are kept, the newest ones; older rows keep their figures."""
ROWS_DAYS = 400


def is_possible() -> bool:
    """Whether numpy is there, without which nothing can be learnt."""
    return find_spec("numpy") is not None


def learn(now: datetime) -> Knowledge | None:
    """Learn from everything that happened until ``now`` (aware), in this process; ``None`` without numpy."""
    if not is_possible():
        return None
    return fill(Knowledge.objects.create(asked_at=now, started_at=now), now)


def fill(row: Knowledge, until: datetime) -> Knowledge:
    """Learn, and keep it in ``row``."""
    start = time.thread_time()
    shipments = shipments_until(until)
    row.state, row.parcels = {}, 0
    if sum((each.shipped_at is not None) + (each.delivered_at is not None) for each in shipments) >= FEWEST:
        known = knowing.known()
        # What was learnt from later facts must not teach an earlier day.
        before = known.state if known and known.until < until else None
        state = engine.learn(shipments, until, before=before, settings=surroundings().settings)
        row.state, row.parcels, row.version = state.to_json(), len(shipments), engine.State.VERSION
    row.figures = {**figures.gather(shipments, until), **_figured(shipments, until)}
    row.due, row.kept, row.expected = coverage.measure(until)
    row.until, row.learnt_at, row.seconds = until, clock.now(), time.thread_time() - start
    row.save()
    prune(until)
    log.info("Learnt from %d parcels in %.2f s.", row.parcels, row.seconds)
    return row


def shipments_until(until: datetime) -> list[Shipment]:
    """The shop's parcels from which one can learn, as they were at ``until``, the newest first."""
    return only_told(read(until, surroundings().places, days=conf.LEARN_DAYS, most=conf.LEARN_PARCELS), until)


def _figured(shipments: Sequence[Shipment], until: datetime) -> dict[str, Any]:
    """Since when the merchant's figures are what they are, and how many parcels arrived since."""
    last = knowing.newest()
    beginnings = figured.since(surroundings().tables, last.figures.get("since") if last else None, until)
    return {"since": beginnings, "arrived": figured.arrived(shipments, beginnings)}


def prune(now: datetime) -> None:
    """Empty the states that newer ones have replaced, and remove rows that are more than a year old."""
    with_state = Knowledge.objects.filter(parcels__gt=0).order_by("-pk").values_list("pk", flat=True)
    replaced = list(with_state[STATES : STATES + 10])
    Knowledge.objects.filter(pk__in=replaced).update(state={})
    Knowledge.objects.filter(asked_at__lt=now - timedelta(days=ROWS_DAYS)).exclude(pk__in=list(with_state[:STATES])).delete()
