"""Judges a run by three books: what the shop committed, what the app's tables say, and what the mail server took.

``python -m tests.chaos.checker settled SECONDS`` waits until nothing is left to do and prints how long that took (or the
rest that never ended); ``python -m tests.chaos.checker judge`` prints the findings as JSON. Both read the folder of
``COMMS_CHAOS_STAGE``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection  # noqa: E402 - Django has to be set up first

from ecommerce_comms import clock  # noqa: E402
from ecommerce_comms.messaging.models import Attempt, Message  # noqa: E402
from ecommerce_comms.orders.kinds import AFTER_CANCELLATION  # noqa: E402
from ecommerce_comms.orders.models import OrderEvent  # noqa: E402
from tests.chaos.shop import FACTS  # noqa: E402
from tests.hosts.plain.models import PlainOrder  # noqa: E402

State, Reason = Message.State, Message.Reason
SOON = timedelta(minutes=10)
"""What is due within so long belongs to the run; review requests of a week later do not."""
EARLY = 6.0
"""Seconds: a clock that is off by up to five is left alone."""
Line = dict[str, Any]


def lines(path: Path) -> list[Line]:
    """A file of JSON lines; the last one may be cut off by a kill."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


@dataclass
class Finding:
    """Something that must not be."""

    rule: str
    what: str
    story: list[str] = field(default_factory=list)


@dataclass
class Books:
    """All that is known of a run."""

    folder: Path

    def __post_init__(self) -> None:
        sink = lines(self.folder / "sink")
        self.taken: dict[str, list[Line]] = defaultdict(list)
        for line in sink:
            if line["what"] == "taken":
                self.taken[line["message_id"]].append(line)
        self.refused = Counter(line["to"] for line in sink if line["what"] == "refused" and line["code"] >= 500)
        self.unanswered = [line["message_id"] for line in sink if line["what"] == "unanswered"]
        self.ledger = [line for path in sorted(self.folder.glob("ledger.*")) for line in lines(path)]
        path = self.folder / "incidents.json"
        self.incidents: list[Line] = json.loads(path.read_text()) if path.exists() else []

    @cached_property
    def orders(self) -> dict[str, PlainOrder]:
        """The shop's own orders by their key."""
        return {str(order.pk): order for order in PlainOrder.objects.all()}

    @cached_property
    def messages(self) -> list[Message]:
        """Every decision."""
        return list(Message.objects.select_related("order").order_by("pk"))

    @cached_property
    def by_order(self) -> dict[tuple[str, str], list[Message]]:
        """The decisions about an order, by its key and their kind."""
        found: dict[tuple[str, str], list[Message]] = defaultdict(list)
        for message in self.messages:
            if message.order:
                found[message.order.reference, message.kind].append(message)
        return found

    @cached_property
    def doubled(self) -> list[str]:
        """Message-IDs that were taken more than once."""
        return [message_id for message_id, taken in self.taken.items() if len(taken) > 1]

    @cached_property
    def senders_lost(self) -> int:
        """How many threads may each have left one mail in doubt."""
        return sum(int(incident["senders"]) for incident in self.incidents)

    @cached_property
    def cancelled(self) -> dict[str, float]:
        """When the shop had committed that an order is cancelled, by its number and the machine's monotonic time."""
        return {line["order"]: line["at"] for line in self.ledger if line.get("fact") == "c" and not line.get("again")}

    def due(self, message: Message) -> float:
        """When a message was first due: advertising as the shop said, everything else at once."""
        return self._promised.get(message.recipient, 0.0)

    @cached_property
    def _promised(self) -> dict[str, float]:
        return {line["offer"]: line["due"] for line in self.ledger if "offer" in line}

    def story(self, message: Message) -> list[str]:
        """What happened to one message, as far as the books tell."""
        told = [f"{message.kind} to {message.recipient}, {message.purpose}: {message.state} {message.reason} "
                f"marked={message.possible_duplicate} attempts={message.attempts} provider={message.provider} "
                f"due={message.due_at:%H:%M:%S.%f} "
                f"sent={message.sent_at and f'{message.sent_at:%H:%M:%S.%f}'} error={message.last_error[:200]!r}"]
        told += [f"try {attempt.number} over {attempt.provider}: {attempt.outcome} {attempt.code or ''} {attempt.answer[:160]!r} "
                 f"at {attempt.ended_at:%H:%M:%S.%f}" for attempt in Attempt.objects.filter(message=message).order_by("pk")]
        told += [f"taken at {clock_of(line)} ({line['at']:.3f}) from {line['helo']} at port {line['port']}"
                 for line in self.taken.get(message.message_id, ())]
        near = [incident for incident in self.incidents for line in self.taken.get(message.message_id, ())
                if incident["at"] - 15 <= line["at"] <= (incident["until"] or incident["at"]) + 15]
        told += sorted({f"{each['fault']} {each['target']} from {each['at']:.3f} to {each['until']:.3f}" for each in near})
        return told


def clock_of(line: Line) -> str:
    """The sink's time of a line, as the tables write times."""
    return time.strftime("%H:%M:%S", time.gmtime(line["wall"])) + f"{line['wall'] % 1:.3f}"[1:]


# ---- lost -----------------------------------------------------------------------------------------------------------


def lost_facts(books: Books) -> Iterator[Finding]:
    """Every fact in the shop's table is an event, processed."""
    events = {(event.order_reference, event.kind): event for event in OrderEvent.objects.defer("snapshot")}
    for reference, order in books.orders.items():
        for kind in ["order_placed", *(FACTS[letter] for letter in order.state)]:
            event = events.get((reference, kind))
            if event is None:
                yield Finding("lost: a fact that was committed is not known", f"{kind} of {order.order_no}")
            elif event.state != OrderEvent.State.PROCESSED:
                story = [f"{event.state} {event.attempts} {event.error}"]
                yield Finding("lost: a fact was not processed", f"{kind} of {order.order_no}", story)


def lost_decisions(books: Books) -> Iterator[Finding]:
    """Every fact has a decision, and every offer that was committed is there."""
    for reference, order in books.orders.items():
        for kind in ["order_placed", *(FACTS[letter] for letter in order.state)]:
            if not books.by_order[reference, kind]:
                yield Finding("lost: nothing was decided about a fact", f"{kind} of {order.order_no}")
    known = {message.recipient for message in books.messages}
    for line in books.ledger:
        if "offer" in line and line["offer"] not in known:
            yield Finding("lost: an offer is not in the outbox", line["offer"])


def lost_mails(books: Books) -> Iterator[Finding]:
    """What is not sent has a reason that holds; what says that it was sent, was taken."""
    for message in books.messages:
        taken = bool(books.taken.get(message.message_id))
        if message.state in (State.SENT, State.DELIVERED):
            if not taken:
                yield Finding("lost: sent by the book, and never taken", str(message), books.story(message))
        elif message.state == State.SKIPPED:
            if not _may_skip(books, message):
                yield Finding("lost: skipped without a right", f"{message} {message.reason}", books.story(message))
        elif message.state == State.FAILED:
            if not _may_fail(books, message):
                yield Finding("lost: given up without a right", f"{message} {message.reason}", books.story(message))
        elif message.due_at <= clock.now() + SOON:
            yield Finding("lost: never ended", f"{message} {message.state}", books.story(message))


def _may_skip(books: Books, message: Message) -> bool:
    order = books.orders.get(message.order.reference) if message.order else None
    facts = order.state if order else ""
    match message.reason:
        case Reason.OBSOLETE:
            return "c" in facts and message.kind not in AFTER_CANCELLATION
        case Reason.STALE:
            return message.kind == "order_shipped" and "d" in facts
        case Reason.SUPPRESSED:
            return bool(books.refused[message.recipient])
        case Reason.DUPLICATE:
            assert message.order
            return any(other.state == State.SENT for other in books.by_order[message.order.reference, message.kind])
        case _:
            # Follow-ups of a week later may be decided against for whatever reason.
            return message.kind == "review_request" and message.order is not None


def _may_fail(books: Books, message: Message) -> bool:
    if message.reason == Reason.UNKNOWN:
        # In doubt: advertising is given up at once, and about an order it has to have arrived.
        return message.purpose == Message.Purpose.MARKETING or bool(books.taken.get(message.message_id))
    return message.reason == Reason.REFUSED and bool(books.refused[message.recipient])


# ---- doubled --------------------------------------------------------------------------------------------------------


def doubles(books: Books) -> Iterator[Finding]:
    """A double is marked, rare, and never advertising."""
    rows = {message.message_id: message for message in books.messages}
    for message_id in books.doubled:
        message = rows.get(message_id)
        if message is None:
            continue
        if not message.possible_duplicate:
            yield Finding("doubled: not marked", message_id, books.story(message))
        if message.purpose == Message.Purpose.MARKETING:
            yield Finding("doubled: advertising", message_id, books.story(message))
    extra = sum(len(books.taken[message_id]) - 1 for message_id in books.doubled)
    bound = books.senders_lost + len(books.unanswered)
    if extra > bound:
        yield Finding("doubled: more often than threads were in doubt", f"{extra} > {bound}",
                      [line for message_id in books.doubled if (message := rows.get(message_id)) for line in books.story(message)])


def said_twice(books: Books) -> Iterator[Finding]:
    """Nobody is told the same by two different mails."""
    for (reference, kind), messages in books.by_order.items():
        if sum(bool(books.taken.get(message.message_id)) for message in messages) > 1:
            stories = [line for each in messages for line in books.story(each)]
            yield Finding("doubled: said by two mails", f"{kind} of order {reference}", stories)


def marks_without_faults(books: Books) -> Iterator[Finding]:
    """Where nothing went wrong nothing is in doubt."""
    if not books.incidents:
        for message in books.messages:
            if message.possible_duplicate or message.state == State.FAILED or Attempt.objects.filter(message=message).exists():
                yield Finding("trouble where there was none", str(message), books.story(message))


# ---- wrong ----------------------------------------------------------------------------------------------------------


def strangers(books: Books) -> Iterator[Finding]:
    """Every mail has its row, and went where the row says."""
    rows = {message.message_id: message for message in books.messages}
    for message_id, taken in books.taken.items():
        message = rows.get(message_id)
        if message is None:
            yield Finding("wrong: a mail without a row", message_id, [json.dumps(line) for line in taken])
        elif any(line["to"] != [message.recipient] or line["kind"] != message.kind for line in taken):
            yield Finding("wrong: the mail is not what the row says", message_id, [*map(json.dumps, taken), *books.story(message)])


def too_early(books: Books) -> Iterator[Finding]:
    """Nothing leaves before it is due, whatever the clock of a host says; the mail server's is right."""
    for message in books.messages:
        for line in books.taken.get(message.message_id, ()):
            if line["wall"] < books.due(message) - EARLY:
                yield Finding("wrong: sent before it was due", message.message_id, books.story(message))


def after_cancellation(books: Books) -> Iterator[Finding]:
    """What was not in a claim yet when a cancellation was committed is not sent any more; a claim may last for two leases."""
    grace = 2 * float(json.loads((books.folder / "stage.json").read_text())["settings"]["LEASE_SECONDS"])
    stopped = max((incident["until"] - incident["at"] for incident in books.incidents if "paused" in incident["fault"]), default=0.0)
    for message in books.messages:
        order = books.orders.get(message.order.reference) if message.order else None
        at = books.cancelled.get(order.order_no) if order else None
        if at is None or message.kind in AFTER_CANCELLATION:
            continue
        if any(line["at"] > at + grace + stopped for line in books.taken.get(message.message_id, ())):
            story = [f"cancelled at {at:.3f}", *books.story(message)]
            yield Finding("wrong: sent although the order was cancelled", message.message_id, story)


RULES = (
    lost_facts, lost_decisions, lost_mails, doubles, said_twice, marks_without_faults, strangers, too_early, after_cancellation,
)


def judge(books: Books) -> dict[str, Any]:
    """The findings, and the figures for the table."""
    findings = [finding for rule in RULES for finding in rule(books)]
    marketing = {message.message_id for message in books.messages if message.purpose == Message.Purpose.MARKETING}
    return {
        "findings": [vars(finding) for finding in findings],
        "facts": len(books.ledger),
        "orders": len(books.orders),
        "mails": sum(map(len, books.taken.values())),
        "lost": sum(finding.rule.startswith("lost") for finding in findings),
        "doubled": sum(len(books.taken[message_id]) - 1 for message_id in books.doubled),
        "bound": books.senders_lost + len(books.unanswered),
        "marked": sum(message.possible_duplicate for message in books.messages),
        "marketing doubled": sum(len(books.taken[message_id]) - 1 for message_id in books.doubled if message_id in marketing),
        "offers given up": sum(message.state == State.FAILED for message in books.messages if message.message_id in marketing),
        "refused": sum(message.state == State.FAILED and message.reason == Reason.REFUSED for message in books.messages),
        "unanswered": len(books.unanswered),
        "senders lost": books.senders_lost,
    }


def rest() -> dict[str, int]:
    """What is still to be done, by its state; what is planned for next week is not."""
    until = clock.now() + SOON
    events = OrderEvent.objects.filter(state=OrderEvent.State.NEW).values_list("state", flat=True)
    messages = Message.objects.filter(state__in=[State.QUEUED, State.SENDING, State.SCHEDULED, State.HELD], due_at__lte=until)
    waiting = Counter(f"event {state}" for state in events)
    waiting += Counter(f"message {state}" for state in messages.values_list("state", flat=True))
    return dict(waiting)


def settled(seconds: float) -> dict[str, Any]:
    """Wait until nothing is left; after how many seconds nothing was, or what is left."""
    began, left = time.monotonic(), {"never": 1}
    while time.monotonic() - began < seconds:
        try:
            left = rest()
        except (DatabaseError, InterfaceError) as error:
            left = {str(error): 1}
            connection.close()
        if not left:
            break
        time.sleep(0.25)
    return {"seconds": round(time.monotonic() - began, 1), "left": left}


if __name__ == "__main__":
    if sys.argv[1] == "settled":
        print(json.dumps(settled(float(sys.argv[2]))))
    else:
        print(json.dumps(judge(Books(Path(os.environ["COMMS_CHAOS_STAGE"]).parent))))
