"""Keeps this machine's time with the database's, by which leases and due dates are shared with other machines.

A clock that jumps by hours on one worker would send tomorrow's messages today, or take away what others have just claimed.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from django.db import connections, router

from ecommerce_comms import clock, masking
from ecommerce_comms.orders.models import OrderEvent

log = masking.logger(__name__)
TOLERANCE = timedelta(seconds=5)
"""Machines that differ by less than this are left alone."""
EVERY_SECONDS = 60.0
"""How often the database is asked while the machine's time runs evenly."""
_NOW = {"postgresql": "SELECT clock_timestamp()", "mysql": "SELECT UTC_TIMESTAMP(6)"}
"""SQLite has no time of its own: it runs on this machine."""
_asked: tuple[datetime, float] | None = None
"""When the database was asked last, by the machine's time and by the clock that never jumps."""


def keep_time() -> None:
    """Let ``clock.now()`` follow the database; call it at the start of each round of work. Costs a query once a minute, or after a jump.

    Does nothing while a clock of somebody's own tells the time (``clock.using``). Raises the database's errors.
    """
    global _asked
    connection = connections[router.db_for_write(OrderEvent)]
    if not clock.is_real() or connection.vendor not in _NOW or _runs_evenly():
        return
    with connection.cursor() as cursor:
        cursor.execute(_NOW[connection.vendor])
        theirs: datetime = cursor.fetchone()[0]
    ours = clock.machine_time()
    offset = (theirs if theirs.tzinfo else theirs.replace(tzinfo=timezone.utc)) - ours
    if abs(offset) < TOLERANCE:
        offset = timedelta()
    if abs(offset - clock.offset()) >= TOLERANCE:
        log.warning("This machine's time differs from the database's by %.0f seconds; the database's counts.", -offset.total_seconds())
    clock.shift(offset)
    _asked = ours, time.monotonic()


def _runs_evenly() -> bool:
    if _asked is None:
        return False
    passed = time.monotonic() - _asked[1]
    jump = clock.machine_time() - _asked[0] - timedelta(seconds=passed)
    return passed < EVERY_SECONDS and abs(jump) < timedelta(seconds=1)
