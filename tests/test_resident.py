"""The thread that stays keeps its connection from task to task, and no trouble."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from ecommerce_comms import resident
from ecommerce_comms.resident import Resident


@pytest.fixture
def there():
    return Resident()


def test_work_is_done_in_one_thread_beside(there):
    assert there.do(threading.get_ident) == there.do(threading.get_ident) != threading.get_ident()


def test_what_goes_wrong_there_is_raised_here(there):
    with pytest.raises(ZeroDivisionError):
        there.do(lambda: 1 / 0)
    assert there.do(lambda: 1) == 1


def test_each_thread_has_a_resident_of_its_own():
    found = []
    threads = [threading.Thread(target=lambda: found.append(resident.do(threading.current_thread))) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    assert len({*found, resident.do(threading.current_thread)}) == 3


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="a database in memory has one connection for all threads")
@pytest.mark.django_db(transaction=True)
class TestConnection:
    @pytest.fixture(autouse=True)
    def close(self, there):
        yield
        there.do(lambda: connection.close())  # its own one

    def connected(self):
        """The driver's connection of whoever asks."""
        connection.ensure_connection()
        return connection.connection

    def test_is_kept(self, there):
        assert there.do(self.connected) == there.do(self.connected)

    def test_that_died_while_it_was_idle_is_replaced(self, there, monkeypatch):
        before = there.do(self.connected)
        monkeypatch.setattr(resident, "TRUSTED_SECONDS", -1)
        there.do(lambda: connection.connection.close())  # as the server does
        assert there.do(self.connected) is not before

    def test_is_closed_after_trouble(self, there):
        there.do(self.connected)

        def fail():
            raise OSError

        with pytest.raises(OSError):
            there.do(fail)
        assert there.do(lambda: connection.connection) is None
