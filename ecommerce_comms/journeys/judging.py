"""Whether something is said, and when: one chain of questions, asked when a fact arrives and again before it is queued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ecommerce_comms import clock
from ecommerce_comms.conf import conf
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.journeys.rules import Spec
from ecommerce_comms.messaging import channels
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION
from ecommerce_comms.orders.models import OrderEvent, Parcel
from ecommerce_comms.orders.redaction import is_erased

State, Reason = Message.State, Message.Reason


@dataclass(frozen=True)
class Case:
    """All that a judgement may look at."""

    spec: Spec
    rule: Rule
    history: History
    event: OrderEvent
    parcel: Parcel | None
    channel: str
    recipient: str
    is_wanted: bool = True
    """The person wants to hear of such things at all."""
    is_named: bool = True
    """The order still names the person."""

    @property
    def base(self) -> datetime:
        """The moment from which the delay counts: the fact, or for a follow-up the arrival of the *last* parcel."""
        arrival: datetime | None = self.history.order.delivered_at
        return arrival if self.spec.follow_up and arrival else self.event.occurred_at

    @property
    def due_at(self) -> datetime:
        """When it is to be said; a function of the facts alone, so that news which arrives late is as old as it is."""
        return self.base + timedelta(hours=self.rule.delay_hours)

    @property
    def expires_at(self) -> datetime:
        """When it is no news any more."""
        return self.due_at + self.spec.expires_after


@dataclass(frozen=True)
class Verdict:
    """What becomes of a message, and why."""

    state: str
    reason: str = Reason.NONE


def _is_cancelled(case: Case) -> bool:
    return case.history.order.cancelled_at is not None and case.spec.kind not in AFTER_CANCELLATION


def _is_old_news(case: Case) -> bool:
    """The fact was old already when it was told (an import, a repair), or it waited too long."""
    if case.event.age_when_recorded > conf.STALE_AFTER_DAYS * 86_400:
        return True
    return clock.now() > case.expires_at


def _is_overtaken(case: Case) -> bool:
    return case.spec.overtaken(case.history, case.parcel, case.event)


def _is_returned(case: Case) -> bool:
    order = case.history.order
    return case.spec.follow_up and bool(order.return_received_at or order.refunded_at)


#: Questions whose yes ends the matter, in the order in which they are asked.
SKIPS = (
    (lambda case: is_erased(case.history.order), Reason.ERASED),
    (lambda case: not case.rule.is_active, Reason.RULE_OFF),
    (lambda case: not case.event.notify_customer, Reason.SILENT),
    (_is_cancelled, Reason.OBSOLETE),
    (_is_returned, Reason.RETURNED),
    (_is_old_news, Reason.STALE),
    (_is_overtaken, Reason.STALE),
    (lambda case: not case.is_named, Reason.OBSOLETE),
    (lambda case: not case.is_wanted, Reason.NO_CONSENT),
    (lambda case: not channels.usable(case.channel, case.recipient), Reason.NO_ADDRESS),
)
#: Questions whose yes makes a follow-up wait.
HOLDS = (
    (lambda case: case.history.order.delayed_at is not None, Reason.LATE),
    (lambda case: case.history.order.delivered_at is None, Reason.OUTSTANDING),
    (lambda case: case.history.order.disputed, Reason.DISPUTED),
    (lambda case: case.history.order.return_requested_at is not None, Reason.RETURNING),
)


def judge(case: Case) -> Verdict:
    """Skipped, held, scheduled or queued, with the reason."""
    for question, reason in SKIPS:
        if question(case):
            return Verdict(State.SKIPPED, reason)
    for question, reason in HOLDS if case.spec.follow_up else ():
        if question(case):
            return Verdict(State.HELD, reason)
    return Verdict(State.QUEUED if case.due_at <= clock.now() else State.SCHEDULED)
