"""Whatever dies at whatever step of a claim: nobody is left without a mail, and one at most gets two, which is marked."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connection

from ecommerce_comms import lifecycle, testing, working
from ecommerce_comms.messaging import delivery
from ecommerce_comms.messaging.sending import workers
from ecommerce_comms.messaging.sending.journal import Journal
from ecommerce_comms.models import Message
from ecommerce_comms.orders import events

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = ("1", "2", "3")
STEPS = 3 * len(ORDERS) + 1
"""A text is made, handed over and taken, for each of them; between the first and the second all texts are kept."""


class Killed(BaseException):
    """The process is gone: nothing of it catches this."""


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Snapshots stand in for orders; the thread has a journal of its own."""
    monkeypatch.setattr(workers, "_local", threading.local())
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}
    for number in ORDERS:
        events.record("order_placed", testing.order(number))


def die_at(step, monkeypatch, *, before):
    """Let the process die with its note number ``step`` (from 0), right before or after it is in the journal."""
    note, done = Journal.note, []

    def write(self, *what):
        done.append(what)
        if len(done) == step + 1 and before:
            raise Killed
        note(self, *what)
        if len(done) == step + 1:
            raise Killed

    monkeypatch.setattr(Journal, "note", write)


def queued():
    """By way of the queue."""
    lifecycle.process_waiting()
    delivery.deliver_due()


WAYS = {"queued": queued, "at once": working.work}


def strike(way, step, before, monkeypatch):
    """Let the process die; its lock goes with it, the file stays."""
    with monkeypatch.context() as patched:
        die_at(step, patched, before=before)
        with pytest.raises(Killed):
            WAYS[way]()
    workers.this_thread().abandon()


def compare():
    """What came, and what the books say of it."""
    came = Counter(mail.order_number for mail in testing.sent())
    marked = set(Message.objects.filter(possible_duplicate=True).values_list("order__reference", flat=True))
    assert set(came) == set(ORDERS)
    assert {number for number in came if came[number] > 1} <= marked
    assert len(marked) <= 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


every_step = pytest.mark.parametrize("step", range(STEPS))
either_side = pytest.mark.parametrize("before", [True, False], ids=["before the note", "after the note"])
both_ways = pytest.mark.parametrize("way", [
    "queued", pytest.param("at once", marks=pytest.mark.skipif("connection.vendor == 'mysql'", reason="MariaDB queues everything")),
])
assert connection  # named in the marks


@either_side
@every_step
@both_ways
def test_process_that_dies_loses_nothing_and_doubles_one_at_most(way, step, before, monkeypatch):
    strike(way, step, before, monkeypatch)
    delivery.deliver_due()
    compare()


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="its file dies with the host")
@either_side
@every_step
@both_ways
def test_host_that_dies_loses_nothing_and_doubles_one_at_most(way, step, before, monkeypatch, clock, tmp_path):
    strike(way, step, before, monkeypatch)
    for path in tmp_path.rglob("*.journal"):
        path.unlink()
    delivery.deliver_due()
    assert len(testing.sent()) < len(ORDERS) or step == STEPS - 1  # it is silent, and others wait for the end of its lease
    clock.advance(minutes=3)
    delivery.deliver_due()
    compare()
