"""Decides, for each fact, what is said to whom and when; every decision is kept as a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.identity import normalise_email
from ecommerce_comms.journeys import facts
from ecommerce_comms.journeys.judging import Case, Reason, State, judge
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.journeys.rules import SPECS, Spec, merchants_rules, triggered_by
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import Order, OrderEvent


class Planner:
    """Decides for some histories at once: rules and earlier messages are read with one query each."""

    def __init__(self, histories: Iterable[History]) -> None:
        self.new: list[Message] = []
        """The decisions so far, to be put into the outbox."""
        self._rules = merchants_rules()
        self._earlier: dict[int, list[Message]] = defaultdict(list)
        known = [history.order.id for history in histories if not history.is_new]
        for message in Message.objects.filter(order__in=known).defer("facts") if known else ():
            self._earlier[message.order_id or 0].append(message)

    def plan(self, history: History, events: Iterable[OrderEvent]) -> None:
        """Decide what ``events`` (of this history, new) set off; what was decided before and not sent is judged anew."""
        known = self._earlier[history.order.id]
        self.judge_anew(history, known)
        for event in events:
            for spec in triggered_by(event.kind):
                if message := _decide(spec, self._rules[spec.kind], history, event, known):
                    known.append(message)
                    self.new.append(message)

    def judge_anew(self, history: History, messages: Iterable[Message]) -> None:
        """Ask about unsent ``messages`` of this history again, and keep what has changed."""
        events = {event.id: event for event in history.events}
        changed = []
        for message in messages:
            event = events.get(message.event_id or 0)
            if message.state in outbox.UNSENT and event is not None and message.kind in SPECS:
                refresh = _is_told_anew(history, message)
                if refresh:
                    message.recipient, message.recipient_name = _addressee(history)
                case = _case(SPECS[message.kind], self._rules[message.kind], history, event, message.recipient)
                if _settle(message, case, refresh=refresh):
                    changed.append(message)
        outbox.change(changed)


def _is_told_anew(history: History, message: Message) -> bool:
    """An order that was changed after a message was queued: the message says how it is now, to the address that it has now."""
    return bool(history.order.snapshot_at and history.order.snapshot_at > message.decided_at)


def _decide(spec: Spec, rule: Rule, history: History, event: OrderEvent, known: Sequence[Message]) -> Message | None:
    """The decision about ``event`` by one rule; ``None`` if an earlier row speaks for it."""
    order = history.order
    recipient, recipient_name = _addressee(history)
    case = _case(spec, rule, history, event, recipient)
    key = keys.make(spec.kind, order.reference if spec.follow_up else event.event_key, normalise_email(case.recipient) or "-", "email")
    if any(message.dedupe_key == key for message in known):
        return None
    message = Message.build(
        kind=spec.kind, purpose=spec.purpose, order=order, parcel=case.parcel, event=event, **_customer(order),
        language=texts.best_language(order.language, conf.language), backend="email",
        recipient=recipient, recipient_name=recipient_name,
        dedupe_key=key, decided_at=clock.now(), state=State.HELD, due_at=case.due_at,
    )
    _settle(message, case, refresh=True)
    if message.state != State.SKIPPED and _was_said(spec, case, known):
        message.state, message.reason = State.SKIPPED, Reason.DUPLICATE
    if message.state != State.SKIPPED and _answers_nothing(case, known):
        message.state, message.reason = State.SKIPPED, Reason.STALE
    return message


def _customer(order: Order) -> dict[str, Any]:
    """The customer, as far as known without a query."""
    return {"customer": order.customer} if Order.customer.is_cached(order) else {"customer_id": order.customer_id}


def _addressee(history: History) -> tuple[str, str]:
    """Address and name to write to."""
    customer = history.order.as_snapshot.customer
    return customer.email[:320].strip(), f"{customer.first_name} {customer.last_name}".strip()[:300]


def _case(spec: Spec, rule: Rule, history: History, event: OrderEvent, recipient: str) -> Case:
    return Case(spec, rule, history, event, None if spec.follow_up else history.parcel_of(event), recipient)


def _settle(message: Message, case: Case, *, refresh: bool) -> bool:
    """Put the verdict into ``message``; whether that changed it."""
    verdict = judge(case)
    before = (message.state, message.reason, message.due_at)
    # What is queued already stays due when it was: a retry's wait is not cut short.
    due_at = message.due_at if message.state == State.QUEUED == verdict.state else case.due_at
    message.state, message.reason, message.due_at, message.expires_at = verdict.state, verdict.reason, due_at, case.expires_at
    newly_queued = verdict.state == State.QUEUED and (refresh or before[0] != State.QUEUED)
    if newly_queued or (refresh and verdict.state == State.SCHEDULED):
        message.facts = facts.collect(case.history, case.event, case.parcel, tells_promise=case.spec.tells_promise)
    return refresh or newly_queued or before != (message.state, message.reason, message.due_at)


def _answers_nothing(case: Case, known: Sequence[Message]) -> bool:
    """Good news that the app found out, for somebody who was not told of the delay: that would be the first they hear of one."""
    if case.event.kind != "order_back_on_track" or case.event.source != "delays":
        return False
    return not any(message.kind == "order_delayed" and message.state not in (State.SKIPPED, State.FAILED) for message in known)


def _was_said(spec: Spec, case: Case, known: Sequence[Message]) -> bool:
    """Whether another event has said the same already."""
    said = [message for message in known if message.kind == spec.kind and message.state not in (State.SKIPPED, State.FAILED)]
    if spec.per_parcel:
        return any(message.parcel_id == (case.parcel.pk if case.parcel else None) for message in said)
    return spec.once and bool(said)
