"""The checker of the chaos runs finds each kind of wrong, and nothing in books that are in order."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ecommerce_comms.models import Message, Order, OrderEvent
from tests.chaos import checker
from tests.hosts.plain.models import PlainOrder

pytestmark = pytest.mark.django_db
ADDRESS, OFFER = "asha.1@customers.example", "offers.1@customers.example"
STAGE = {"settings": {"LEASE_SECONDS": 6}}


class World:
    """A shop with one order, which was placed, paid and cancelled, and one offer; all of it told once."""

    def __init__(self, folder, now) -> None:
        self.folder, self.now = folder, now
        self.incidents = [{"fault": "worker killed", "target": "worker1", "at": 90.0, "until": 91.0, "senders": 1}]
        self.sink, self.ledger = [], []
        shop = PlainOrder.objects.create(order_no="1", created=now, email=ADDRESS, state="pc")
        self.order = Order.objects.create(key=str(shop.pk), reference=str(shop.pk), number="1", language="en", time_zone="UTC")
        for kind, fact in (("order_placed", "o"), ("order_paid", "p"), ("order_cancelled", "c")):
            OrderEvent.objects.create(
                event_key=kind, kind=kind, order_reference=str(shop.pk), order_key=str(shop.pk), order=self.order, occurred_at=now,
                state=OrderEvent.State.PROCESSED,
            )
            self.ledger.append({"at": 100.0, "wall": now.timestamp(), "order": "1", "fact": fact})
            self.told(kind, ADDRESS, order=self.order)
        self.told("review_request", OFFER, purpose=Message.Purpose.MARKETING)
        self.ledger.append({"at": 100.0, "wall": now.timestamp(), "offer": OFFER, "due": now.timestamp()})

    def told(self, kind, recipient, **values):
        """A message that was sent and taken."""
        message = Message.objects.create(**{
            "kind": kind, "recipient": recipient, "dedupe_key": f"{kind} {len(self.sink)}", "language": "en", "state": "sent",
            "due_at": self.now, "sent_at": self.now, "message_id": f"{kind}.{len(self.sink)}@shop.example", "attempts": 1, **values,
        })
        self.taken(message)
        return message

    def taken(self, message, at=101.0, wall=0.0):
        """The mail server takes ``message``."""
        self.sink.append({"what": "taken", "message_id": message.message_id, "to": [message.recipient], "kind": message.kind, "port": 25,
                          "helo": "host1", "at": at, "wall": wall or self.now.timestamp()})

    def of(self, kind):
        """The message of a kind."""
        return Message.objects.get(kind=kind)

    def judge(self):
        """The rules that are broken, and the figures."""
        for name, lines in (("sink", self.sink), ("ledger.s1", self.ledger)):
            (self.folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"cut off')
        (self.folder / "stage.json").write_text(json.dumps(STAGE))
        (self.folder / "incidents.json").write_text(json.dumps(self.incidents))
        verdict = checker.judge(checker.Books(self.folder))
        return {finding["rule"] for finding in verdict["findings"]}, verdict


@pytest.fixture
def world(tmp_path, clock):
    return World(tmp_path, clock())


def test_nothing_is_found_in_books_that_are_in_order(world):
    rules, verdict = world.judge()
    assert rules == set()
    assert (verdict["facts"], verdict["mails"], verdict["lost"], verdict["doubled"], verdict["marked"]) == (4, 4, 0, 0, 0)


def test_marked_double_after_a_kill_is_counted_and_no_fault(world):
    Message.objects.filter(kind="order_paid").update(possible_duplicate=True)
    world.taken(world.of("order_paid"))
    rules, verdict = world.judge()
    assert rules == set()
    assert (verdict["doubled"], verdict["marked"]) == (1, 1)


def lose_event(world):
    OrderEvent.objects.filter(kind="order_paid").delete()


def leave_event(world):
    OrderEvent.objects.filter(kind="order_paid").update(state="new")


def lose_decision(world):
    world.of("order_placed").delete()


def lose_offer(world):
    world.of("review_request").delete()


def lose_mail(world):
    world.sink.pop(0)


def leave_mail(world):
    Message.objects.filter(kind="order_paid").update(state="sending")


def skip_without_reason(world):
    Message.objects.filter(kind="order_placed").update(state="skipped", reason="stale")


def give_up(world):
    Message.objects.filter(kind="order_placed").update(state="failed", reason="unreachable")


def give_up_in_doubt_without_arrival(world):
    Message.objects.filter(kind="order_placed").update(state="failed", reason="unknown")
    world.sink.pop(0)


def refuse_without_refusal(world):
    Message.objects.filter(kind="order_placed").update(state="failed", reason="refused")


def double_unmarked(world):
    world.taken(world.of("order_paid"))


def double_offer(world):
    Message.objects.filter(kind="review_request").update(possible_duplicate=True)
    world.taken(world.of("review_request"))


def double_often(world):
    Message.objects.filter(kind__in=["order_paid", "order_placed"]).update(possible_duplicate=True)
    world.taken(world.of("order_paid"))
    world.taken(world.of("order_placed"))


def say_twice(world):
    world.told("order_paid", ADDRESS, order=world.order)


def mark_without_faults(world):
    world.incidents.clear()
    Message.objects.filter(kind="order_paid").update(possible_duplicate=True)


def send_a_stranger(world):
    world.sink.append({**world.sink[0], "message_id": "stranger@shop.example"})


def send_to_another(world):
    world.sink[0] = {**world.sink[0], "to": ["ravi@customers.example"]}


def send_another_kind(world):
    world.sink[0] = {**world.sink[0], "kind": "order_shipped"}


def send_early(world):
    world.ledger[-1]["due"] += 60


def send_after_cancellation(world):
    world.sink[1]["at"] = 120.0


WRONGS = {
    lose_event: "lost: a fact that was committed is not known",
    leave_event: "lost: a fact was not processed",
    lose_decision: "lost: nothing was decided about a fact",
    lose_offer: "lost: an offer is not in the outbox",
    lose_mail: "lost: sent by the book, and never taken",
    leave_mail: "lost: never ended",
    skip_without_reason: "lost: skipped without a right",
    give_up: "lost: given up without a right",
    give_up_in_doubt_without_arrival: "lost: given up without a right",
    refuse_without_refusal: "lost: given up without a right",
    double_unmarked: "doubled: not marked",
    double_offer: "doubled: advertising",
    double_often: "doubled: more often than threads were in doubt",
    say_twice: "doubled: said by two mails",
    mark_without_faults: "trouble where there was none",
    send_a_stranger: "wrong: a mail without a row",
    send_to_another: "wrong: the mail is not what the row says",
    send_another_kind: "wrong: the mail is not what the row says",
    send_early: "wrong: sent before it was due",
    send_after_cancellation: "wrong: sent although the order was cancelled",
}


@pytest.mark.parametrize("spoil", WRONGS, ids=lambda spoil: spoil.__name__)
def test_wrong_is_found(spoil, world):
    spoil(world)
    assert WRONGS[spoil] in world.judge()[0]


def test_skips_and_refusals_that_have_a_reason_are_none(world):
    Message.objects.filter(kind="order_paid").update(state="skipped", reason="obsolete")
    Message.objects.filter(kind="order_placed").update(state="failed", reason="refused")
    world.sink[:2] = [{"what": "refused", "to": ADDRESS, "code": 550, "at": 101.0, "wall": 0.0}]
    assert world.judge()[0] == set()


def test_rest_is_what_is_due_soon(world, clock):
    assert checker.rest() == {}
    world.told("review_request", ADDRESS, state="scheduled", due_at=world.now + timedelta(days=7))
    assert checker.rest() == {}
    leave_event(world)
    leave_mail(world)
    assert checker.rest() == {"event new": 1, "message sending": 1}
