"""Decides, for each fact, what is said to whom, on which channel and when; every decision is kept as a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from ecommerce_comms import clock, keys
from ecommerce_comms.conf import conf
from ecommerce_comms.customers.identity import normalise_email
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.journeys import facts, others
from ecommerce_comms.journeys.judging import Case, Reason, State, judge
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.journeys.rules import SPECS, Spec, merchants_rules, triggered_by
from ecommerce_comms.messaging import channels, outbox, reaching
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.reaching import Person
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.history import History
from ecommerce_comms.orders.models import Order, OrderEvent

Purpose = Message.Purpose


class Planner:
    """Decides for some histories at once: rules and earlier messages are read with one query each, customers where there is a choice."""

    def __init__(self, histories: Iterable[History], *, are_planned: bool = True) -> None:
        self.new: list[Message] = []
        """The decisions so far, to be put into the outbox."""
        self._rules = merchants_rules()
        self._earlier: dict[int, list[Message]] = defaultdict(list)
        histories = list(histories)
        if channels.are_many() and histories:
            prefetch_related_objects([history.order for history in histories], "customer")
        known = [history.order.id for history in histories if not history.is_new] if are_planned else []
        for message in Message.objects.filter(order__in=known).defer("facts", "words") if known else ():
            self._earlier[message.order_id or 0].append(message)

    def plan(self, history: History, events: Iterable[OrderEvent]) -> None:
        """Decide what ``events`` (of this history, new) set off; what was decided before and not sent is judged anew."""
        known = self._earlier[history.order.id]
        self.judge_anew(history, known)
        people = _people(history)
        for event in events:
            for spec in triggered_by(event.kind):
                for person in people if spec.tells_others else people[:1]:
                    if message := _decide(spec, self._rules[spec.kind], history, event, person, known):
                        known.append(message)
                        self.new.append(message)

    def judge_anew(self, history: History, messages: Iterable[Message]) -> None:
        """Ask about unsent ``messages`` of this history again, and keep what has changed."""
        waiting = [message for message in messages if message.state in outbox.UNSENT and message.kind in SPECS]
        if not waiting:
            return
        events, people = {event.id: event for event in history.events}, _people(history)
        changed = []
        for message in waiting:
            event = events.get(message.event_id or 0)
            if event is not None and _judge_anew(message, self._rules[message.kind], history, event, people):
                changed.append(message)
        outbox.change(changed)


def _people(history: History) -> list[Person]:
    """Who is told of an order: the customer first."""
    snapshot = history.order.as_snapshot
    return [reaching.the_customer(snapshot, _known_customer(history.order)), *reaching.the_others(snapshot)]


def _judge_anew(message: Message, rule: Rule, history: History, event: OrderEvent, people: Sequence[Person]) -> bool:
    person = reaching.find(message, people)
    refresh = _is_told_anew(history, message)
    if person and (refresh or message.backend not in channels.known()):
        _address_anew(message, person, history.order)
    case = _case(SPECS[message.kind], rule, history, event, person, message)
    return _settle(message, case, person, refresh=refresh)


def _is_told_anew(history: History, message: Message) -> bool:
    """An order that was changed after a message was queued: the message says how it is now, to the address that it has now."""
    return bool(history.order.snapshot_at and history.order.snapshot_at > message.decided_at)


def _address_anew(message: Message, person: Person, order: Order) -> None:
    """The address that the order has now; on another channel only if the one before reaches nobody any more and nothing was tried yet."""
    may_move = not (message.attempts or message.instead_of_id or message.repeats_id)
    listed = reaching.wanted(person, message.purpose, _known_customer(order)) if may_move else ()
    ways = dict.fromkeys((message.backend, *listed))
    message.recipient_name = person.name
    message.backend, message.recipient = channels.route(ways, person.contact) or (message.backend, _as_written(message.backend, person))


def _decide(
    spec: Spec, rule: Rule, history: History, event: OrderEvent, person: Person, known: Sequence[Message],
) -> Message | None:
    """The decision about ``event`` by one rule, for one person; ``None`` if an earlier row speaks for it."""
    order = history.order
    purpose = Purpose.TRACKING if person.role else spec.purpose
    wanted = reaching.wanted(person, purpose, _known_customer(order))
    first = wanted[0] if wanted else channels.EMAIL
    channel, recipient = channels.route(wanted, person.contact) or (first, _as_written(first, person))
    key = _key(spec, order, event, person, channel, recipient)
    if any(message.dedupe_key == key for message in known):
        return None
    message = Message.build(
        kind=spec.kind, purpose=purpose, order=order, event=event, **_customer(order, person), role=person.role,
        language=texts.best_language(person.language, order.language, conf.language), backend=channel,
        recipient=recipient, recipient_name=person.name, dedupe_key=key, decided_at=clock.now(), state=State.HELD, due_at=event.occurred_at,
    )
    case = _case(spec, rule, history, event, person, message)
    message.parcel, message.due_at = case.parcel, case.due_at
    _settle(message, case, person, refresh=True)
    said = _said_to(person, known)
    if message.state != State.SKIPPED and _was_said(spec, case, said):
        message.state, message.reason = State.SKIPPED, Reason.DUPLICATE
    if message.state != State.SKIPPED and _answers_nothing(case, said):
        message.state, message.reason = State.SKIPPED, Reason.STALE
    return message


def _key(spec: Spec, order: Order, event: OrderEvent, person: Person, channel: str, recipient: str) -> str:
    """event × rule × recipient × channel; a follow-up is about the order, whichever of its events sets it off."""
    nobody = f"{person.role}.{person.name}" if person.role else "-"
    return keys.make(spec.kind, order.reference if spec.follow_up else event.event_key, normalise_email(recipient) or nobody, channel)


def _customer(order: Order, person: Person) -> dict[str, Any]:
    """The customer, as far as known without a query; what others get belongs to no customer."""
    if person.role:
        return {}
    return {"customer": order.customer} if Order.customer.is_cached(order) else {"customer_id": order.customer_id}


def _known_customer(order: Order) -> Customer | None:
    """The customer, if known without a query: with one channel there is nothing to ask."""
    return order.customer if Order.customer.is_cached(order) else None


def _as_written(channel: str, person: Person) -> str:
    """An address to which nothing can be sent, for the merchant to see."""
    return channels.raw_address_of(channel, person.contact)[:320]


def _case(spec: Spec, rule: Rule, history: History, event: OrderEvent, person: Person | None, message: Message) -> Case:
    wanted = reaching.wanted(person, message.purpose, _known_customer(history.order)) if person else ()
    return Case(
        spec, rule, history, event, None if spec.follow_up else history.parcel_of(event), message.backend, message.recipient,
        is_wanted=bool(wanted), is_named=person is not None,
    )


def _settle(message: Message, case: Case, person: Person | None, *, refresh: bool) -> bool:
    """Put the verdict into ``message``; whether that changed it."""
    verdict = judge(case)
    before = (message.state, message.reason, message.due_at)
    # What is queued already stays due when it was: a retry's wait is not cut short.
    due_at = message.due_at if message.state == State.QUEUED == verdict.state else case.due_at
    message.state, message.reason, message.due_at, message.expires_at = verdict.state, verdict.reason, due_at, case.expires_at
    newly_queued = verdict.state == State.QUEUED and (refresh or before[0] != State.QUEUED)
    if newly_queued or (refresh and verdict.state == State.SCHEDULED):
        message.facts = _facts(case, person)
    return refresh or newly_queued or before != (message.state, message.reason, message.due_at)


def _facts(case: Case, person: Person | None) -> dict[str, Any]:
    found = facts.collect(case.history, case.event, case.parcel, tells_promise=case.spec.tells_promise)
    return others.told(found, person, case.history.order.as_snapshot) if person and person.role else found


def _said_to(person: Person, known: Sequence[Message]) -> list[Message]:
    """What ``person`` was told of the order so far, or is about to be told."""
    spoken = (message for message in known if message.role == person.role and message.state not in (State.SKIPPED, State.FAILED))
    return [message for message in spoken if not person.role or person.is_at(message.recipient)]


def _answers_nothing(case: Case, said: Sequence[Message]) -> bool:
    """Good news that the app found out, for somebody who was not told of the delay: that would be the first they hear of one."""
    if case.event.kind != "order_back_on_track" or case.event.source != "delays":
        return False
    return not any(message.kind == "order_delayed" for message in said)


def _was_said(spec: Spec, case: Case, said: Sequence[Message]) -> bool:
    """Whether another event has said the same already."""
    same = [message for message in said if message.kind == spec.kind]
    if spec.per_parcel:
        return any(message.parcel_id == (case.parcel.pk if case.parcel else None) for message in same)
    return spec.once and bool(same)
