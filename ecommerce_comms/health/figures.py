"""The figures of the mail, computed here and nowhere else, each with one query that an index answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Count, Min, Q

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.contact import figures as call_figures
from ecommerce_comms.contact.figures import CallFigures
from ecommerce_comms.messaging import own_texts
from ecommerce_comms.messaging.backends.base import get_backend
from ecommerce_comms.messaging.feedback import rates
from ecommerce_comms.messaging.models import Attempt, Message, Pause, Provider, ProviderEvent, Worker
from ecommerce_comms.messaging.own_texts import FailingText
from ecommerce_comms.messaging.resending import failed_since
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.shipping.models import Outage

State = Message.State
WAITING = (State.QUEUED, State.SCHEDULED, State.SENDING)
"""States of a message whose hour has come and which has not gone."""
DAY = timedelta(days=1)
SILENT_AFTER = 90.0
KEPT_SECONDS = 5.0
"""For so long the figures are kept for machines, however often they ask."""
SHARES_SECONDS = 60.0
"""The same for the shares: they change slowly, and counting a week's mails takes longest."""
T = TypeVar("T")


def silent_after() -> float:
    """Seconds after which whoever has to say something regularly counts as silent: 90, or three sweeps where they are rarer."""
    return max(SILENT_AFTER, 3.0 * float(conf.SWEEP_SECONDS))


@dataclass(frozen=True)
class LaneFigures:
    """The queue of one lane."""

    lane: str
    due: int = 0
    """Messages whose hour has come."""
    again: int = 0
    """Messages that wait for another try."""
    oldest_seconds: float = 0.0
    """For how long the oldest of ``due`` has been due."""
    refused_seconds: float = 0.0
    """How old the oldest of ``again`` is that was tried and refused for now."""


@dataclass(frozen=True)
class WorkerFigures:
    """One worker, and for how many seconds nobody has seen it."""

    name: str
    kind: str
    host: str
    seen_seconds: float
    is_busy: bool
    """Whether it has claimed messages."""
    sent: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether it should have said something: a sender that has nothing to do may rest."""
        return self.seen_seconds > silent_after() and (self.is_busy or self.kind != Worker.Kind.SENDER)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How things stand at one moment."""

    at: datetime
    lanes: Sequence[LaneFigures] = ()
    events_waiting: int = 0
    events_oldest_seconds: float = 0.0
    events_failed: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Messages given up that were due within 24 hours, by reason."""
    duplicates: int = 0
    """Messages that may have arrived twice, within 24 hours."""
    notices_waiting: int = 0
    """Notices of providers whose message is not known."""
    notices_oldest_seconds: float = 0.0
    providers: Sequence[Provider] = ()
    pauses: Sequence[Pause] = ()
    workers: Sequence[WorkerFigures] = ()
    """Those that were seen within a day, and those that never gave back their work."""
    outages: Sequence[Outage] = ()
    """Carriers that stand still."""
    own_texts: Sequence[FailingText] = ()
    """The merchant's texts that do not work for every order."""
    calls: CallFigures = field(default_factory=CallFigures)
    """The call list."""
    shares: dict[tuple[str, str], float] = field(default_factory=dict)
    """The share of mails that came back or were complained of, as ``rates.shares`` tells it."""

    def lane(self, name: str) -> LaneFigures:
        """The figures of the lane ``name``."""
        return next((lane for lane in self.lanes if lane.lane == name), LaneFigures(name))


def collect() -> Figures:
    """The figures of this moment; raises ``DatabaseError`` if the database does not answer."""
    now = clock.now()
    events = OrderEvent.objects.filter(state=OrderEvent.State.NEW).aggregate(number=Count("pk"), oldest=Min("recorded_at"))
    notices = ProviderEvent.objects.filter(state=ProviderEvent.State.WAITING).aggregate(number=Count("pk"), oldest=Min("received_at"))
    failures = Message.objects.filter(failed_since(now - DAY)).order_by().values_list("reason").annotate(Count("pk"))
    # What was tried once and given up, such as a text of unknown fate, is counted among the failures: it cannot have arrived twice.
    doubts = Attempt.objects.filter(ended_at__gte=now - DAY, outcome=Attempt.Outcome.UNKNOWN).exclude(
        message__state=Message.State.FAILED, message__reason=Message.Reason.UNKNOWN, message__attempts=1)
    return Figures(
        at=now, lanes=tuple(_lanes(now)), failures=dict(failures), duplicates=doubts.values("message").distinct().count(),
        events_waiting=events["number"], events_oldest_seconds=_age(events["oldest"], now),
        events_failed=OrderEvent.objects.filter(state=OrderEvent.State.FAILED).count(),
        notices_waiting=notices["number"], notices_oldest_seconds=_age(notices["oldest"], now),
        providers=tuple(Provider.objects.filter(name__in=ways_out()).order_by("name")),
        pauses=tuple(Pause.objects.order_by("lane")), workers=tuple(_workers(now)),
        outages=tuple(Outage.objects.filter(ended_at=None).order_by("found_at")), shares=kept_shares.get(),
        own_texts=own_texts.failing(),
        calls=call_figures.collect(now),
    )


def ways_out() -> set[str]:
    """Names of the providers that the settings name now; rows of former ones say nothing any more."""
    return {route.name for channel in conf.BACKENDS for route in get_backend(channel).routes(channel)}


def _lanes(now: datetime) -> Iterator[LaneFigures]:
    waiting = Message.objects.order_by().filter(lane__in=Message.Lane.values).values_list("lane")
    due = {lane: (number, oldest) for lane, number, oldest in
           waiting.filter(state__in=WAITING, due_at__lte=now).annotate(Count("pk"), Min("due_at"))}
    later = waiting.filter(state=State.QUEUED, due_at__gt=now)
    tries = later.annotate(Count("pk"), since=Min("decided_at", filter=Q(attempts__gt=0)))
    again = {lane: (number, since) for lane, number, since in tries}
    for lane in Message.Lane.values:
        number, oldest = due.get(lane, (0, None))
        tried, since = again.get(lane, (0, None))
        yield LaneFigures(lane, number, tried, _age(oldest, now), _age(since, now))


def _workers(now: datetime) -> Iterator[WorkerFigures]:
    for row in Worker.objects.filter(Q(seen_at__gte=now - DAY) | ~Q(token="")).order_by("kind", "name"):
        yield WorkerFigures(row.name, row.kind, row.host, _age(row.seen_at, now), bool(row.token), row.sent)


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


class Kept(Generic[T]):
    """What costs something to find out, kept for a few seconds for all who ask."""

    def __init__(self, find_out: Callable[[], T], seconds: float) -> None:
        self._find_out, self._seconds = find_out, seconds
        self._lock = threading.Lock()
        self._found: list[T] = []
        self._until = 0.0

    def get(self) -> T:
        """What was found; many that ask at once cause one computation."""
        with self._lock:
            if not self._found or time.monotonic() >= self._until:
                self._found = [self._find_out()]
                self._until = time.monotonic() + self._seconds
            return self._found[0]

    def forget(self) -> None:
        """Find out anew the next time."""
        self._found = []


kept = Kept(collect, KEPT_SECONDS)
kept_shares = Kept(lambda: rates.shares(clock.now() - rates.WINDOW), SHARES_SECONDS)
