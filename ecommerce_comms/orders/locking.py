"""What to do when the database ends one transaction in favour of another."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connections, router

from ecommerce_comms.orders.models import OrderEvent

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 4


def again_after_deadlock(work: Callable[P, R]) -> Callable[P, R]:
    """Let ``work``, which is one transaction, start anew when the database gave it up; inside a larger one that is its owner's affair.

    Two workers that meet a new order at once deadlock on MariaDB by design: its INSERT IGNORE shares the lock on the row
    that the other one wrote, and both then want it for themselves.
    """

    @wraps(work)
    def patient(*args: P.args, **kwargs: P.kwargs) -> R:
        for _time in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError:
                if connections[router.db_for_write(OrderEvent)].in_atomic_block:
                    raise
        return work(*args, **kwargs)

    return patient
