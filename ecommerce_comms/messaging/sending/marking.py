"""The statement that is run for every message: the mark in the sending thread's row, told to the database in the shortest way there is."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from ecommerce_comms.conf import conf
from ecommerce_comms.messaging.models import Worker

Values = tuple[Any, ...]


class Marker:
    """One UPDATE of a worker's small row, as long as its claim holds, for one thread.

    Django's cursor costs more than the statement; of psycopg's own, three quarters of the time go into reading the same SQL anew.
    """

    def __init__(self, *columns: str) -> None:
        self._database = connections[router.db_for_write(Worker)]
        self._sql = update(self._database, *columns)
        self._of: Any = None
        """The driver's connection for which ``_way`` was made."""
        self._way: Any = None

    def __call__(self, *values: Any) -> bool:
        """Run it with the columns' values, the row's key and the claim's token; whether the claim still holds."""
        with self._database.wrap_database_errors:
            if self._of is None or self._of is not self._database.connection:
                self._database.ensure_connection()
                self._of = self._database.connection
                self._way = (_Prepared if hasattr(self._of, "pgconn") else _Cursor)(self._database, self._sql)
            return bool(self._way(values))


class _Cursor:
    """The driver's own cursor, kept as long as the connection."""

    def __init__(self, database: BaseDatabaseWrapper, sql: str) -> None:
        self._sql = sql
        self._cursor: Any = database.cursor() if database.vendor == "sqlite" else database.connection.cursor()

    def __call__(self, values: Values) -> int:
        self._cursor.execute(self._sql, values)
        return int(self._cursor.rowcount)


class _Prepared:
    """libpq, through psycopg: PostgreSQL reads and plans the statement once. A pooler that deals out connections forgets that it did."""

    def __init__(self, database: Any, sql: str) -> None:
        psycopg = database.Database
        self._server, self._error_of = database.connection.pgconn, psycopg.errors.error_from_result
        self._good = psycopg.pq.ExecStatus.COMMAND_OK
        *parts, last = sql.split("%s")
        self._sql = "".join([*(f"{part}${number}" for number, part in enumerate(parts, 1)), last]).encode()
        self._name = f"comms_{token_hex(8)}".encode()
        self._is_prepared = self._server.prepare(self._name, self._sql).status == self._good

    def __call__(self, values: Values) -> int:
        given = [str(value).encode() for value in values]
        if self._is_prepared:
            result = self._server.exec_prepared(self._name, given)
            if result.status == self._good:
                return int(result.command_tuples)
            error = self._error_of(result)
            if error.sqlstate != _UNKNOWN_STATEMENT:
                raise error
            self._is_prepared = False
        result = self._server.exec_params(self._sql, given)
        if result.status != self._good:
            raise self._error_of(result)
        return int(result.command_tuples)


_UNKNOWN_STATEMENT = "26000"


def update(database: BaseDatabaseWrapper, *columns: str) -> str:
    """The UPDATE; ``DURABLE_MARKS`` says whether PostgreSQL waits for its disk."""
    quote = database.ops.quote_name
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    sql = f"UPDATE {quote(Worker._meta.db_table)} SET {values} WHERE {quote('id')} = %s AND {quote('token')} = %s"  # noqa: S608
    waits = database.vendor != "postgresql" or conf.DURABLE_MARKS
    return sql if waits else f"{sql} AND set_config('synchronous_commit', 'off', true) = 'off'"
