"""The sweep: finds everything that a lost wake-up, a dead worker or the passing of time has left to do.

It needs no broker. Beat, cron (``manage.py comms_sweep``) or any worker may run it, as often and as many at once as one likes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone

from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min

from ecommerce_comms import clock, lifecycle, masking
from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.conf import conf
from ecommerce_comms.contact import rounds
from ecommerce_comms.insights import scoring, tallying
from ecommerce_comms.journeys.release import release_due
from ecommerce_comms.messaging import channels, delivery
from ecommerce_comms.messaging.feedback import receiving
from ecommerce_comms.messaging.sending import workers
from ecommerce_comms.orders import events, spool, waker
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.orders.timekeeping import keep_time
from ecommerce_comms.shipping import delays
from ecommerce_comms.shipping.carriers import attaching, polling
from ecommerce_comms.shipping.learning import nights

log = masking.logger(__name__)
SCORED_AT_ONCE = 10_000
"""Promises that one sweep looks at, at most: a few seconds of work, which nobody waits for."""
_reconciled_at: datetime | None = None


@dataclass
class Swept:
    """How many of each were dealt with."""

    kept: int = 0
    """Facts that the database had refused and that were kept on this host since."""
    found: int = 0
    """Orders of the shop of which no event was known."""
    events: int = 0
    delays: int = 0
    released: int = 0
    delivered: int = 0
    """Messages that a server took over."""
    feedback: int = 0
    """Notices of providers that had to wait for their message."""
    scored: int = 0
    """Promises whose day has passed, or that were settled."""
    scans: int = 0
    """Parcels whose scans had to wait for them."""
    polled: int = 0
    """Scans of carriers that were asked."""
    calls: int = 0
    """Items of the call list that were put back, moved or closed."""
    learnt: int = 0
    """Lessons from the shop's own deliveries: one a night."""

    @property
    def total(self) -> int:
        """All of them."""
        return sum(asdict(self).values())


def sweep() -> Swept:
    """One sweep: forgotten orders, waiting events, parcels that became late, follow-ups that are due, messages to send.

    A part that fails is logged and does not keep the others from their work.
    """
    swept = Swept()
    keep_time()
    for name, part in PARTS.items():
        try:
            setattr(swept, name, part())
        except Exception:
            log.exception("The sweep could not finish its part %r; the next one tries again.", name)
    return swept


def tick() -> Swept:
    """What the passing of time asks for at ``clock.now()``."""
    swept = Swept(delays=find_delays(), released=release_due(), delivered=delivery.deliver_due())
    done = channels.are_many()
    while done:  # what failed on one channel is planned for now on the next one
        released, delivered = release_due(), delivery.deliver_due()
        swept.released, swept.delivered, done = swept.released + released, swept.delivered + delivered, bool(released or delivered)
    return swept


def find_delays() -> int:
    """Tell what became late; returns how many parcels and orders did."""
    found = delays.detect(clock.now())
    if found:
        lifecycle.process_waiting()
    return found


def reconcile() -> int:
    """Record ``order_placed`` for orders of the shop of which nothing is known; returns how many there were."""
    # Orders from before the app was installed were confirmed by whatever the shop had then.
    since = max(clock.now() - timedelta(hours=conf.RECONCILE_HOURS), installed_at())
    try:
        recent = {get_adapter().reference(order): order for order in get_adapter().recent(since)}
    except Exception:
        log.exception("The shop's recent orders could not be listed.")
        return 0
    known = set(OrderEvent.objects.filter(order_reference__in=recent, kind="order_placed").values_list("order_reference", flat=True))
    missing = [order for reference, order in recent.items() if reference not in known]
    for order in missing:
        log.warning("Order %s was never told; it is recorded now.", get_adapter().reference(order))
        events.record_safely("order_placed", order, source="reconcile")
    return len(missing)


def installed_at() -> datetime:
    """When the app's tables were made."""
    rows = MigrationRecorder(connections[router.db_for_write(OrderEvent)]).migration_qs.filter(app="ecommerce_comms")
    first: datetime | None = rows.aggregate(at=Min("applied"))["at"]
    return first or datetime.min.replace(tzinfo=timezone.utc)


def find_forgotten() -> int:
    """``reconcile``, if it is time for that."""
    return reconcile() if _is_time_to_reconcile() else 0


def _is_time_to_reconcile() -> bool:
    """Now and then is enough: it reads the shop's orders."""
    global _reconciled_at
    now = clock.now()
    if _reconciled_at is not None and abs(now - _reconciled_at) < timedelta(minutes=conf.RECONCILE_MINUTES):
        return False
    _reconciled_at = now
    return True


def process_neglected() -> int:
    """Process what waits, for as long as nobody else does; returns how many events were processed."""
    return lifecycle.process_waiting(enough=_others_go_on)


def deliver_neglected() -> int:
    """Send what is due, for as long as nobody else does; returns how many messages were sent."""
    return delivery.deliver_due(enough=_others_go_on)


def score_settled() -> int:
    """Count promises among the kept and the broken ones; what is left over waits for the next sweep. Returns how many were looked at."""
    done = scoring.score_due(SCORED_AT_ONCE)
    tallying.tally_stale()
    return done


def _others_go_on() -> bool:
    """Whether workers are busy: they are woken for the rest, which costs less than one more process in their way."""
    if conf.WAKER == "off" or not workers.others_at_work():
        return False
    for task in (waker.WORK, waker.OFFERS):
        waker.wake(task)
    return True


def learn() -> int:
    """Learn from the shop's own deliveries, if it is time for that and nobody else does; returns how many lessons there were."""
    return nights.learn_when_due(clock.now())


PARTS: dict[str, Callable[[], int]] = {
    "kept": spool.read_back, "found": find_forgotten, "scans": attaching.catch_up, "events": process_neglected, "delays": find_delays,
    "released": release_due, "delivered": deliver_neglected, "feedback": receiving.look_after, "polled": polling.poll_due,
    "scored": score_settled, "calls": rounds.look_after,
    "learnt": learn,
}
"""What a sweep does, in this order."""
