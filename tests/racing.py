"""Several threads at once, on a database that several may write to."""

from __future__ import annotations

import threading

import pytest
from django.db import close_old_connections, connection, connections


@pytest.fixture
def shared(tmp_path, transactional_db):
    """An SQLite in memory has one writer and no waiting for it, so it is copied into a file; other databases serve as they are."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    path, in_memory, known = tmp_path / "race.sqlite3", connections["default"], connections.databases["default"]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    connections.databases["default"] = {**known, "NAME": str(path), "OPTIONS": {"timeout": 30}}
    connections["default"] = connections.create_connection("default")
    yield
    connections["default"].close()
    connections.databases["default"], connections["default"] = known, in_memory


def at_once(*works):
    """Do ``works`` in threads that begin at the same moment; returns what each gave, or the error that it raised."""
    start, found = threading.Barrier(len(works)), [None] * len(works)

    def run(number):
        try:
            start.wait(10)
            found[number] = works[number]()
        except Exception as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    close_old_connections()
    return found
