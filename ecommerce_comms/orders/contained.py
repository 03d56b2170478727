"""Statements of ours in the shop's transaction, whose failure it survives.

A statement that fails must not cost a customer their order, and PostgreSQL refuses everything after it ("current transaction is
aborted") unless a savepoint was set before. Django's ``atomic`` sets one with a round trip of its own and gives it back
with another, which made two statements of every one of ours and cost more than the statements themselves.

* SQLite and MySQL undo nothing but the statement that failed: no savepoint is needed.
* PostgreSQL needs one, and psycopg 3 can send it together with the statement that follows, in one round trip, in its
  pipeline mode. The failing statement may be anything, even one that is no SQL at all: the savepoint stands before it.
  Its release travels in one message with our INSERT.
* Any other database or driver gets Django's savepoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_SAVEPOINT = "comms_fact"
_UNDONE_WITH_ALL = {1213}
"""Errors of MySQL that roll the whole transaction back: a deadlock."""
_LOCK_WAIT = 1205
"""Rolls back the statement, or with ``innodb_rollback_on_timeout`` everything."""


class Savepoints:
    """What ``atomic`` does: right everywhere, and two round trips more for each stretch of work."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._driver: Any = getattr(connection, "Database", None)

    @contextmanager
    def hold(self, *, last: bool = False) -> Iterator[None]:
        """Contain what the block does; its error is raised once it is undone. ``last`` says that no further block follows."""
        with transaction.atomic(using=self.connection.alias):
            yield


class Alone(Savepoints):
    """No transaction: each statement is one by itself, and nothing of the shop's can be harmed."""

    @contextmanager
    def hold(self, *, last: bool = False) -> Iterator[None]:
        """Contain what the block does."""
        yield


class Statements(Savepoints):
    """SQLite and MySQL: the failed statement is undone by itself, unless its failure has ended the whole transaction."""

    @contextmanager
    def hold(self, *, last: bool = False) -> Iterator[None]:
        """Contain what the block does; a transaction that the database has ended stays marked as broken."""
        before = self.connection.needs_rollback
        try:
            yield
        except BaseException as error:
            self.connection.needs_rollback = before or not self._stands(error)
            raise

    def _stands(self, error: BaseException) -> bool:
        if self.connection.vendor == "sqlite":
            return bool(getattr(self.connection.connection, "in_transaction", False))
        number = _number(error)
        if number == _LOCK_WAIT:
            with suppress(Exception), self.connection.cursor() as cursor:
                self.connection.needs_rollback = False  # or the question would be refused
                cursor.execute("SELECT @@innodb_rollback_on_timeout")
                return not cursor.fetchone()[0]
            return False
        return number not in _UNDONE_WITH_ALL


class Pipelined(Savepoints):
    """PostgreSQL with psycopg 3: the savepoint travels with the first statement, its release with the last one."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self._raw: Any = connection.connection
        self._is_set = False
        self._is_last = False

    @contextmanager
    def hold(self, *, last: bool = False) -> Iterator[None]:
        """Contain what the block does with Django's cursors."""
        self._is_last = last
        try:
            with self.connection.execute_wrapper(self._send):
                yield
            if self._has_failed:
                raise transaction.TransactionManagementError("A statement has failed, and its error was kept quiet.")
        except BaseException:
            self._undo()
            raise

    def _send(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Execute a statement, and with it what belongs before and after it."""
        if self._is_set and not self._is_last:
            return execute(sql, params, many, context)
        if many or not isinstance(context["cursor"].cursor, self._driver.ClientCursor):
            self._set()  # psycopg sends these in ways of its own
            return execute(sql, params, many, context)
        if self._is_last:
            return self._send_last(execute, sql, params, context)
        with self.connection.wrap_database_errors, self._raw.pipeline():
            self._set()
            return execute(sql, params, many, context)

    def _send_last(self, execute: Callable[..., Any], sql: str, params: Any, context: dict[str, Any]) -> Any:
        """The statement of our own is known to be SQL, and may share one message with what stands around it."""
        was_set, self._is_set = self._is_set, True
        before = "" if was_set else f"SAVEPOINT {_SAVEPOINT}; "
        result = execute(f"{before}{sql}; RELEASE SAVEPOINT {_SAVEPOINT}", params, False, context)
        if before:
            context["cursor"].cursor.nextset()  # the savepoint has a result as well
        self._is_set = False
        return result

    def _set(self) -> None:
        if not self._is_set:
            self._raw.execute(f"SAVEPOINT {_SAVEPOINT}")
            self._is_set = True

    @property
    def _has_failed(self) -> bool:
        """Known to libpq without asking the server."""
        return bool(self._raw.info.transaction_status == self._driver.pq.TransactionStatus.INERROR)

    def _undo(self) -> None:
        """Go back to the savepoint, which stays for what follows; without one the transaction is lost, and Django has to know."""
        self.connection.needs_rollback = False
        if not self._is_set and not self._has_failed:
            return
        release = f"; RELEASE SAVEPOINT {_SAVEPOINT}" if self._is_last else ""
        try:
            self._raw.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}{release}")
        except Exception:
            self.connection.needs_rollback = True


def contain(alias: str, *, lean: bool = True) -> Savepoints:
    """How statements on the database ``alias`` are contained at this moment; ``lean`` ones have to end with a ``last`` block."""
    connection = connections[alias]
    if not connection.in_atomic_block and connection.get_autocommit():
        return Alone(connection)
    if not lean or not connection.in_atomic_block or connection.needs_rollback:
        return Savepoints(connection)
    if connection.vendor == "postgresql":
        return Pipelined(connection) if _can_pipeline(connection) else Savepoints(connection)
    return Statements(connection) if connection.vendor in ("sqlite", "mysql") else Savepoints(connection)


def after_commit(work: Callable[[], object], alias: str) -> None:
    """Do ``work`` once the transaction in the database ``alias`` is committed; at once if there is none. Its errors are logged only."""
    connection = connections[alias]
    by_hand = not connection.in_atomic_block and not connection.get_autocommit()
    # Who commits by hand may ask for what comes after the commit inside of a block only.
    with transaction.atomic(using=alias) if by_hand else nullcontext():
        transaction.on_commit(work, using=alias, robust=True)


def _can_pipeline(connection: Any) -> bool:
    """Whether this is psycopg 3, binding on the client's side, on a libpq of 14 or newer, and in no pipeline of the shop's."""
    driver, raw = connection.Database, connection.connection
    return (
        hasattr(driver, "ClientCursor") and driver.capabilities.has_pipeline() and raw is not None
        and not connection.features.uses_server_side_binding and raw.info.pipeline_status == driver.pq.PipelineStatus.OFF
    )


def _number(error: BaseException) -> object:
    """The number that the database gave to ``error``; Django keeps the driver's own arguments."""
    return error.args[0] if error.args else None
