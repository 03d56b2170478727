"""A fact that the database refuses is not lost: it waits in a file, and is recorded once."""

from __future__ import annotations

import stat
import threading

import pytest
from django.db import DatabaseError, transaction

from ecommerce_comms import signals, sweeping, testing
from ecommerce_comms.models import OrderEvent
from ecommerce_comms.orders import events, inserting, spool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path, monkeypatch):
    """Snapshots stand in for orders; the files have a folder of their own, and no shop is asked for forgotten orders."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}
    monkeypatch.setattr(sweeping, "find_forgotten", lambda: 0)
    monkeypatch.setitem(sweeping.PARTS, "found", lambda: 0)


@pytest.fixture
def trouble(monkeypatch):
    """While it lasts, the database refuses our rows."""
    columns = ", ".join(["%s"] * len(inserting._FIELDS))
    with monkeypatch.context() as broken:
        broken.setattr(inserting, "_sql", lambda alias, vendor: f"INSERT INTO nowhere VALUES ({columns})")
        yield broken


def files():
    return sorted(spool.folder().glob("*"))


def test_refused_fact_is_recorded_by_the_next_sweep_as_it_was_told(trouble, clock):
    order = testing.order()
    with transaction.atomic():
        signals.order_paid.send(sender=None, order=order)
        assert not files()
    [path] = files()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    trouble.undo()
    told_at = clock()
    testing.FakeOrderAdapter.shop.clear()
    clock.advance(hours=1)
    assert sweeping.sweep().kept == 1
    event = OrderEvent.objects.get()
    assert (event.kind, event.occurred_at, event.snapshot) == ("order_paid", told_at, order.to_json())
    assert [mail.kind for mail in testing.sent()] == ["order_paid"]
    assert not files()


def test_fact_of_an_order_that_was_rolled_back_is_not_kept(trouble):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        signals.order_paid.send(sender=None, order=testing.order())
        raise ZeroDivisionError
    assert not files()


def test_same_fact_told_again_is_recorded_once(trouble):
    for _time in range(3):
        signals.order_paid.send(sender=None, order=testing.order())
    assert len(files()) == 1
    trouble.undo()
    signals.order_paid.send(sender=None, order=testing.order())
    assert spool.read_back() == 0
    assert OrderEvent.objects.count() == 1
    assert not files()


def test_facts_stay_while_the_database_refuses(trouble):
    signals.order_paid.send(sender=None, order=testing.order())
    with pytest.raises(DatabaseError):
        spool.read_back()
    assert len(files()) == 1


def test_file_that_makes_no_sense_is_put_aside(trouble):
    signals.order_paid.send(sender=None, order=testing.order())
    (spool.folder() / "broken.json").write_text("{")
    trouble.undo()
    assert spool.read_back() == 1
    assert [path.name for path in files()] == ["broken.unreadable"]


def test_process_tries_again_by_itself_until_the_database_takes_it(trouble, settings, monkeypatch):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "thread"}
    waits, mine, sleep = [], threading.get_ident(), spool.time.sleep

    def wait(seconds):
        if threading.get_ident() != mine:  # another thread of the process, such as a broker's
            sleep(seconds)
            return
        waits.append(seconds)
        if len(waits) == 5:
            trouble.undo()

    monkeypatch.setattr(spool.time, "sleep", wait)
    monkeypatch.setattr(spool.connections, "close_all", lambda: None)
    monkeypatch.setattr(spool, "_try_soon", lambda: None)
    monkeypatch.setattr(spool.waker, "wake", lambda task: None)
    signals.order_paid.send(sender=None, order=testing.order())
    spool._try()
    assert waits == [1, 5, 30, 30, 30]
    assert OrderEvent.objects.count() == 1


def test_next_process_finds_what_an_earlier_one_left(trouble, monkeypatch):
    signals.order_paid.send(sender=None, order=testing.order())
    trouble.undo()
    tried = []
    monkeypatch.setattr(spool, "_looked", set())
    monkeypatch.setattr(spool, "_try_soon", lambda: tried.append(1))
    for number in "23":
        signals.order_placed.send(sender=None, order=testing.order(number))
    assert tried == [1]


def test_disk_that_is_full_does_not_reach_the_checkout(trouble, monkeypatch, caplog):
    monkeypatch.setattr(spool.os, "open", lambda *_: (_ for _ in ()).throw(OSError("No space left on device")))
    signals.order_paid.send(sender=None, order=testing.order())
    assert "is lost" in caplog.text


def test_fact_of_another_database_is_kept_too(trouble, monkeypatch):
    monkeypatch.setattr(testing.FakeOrderAdapter, "database", lambda self, order: None)
    event = events._told("order_paid", testing.order()).event
    events._insert_or_spool(event)
    assert len(files()) == 1


def test_folder_of_somebody_else_costs_no_fact(fake_shop, db, monkeypatch):
    monkeypatch.setattr(spool.hostfiles, "folder", lambda *parts: (_ for _ in ()).throw(PermissionError("not ours")))
    monkeypatch.setattr(spool, "_looked", set())
    events.record_safely("order_placed", testing.order())
    assert OrderEvent.objects.count() == 1
