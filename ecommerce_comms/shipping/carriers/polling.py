"""Carriers that call nobody are asked: a plug-in asks about some parcels at a time, the sweep lets it go its rounds.

A poller visits every open parcel of its carriers once in each interval, a batch in each sweep, and waits longer each time it
fails. Of several processes that sweep one asks.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db.models import Q, QuerySet

from ecommerce_comms import clock, masking
from ecommerce_comms.conf import conf
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.plugins import load
from ecommerce_comms.shipping.carriers import names, receiving
from ecommerce_comms.shipping.carriers.sightings import Sighting, compact
from ecommerce_comms.shipping.models.tracking import PollTurn, TrackingStatus

log = masking.logger(__name__)
AT_REST = (TrackingStatus.DELIVERED, TrackingStatus.RETURNED, TrackingStatus.LOST, TrackingStatus.CANCELLED)
"""Nobody asks about such a parcel any more."""
OPEN_DAYS = timedelta(days=90)
"""After so long nobody asks about a parcel that never arrived."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=6)
SCANNED_AT_ONCE = 2000
"""Parcels that one sweep looks at for those of a poller's carriers."""


@dataclass(frozen=True)
class Asked:
    """A parcel that is asked about."""

    tracking_number: str
    carrier: str
    country: str
    """Where it goes: two letters, or empty."""


class CarrierPoller(ABC):
    """Asks one carrier. Subclasses give the flags and ``ask``."""

    carriers: ClassVar[frozenset[str]] = frozenset()
    """Names of the carriers whose parcels it can ask about, each in any of its spellings; empty: all."""
    at_once: ClassVar[int] = 25
    """Parcels in one question."""
    every: ClassVar[timedelta] = timedelta(hours=2)
    """A parcel is asked about so often at most."""
    seconds: ClassVar[float] = 10.0
    """One question may take so long in all; then its answer is not waited for."""

    @abstractmethod
    def ask(self, parcels: Sequence[Asked], seconds: float) -> Iterable[Sighting]:
        """What is known of ``parcels``, with history or without; what is known already does no harm.

        Runs in a thread of its own: no database there. Give every request a time-out below ``seconds``. Raise whatever went wrong.
        """


def pollers() -> dict[str, CarrierPoller]:
    """Those in ``CARRIER_POLLERS``, by name. Raises ``ImproperlyConfigured``."""
    where = 'ECOMMERCE_COMMS["CARRIER_POLLERS"]'
    return {name: load(path, CarrierPoller, where) for name, path in conf.CARRIER_POLLERS.items()}  # type: ignore[type-abstract]


def poll_due() -> int:
    """Let every poller whose time has come ask one question; returns how many sightings were new."""
    return sum(_poll(name, poller) for name, poller in pollers().items())


def _poll(name: str, poller: CarrierPoller) -> int:
    now = clock.now()
    turn, _is_new = PollTurn.objects.get_or_create(name=name, defaults={"next_at": now, "round_began_at": now})
    # Whoever moves the time on first asks; the others see it in the future.
    lease = now + timedelta(seconds=poller.seconds) + FIRST_PAUSE
    if turn.next_at > now or not PollTurn.objects.filter(pk=turn.pk, next_at=turn.next_at).update(next_at=lease):
        return 0
    parcels, last, is_end = _next_parcels(poller, turn.after, now)
    try:
        sightings = _ask(poller, parcels) if parcels else []
    except Exception as error:
        _fail(turn, error, now)
        return 0
    taken = receiving.take(sightings, source=name)
    began = turn.round_began_at if turn.after else now
    PollTurn.objects.filter(pk=turn.pk).update(
        after=0 if is_end else last, round_began_at=began, next_at=max(now, began + poller.every) if is_end else now, failures=0, error="",
    )
    return taken.new


def _next_parcels(poller: CarrierPoller, after: int, now: datetime) -> tuple[list[Parcel], int, bool]:
    """The next parcels to ask about, the key of the last one looked at, and whether the round ends with them."""
    wanted = {names.code(name) for name in poller.carriers}
    found: list[Parcel] = []
    looked_at = 0
    for parcel in _open(now).filter(pk__gt=after).order_by("pk")[:SCANNED_AT_ONCE]:
        if not wanted or names.code(parcel.carrier) in wanted:
            found.append(parcel)
        looked_at, after = looked_at + 1, parcel.pk
        if len(found) == poller.at_once:
            return found, after, False
    return found, after, looked_at < SCANNED_AT_ONCE


def _open(now: datetime) -> QuerySet[Parcel]:
    """Parcels with a number that are under way, as far as anybody knows."""
    recent = Q(shipped_at__gte=now - OPEN_DAYS) | Q(shipped_at=None, order__placed_at__gte=now - OPEN_DAYS)
    return (
        Parcel.objects.filter(recent, delivered_at=None, order__cancelled_at=None).exclude(tracking_number="")
        .exclude(tracking__status__in=AT_REST).select_related("order")
    )


def _ask(poller: CarrierPoller, parcels: Sequence[Parcel]) -> list[Sighting]:
    """The answer, if it comes in time. Raises ``TimeoutError``, or whatever went wrong."""
    asked = [Asked(compact(parcel.tracking_number), parcel.carrier, _country(parcel.order)) for parcel in parcels]
    ended: list[list[Sighting] | Exception] = []

    def run() -> None:
        try:
            ended.append(list(poller.ask(asked, poller.seconds)))
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=run, name="comms-poller", daemon=True)
    thread.start()
    thread.join(poller.seconds)
    if not ended:
        raise TimeoutError(f"no answer within {poller.seconds:g} s")
    if isinstance(ended[0], Exception):
        raise ended[0]
    return ended[0]


def _country(order: Order) -> str:
    return order.as_snapshot.address.country


def _fail(turn: PollTurn, error: Exception, now: datetime) -> None:
    failures = min(turn.failures + 1, 30_000)
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 12), LONGEST_PAUSE)
    said = masking.mask(f"{type(error).__name__}: {error}")[:300]
    PollTurn.objects.filter(pk=turn.pk).update(next_at=now + pause, failures=failures, error=said)
    log.warning("The carrier behind the poller %s could not be asked, for the %d. time in a row: %s", turn.name, failures, said)
