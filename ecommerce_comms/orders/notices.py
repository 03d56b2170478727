"""Wake-ups through PostgreSQL's NOTIFY, for shops that run ``comms_worker`` and no Celery.

They are sent from a connection of the waker's own, after the shop's commit. A NOTIFY inside the shop's transaction would cost no
statement, but every commit that carries one waits for a lock that the whole server has only one of
(``PreCommit_Notify`` in PostgreSQL's ``async.c``), and a checkout must not queue for that.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import Error, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from ecommerce_comms import masking
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.orders.models import OrderEvent

log = masking.logger(__name__)
CHANNEL = "ecommerce_comms"


class Refused(CommsError):
    """The database took no wake-up."""


def send(task: str) -> None:
    """Wake every ``comms_worker``, if the database can; raises ``Refused``."""
    connection = _connection()
    if connection.vendor != "postgresql":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")
    except Error as error:
        connection.close()
        raise Refused(str(error)) from error


class Listener:
    """Waits for wake-ups: until one comes where the database can tell, and for a fixed time elsewhere."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._raw: Any = None

    def wait(self, seconds: float) -> None:
        """Return after a wake-up, after ``seconds``, or when the process is to stop. Raises the database's errors."""
        connection = _connection()
        if connection.vendor != "postgresql" or not hasattr(getattr(connection, "Database", None), "ClientCursor"):
            self._stopping.wait(seconds)
            return
        if connection.connection is None or connection.connection is not self._raw:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            # What was told before this moment is looked for at once.
            self._raw = connection.connection
            return
        with connection.wrap_database_errors:
            for _notice in self._raw.notifies(timeout=seconds, stop_after=1):
                pass


def _connection() -> BaseDatabaseWrapper:
    return connections[router.db_for_write(OrderEvent)]
