"""Wake-ups are few, late ones are none, and nobody waits for them."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from ecommerce_comms.orders import waker


@pytest.fixture(autouse=True)
def thread(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "thread"}


@pytest.fixture
def broker(monkeypatch):
    """What was published; ``thaw`` lets a publish end."""

    class Broker:
        published: list[str] = []  # noqa: RUF012
        busy, thaw = threading.Event(), threading.Event()
        error: Exception | None = None

        def send_task(self, task, **_options):
            self.published.append(task)
            self.busy.set()
            assert self.thaw.wait(10)
            if self.error:
                raise self.error

    broker = Broker()
    broker.published, broker.busy, broker.thaw = [], threading.Event(), threading.Event()
    monkeypatch.setattr(waker.app(), "send_task", broker.send_task)
    return broker


def until_idle(ours):
    deadline = time.monotonic() + 10
    while not ours.idle():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_first_wake_up_leaves_at_once_and_those_that_follow_are_one(broker):
    ours = waker.Waker()
    ours.wake("work")
    assert broker.busy.wait(10)
    for _time in range(1000):  # the broker hangs, and nobody waits for it
        ours.wake("work")
    broker.thaw.set()
    until_idle(ours)
    assert broker.published == ["work", "work"]


def test_different_wake_ups_stay_different(broker):
    broker.thaw.set()
    ours = waker.Waker()
    for task in ("work", "offers", "work"):
        ours.wake(task)
    until_idle(ours)
    assert set(broker.published) == {"work", "offers"}


def test_broker_that_refuses_is_left_alone_for_a_while(broker, caplog):
    broker.error = ConnectionRefusedError()
    broker.thaw.set()
    ours = waker.Waker()
    for task in ("a", "b", "c"):
        ours.wake(task)
        until_idle(ours)
    assert broker.published == ["a"]
    assert "sweep goes on" in caplog.text


def test_worker_that_is_at_it_wakes_nobody(broker, monkeypatch):
    broker.thaw.set()
    ours = waker.Waker()
    monkeypatch.setattr(waker, "_waker", ours)
    with waker.covered("work"):
        waker.wake("work")
        waker.wake("offers")
    until_idle(ours)
    waker.wake("work")
    until_idle(ours)
    assert broker.published == ["offers", "work"]


def test_forked_process_has_a_waker_of_its_own(broker, monkeypatch):
    broker.thaw.set()
    parents = waker.Waker()
    parents.pid = -1
    monkeypatch.setattr(waker, "_waker", parents)
    waker.wake("work")
    assert waker._waker is not parents
    until_idle(waker._waker)
    assert broker.published == ["work"]


def test_task_that_is_asked_for_in_the_middle_of_another_runs_after_it(monkeypatch):
    ran = []
    monkeypatch.setattr(waker, "app", lambda: SimpleNamespace(conf=SimpleNamespace(task_always_eager=True)))
    monkeypatch.setattr(waker, "_run_here", ran.append)
    with waker.covered("work"):
        waker.wake("offers")
        assert not ran
    assert ran == ["offers"]
