"""System checks of what the app runs on: the database, the broker, the clock."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders import waker

SHORTEST_TIMEOUT = 10
"""Seconds for which a writer to SQLite should wait for another one at least; Django's own default is 5."""
LOCKS_AT_ONCE = ("IMMEDIATE", "EXCLUSIVE")
"""The kinds of transaction that wait for their turn to write when they begin, not in their middle, where SQLite lets nobody wait."""
TIMEOUTS: dict[str, dict[str, Any]] = {
    "redis": {"socket_timeout": 3, "socket_connect_timeout": 1},
    "rediss": {"socket_timeout": 3, "socket_connect_timeout": 1},
    "amqp": {"read_timeout": 3, "write_timeout": 3},
    "amqps": {"read_timeout": 3, "write_timeout": 3},
}
"""Seconds within which a broker has to answer."""


def check_time_zones(**_arguments: Any) -> list[CheckMessage]:
    """E006: promises need aware times."""
    if settings.USE_TZ:
        return []
    return [Error("USE_TZ is False; arrival windows need aware times.", hint="Set USE_TZ = True.", id="ecommerce_comms.E006")]


def check_database(**_arguments: Any) -> list[CheckMessage]:
    """W010: an SQLite whose writers fail instead of waiting for each other."""
    database = _database()
    if database.vendor != "sqlite" or database.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite's own
        return []
    options = database.settings_dict.get("OPTIONS") or {}
    wanted = {"transaction_mode": "IMMEDIATE", "timeout": 20}
    if str(options.get("transaction_mode") or "").upper() in LOCKS_AT_ONCE:
        del wanted["transaction_mode"]
    if options.get("timeout", 0) >= SHORTEST_TIMEOUT:
        del wanted["timeout"]
    if not wanted:
        return []
    hint = f'Add to DATABASES["{database.alias}"]["OPTIONS"]: {str(wanted)[1:-1]}.'
    return [Warning("The database is SQLite, and its writers do not wait for each other: beside a worker, a checkout would now and then "
                    "fail with “database is locked”.", hint=hint, id="ecommerce_comms.W010")]


def check_notify(**_arguments: Any) -> list[CheckMessage]:
    """W012: wake-ups by PostgreSQL from a database that is another one."""
    if conf.WAKER != "notify" or _database().vendor == "postgresql":
        return []
    return [Warning(f'ECOMMERCE_COMMS["WAKER"] is "notify", which only PostgreSQL can do; the database is {_database().display_name}, '
                    "and nobody is woken.", id="ecommerce_comms.W012",
                    hint='Write "WAKER": "off" where comms_worker or comms_sweep does the work, and "thread" where Celery does.')]


def check_broker(**_arguments: Any) -> list[CheckMessage]:
    """W005: a broker that other processes cannot reach. W006: no time-outs for the broker. W007: a result backend."""
    settled = waker.app().conf
    url = str(settled.broker_write_url or "")
    transport, options = url.partition(":")[0].partition("+")[0], settled.broker_transport_options or {}
    found: list[CheckMessage] = []
    if transport == "memory" and not settings.DEBUG and not settled.task_always_eager and conf.WAKER == "thread":
        found.append(Warning("The Celery broker is memory://, which lives in one process: a worker in another one never sees a task.",
                             hint="Set CELERY_BROKER_URL to a Redis or RabbitMQ; without one, run manage.py comms_sweep every minute "
                                  'and set ECOMMERCE_COMMS["WAKER"] = "off".', id="ecommerce_comms.W005"))
    missing = {name: value for name, value in TIMEOUTS.get(transport, {}).items() if name not in options}
    if missing:
        found.append(Warning(f"The broker has no {' and no '.join(missing)}; one that hangs would hold a process for minutes.",
                             hint=f"Set CELERY_BROKER_TRANSPORT_OPTIONS = {{**CELERY_BROKER_TRANSPORT_OPTIONS, **{missing}}}."
                             if options else f"Set CELERY_BROKER_TRANSPORT_OPTIONS = {missing}.", id="ecommerce_comms.W006"))
    if settled.result_backend and not settled.task_ignore_result:
        found.append(Warning("Celery keeps the results of tasks; nobody reads them, and a result backend that hangs holds up the shop.",
                             hint="Set CELERY_TASK_IGNORE_RESULT = True, or leave CELERY_RESULT_BACKEND out.", id="ecommerce_comms.W007"))
    return found


def _database() -> BaseDatabaseWrapper:
    """The one that holds our tables."""
    return connections[router.db_for_write(Message)]
