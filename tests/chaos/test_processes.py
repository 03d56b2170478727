"""Processes that die at the worst moment, and processes that do the same at once."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from tests.chaos.control import wait_until
from tests.settings import BROKER, DATABASE

pytestmark = pytest.mark.chaos
needs_broker = pytest.mark.skipif(BROKER == "memory" or DATABASE == "sqlite", reason="needs a broker and a database for two processes")
NUMBERS = [str(number) for number in range(1, 11)]


def confirmations(scene):
    """How many mails of each order the post office took."""
    return Counter(number for number, _message_id, kind in scene.mails() if kind == "order_placed")


def states(scene):
    """How many messages are in which state."""
    return dict(scene.query("SELECT state, COUNT(*) FROM ecommerce_comms_message GROUP BY state"))


def assert_nothing_lost_and_doubles_marked(scene):
    """Each order has its mail; a mail that came twice has one Message-ID and a mark."""
    assert set(confirmations(scene)) == set(NUMBERS)
    assert states(scene) == {"sent": len(NUMBERS)}
    marks = dict(scene.query("SELECT message_id, possible_duplicate FROM ecommerce_comms_message"))
    taken = Counter(message_id for _number, message_id, _kind in scene.mails())
    assert set(taken) == set(marks)
    assert all(marks[message_id] for message_id, count in taken.items() if count > 1)
    assert max(taken.values()) <= 2


def test_checkout_killed_right_after_its_commit_is_found_by_the_sweep(scene):
    assert scene.act("place", "1", "--die", waker="thread") == -signal.SIGKILL
    assert confirmations(scene) == {}
    scene.act("sweep", "--later", "60")
    assert confirmations(scene) == {"1": 1}


def test_two_sweeps_at_once_double_nothing(scene):
    scene.act("place", *NUMBERS)
    both = [scene.start("tests.chaos.acts", "sweep", "--later", "60") for _process in range(2)]
    for process in both:
        said, _nothing = process.communicate(timeout=30)
        assert process.returncode == 0, said
    scene.act("sweep", "--later", "120")
    assert confirmations(scene) == dict.fromkeys(NUMBERS, 1)
    assert states(scene) == {"sent": len(NUMBERS)}


def test_sweep_killed_in_the_middle_of_its_mails_loses_nothing(scene):
    scene.act("place", *NUMBERS)
    assert scene.act("sweep", "--later", "60", kill_after=3) == -signal.SIGKILL
    assert len(scene.mails()) == 3
    scene.act("sweep", "--later", "600")
    assert_nothing_lost_and_doubles_marked(scene)


@needs_broker
def test_worker_confirms_each_order_once_and_the_sweep_adds_nothing(scene):
    scene.act("place", *NUMBERS, waker="thread")
    scene.worker()
    wait_until(lambda: len(scene.mails()) == len(NUMBERS))
    wait_until(lambda: states(scene) == {"sent": len(NUMBERS)})
    scene.act("sweep", "--later", "600")
    assert confirmations(scene) == dict.fromkeys(NUMBERS, 1)
    assert scene.query("SELECT COUNT(*) FROM ecommerce_comms_message WHERE possible_duplicate") == [(0,)]


@needs_broker
def test_worker_killed_in_the_middle_of_its_mails_loses_nothing(scene):
    scene.act("place", *NUMBERS, waker="thread")
    victim = scene.worker(kill_after=3)
    said, _nothing = victim.communicate(timeout=20)
    assert victim.returncode == -signal.SIGKILL, said
    assert len(scene.mails()) == 3
    scene.act("sweep", "--later", "600")
    assert_nothing_lost_and_doubles_marked(scene)
