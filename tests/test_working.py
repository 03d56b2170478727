"""What workers do between two wake-ups, who sweeps, and by whose time."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from celery import signals as celery_signals
from django.db import OperationalError, connection

from ecommerce_comms import clock as app_clock
from ecommerce_comms import lifecycle, sweeper, sweeping, tasks, testing, working
from ecommerce_comms.conf import conf
from ecommerce_comms.management.commands import comms_worker
from ecommerce_comms.models import Message, OrderEvent, Worker
from ecommerce_comms.orders import events, notices, timekeeping, waker
from ecommerce_comms.orders.notices import Listener
from ecommerce_comms.signals import message_sent
from tests.settings import DATABASE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Snapshots stand in for orders."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}
    monkeypatch.setitem(sweeping.PARTS, "found", lambda: 0)


@pytest.fixture
def woken(monkeypatch):
    """The tasks that somebody was asked for."""
    asked = []
    monkeypatch.setattr(waker, "wake", asked.append)
    return asked


class TestRounds:
    def test_woken_worker_processes_and_sends_until_nothing_is_left(self):
        for number in range(7):
            events.record("order_placed", testing.order(str(number)))
        assert working.work() == 14
        assert len(testing.sent()) == 7
        assert working.work() == 0

    @pytest.mark.django_db(transaction=True)
    def test_what_is_told_meanwhile_is_dealt_with_in_the_same_go(self):
        late = [testing.order("2")]

        def hear(message, **_signal):
            if late:
                events.record("order_placed", late.pop())

        events.record("order_placed", testing.order("1"))
        message_sent.connect(hear)
        try:
            working.work()
        finally:
            message_sent.disconnect(hear)
        assert [mail.order_number for mail in testing.sent()] == ["1", "2"]

    def test_worker_whose_time_is_over_asks_to_be_woken_again(self, woken, monkeypatch):
        monkeypatch.setattr(lifecycle, "process_next", lambda: conf.BATCH_SIZE)
        working.work(0)
        assert woken == [waker.WORK]

    def test_advertising_is_left_to_its_own_task(self):
        testing.tell("order_placed", testing.order())
        Message.objects.update(lane="offers", state="queued", due_at=app_clock.now())
        testing.forget()
        working.work()
        assert not testing.sent()
        working.deliver_offers()
        assert len(testing.sent()) == 1

    def test_tasks_take_no_arguments(self):
        events.record("order_placed", testing.order())
        tasks.work.apply().get()
        tasks.deliver_offers.apply().get()
        tasks.sweep.apply().get()
        assert len(testing.sent()) == 1


class TestTurns:
    def test_of_many_sweepers_one_sweeps_in_each_interval(self, clock):
        assert [sweeper.take_turn(timedelta(seconds=27)) for _worker in range(3)] == [True, False, False]
        clock.advance(seconds=28)
        assert [sweeper.take_turn(timedelta(seconds=27)) for _worker in range(3)] == [True, False, False]

    def test_worker_sweeps_without_any_broker(self, monkeypatch):
        monkeypatch.setattr(sweeper.connections, "close_all", lambda: None)
        events.record("order_placed", testing.order())
        assert sweeper.sweep_in_turn()
        assert len(testing.sent()) == 1

    def test_sweep_that_fails_does_not_end_the_sweeper(self, monkeypatch, caplog):
        monkeypatch.setattr(sweeper.connections, "close_all", lambda: None)
        monkeypatch.setattr(sweeping, "sweep", lambda: 1 / 0)
        assert not sweeper.sweep_in_turn()
        assert "tries again" in caplog.text

    def test_beat_is_seen_even_where_it_need_not_sweep(self, clock, monkeypatch):
        swept = []
        monkeypatch.setattr(sweeping, "sweep", lambda: swept.append(clock()))
        for _kept_back in range(3):
            sweeper.sweep_for_beat()
        assert len(swept) == 1
        assert Worker.objects.get(kind="beat").seen_at == clock()

    def test_worker_starts_a_sweeper_and_takes_it_along(self, settings, monkeypatch):
        turns, swept = threading.Event(), []
        monkeypatch.setattr(sweeper, "sweep_in_turn", lambda: swept.append(1) or turns.set())
        for wanted in ("off", "worker"):
            settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "SWEEPER": wanted}
            celery_signals.worker_ready.send(sender=None)
            running = list(sweeper._running)
            assert turns.wait(5) is (wanted == "worker") if wanted == "worker" else not running
            celery_signals.worker_shutdown.send(sender=None)
        assert swept == [1]
        assert not running[0]._thread.is_alive()


class TestTime:
    @pytest.fixture
    def theirs(self, monkeypatch):
        """What the database's clock is ahead of this machine's; the app goes by the real clock."""
        ahead = [timedelta()]

        class Cursor:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                return None

            def execute(self, sql):
                asked.append(sql)

            def fetchone(self):
                return (datetime.now(timezone.utc) + ahead[0],)

        class Connection:
            vendor = "postgresql"
            cursor = Cursor

        asked = []
        monkeypatch.setattr(timekeeping, "connections", {"default": Connection()})
        monkeypatch.setattr(timekeeping, "_asked", None)
        ahead.append(asked)
        with app_clock.using(app_clock.wall_clock):
            yield ahead
        app_clock.shift(timedelta())

    def test_machine_that_is_hours_off_goes_by_the_databases_time(self, theirs, caplog):
        theirs[0] = timedelta(hours=-2)
        timekeeping.keep_time()
        assert abs(app_clock.now() - datetime.now(timezone.utc) + timedelta(hours=2)) < timedelta(seconds=1)
        assert "differs" in caplog.text

    def test_small_differences_are_left_alone(self, theirs, caplog):
        theirs[0] = timedelta(seconds=3)
        timekeeping.keep_time()
        assert app_clock.offset() == timedelta()
        assert not caplog.text

    def test_database_is_asked_now_and_then_and_after_a_jump(self, theirs, monkeypatch):
        for _round in range(5):
            timekeeping.keep_time()
        assert len(theirs[1]) == 1
        real = app_clock.machine_time
        monkeypatch.setattr(app_clock, "machine_time", lambda: real() + timedelta(hours=3))
        timekeeping.keep_time()
        assert len(theirs[1]) == 2
        monkeypatch.setattr(timekeeping.time, "monotonic", lambda: timekeeping._asked[1] + 61)
        monkeypatch.setattr(app_clock, "machine_time", lambda: timekeeping._asked[0] + timedelta(seconds=61))
        timekeeping.keep_time()
        assert len(theirs[1]) == 3

    def test_clock_of_a_test_or_a_replay_is_never_touched(self, theirs, clock):
        theirs[0] = timedelta(hours=5)
        with app_clock.using(clock):
            timekeeping.keep_time()
        assert app_clock.offset() == timedelta()

    @pytest.mark.skipif(DATABASE == "sqlite", reason="SQLite has no clock of its own")
    def test_real_database_tells_the_time(self, monkeypatch):
        monkeypatch.setattr(timekeeping, "_asked", None)
        with app_clock.using(app_clock.wall_clock):
            timekeeping.keep_time()
        assert app_clock.offset() == timedelta()
        assert timekeeping._asked is not None


class TestCommand:
    @pytest.fixture(autouse=True)
    def no_sweeps(self, monkeypatch):
        monkeypatch.setattr(comms_worker, "_sweep", lambda stopping: None)
        monkeypatch.setattr(comms_worker.connections, "close_all", lambda: None)

    def test_it_works_until_it_is_told_to_end(self, monkeypatch):
        stopping = threading.Event()
        monkeypatch.setattr(Listener, "wait", lambda self, seconds: stopping.set())
        for number in range(3):
            events.record("order_placed", testing.order(str(number)))
        comms_worker.run(stopping)
        assert len(testing.sent()) == 3

    @pytest.mark.parametrize("error", [OperationalError("terminating connection"), ValueError("a bug")])
    def test_it_outlives_the_databases_and_its_own_trouble(self, error, monkeypatch):
        stopping, rounds = threading.Event(), []

        def work():
            rounds.append(1)
            if len(rounds) < 3:
                raise error
            stopping.set()
            return 0

        monkeypatch.setattr(comms_worker, "PATIENCE_SECONDS", 0.0)
        monkeypatch.setattr(comms_worker, "work_once", work)
        comms_worker.run(stopping)
        assert len(rounds) == 3


def test_its_sweeps_ask_no_broker(monkeypatch, settings):
    stopping, asked = threading.Event(), []
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "notify"}
    monkeypatch.setattr(waker.Waker, "wake", lambda _self, task: asked.append(task))

    def sweep():
        waker.wake(waker.WORK)
        waker.wake(working.OFFERS)
        stopping.set()

    monkeypatch.setattr(sweeper, "sweep_in_turn", sweep)
    comms_worker._sweep(stopping)
    assert not asked
    waker.wake(waker.WORK)
    assert asked == [waker.WORK]


@pytest.mark.skipif(DATABASE != "postgres", reason="only PostgreSQL can wake")
@pytest.mark.django_db(transaction=True)
def test_postgresql_wakes_whoever_listens():
    listener = Listener(threading.Event())
    listener.wait(0)  # begins to listen, and lets look at once

    def tell():
        try:
            notices.send(waker.WORK)
        finally:
            connection.close()

    telling = threading.Thread(target=tell)
    telling.start()
    listener.wait(30)  # far longer than the test may take
    telling.join(10)
    assert connection.is_usable()


def test_database_that_cannot_wake_is_looked_at_instead(monkeypatch):
    if DATABASE == "postgres":
        pytest.skip("it can")
    waited = []
    stopping = threading.Event()
    monkeypatch.setattr(stopping, "wait", waited.append)
    Listener(stopping).wait(0.5)
    notices.send(waker.WORK)
    assert waited == [0.5]
    assert not OrderEvent.objects.exists()
