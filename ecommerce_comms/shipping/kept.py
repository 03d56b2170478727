"""Rows that merchants change once a month and estimates read a thousand times a minute, kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, models, router, transaction
from django.db.models.signals import post_delete, post_migrate, post_save

from ecommerce_comms import clock

T = TypeVar("T")
MAX_AGE = timedelta(seconds=60)
"""How long another process may go on with rows that this one has changed."""


@dataclass(frozen=True)
class _Held(Generic[T]):
    value: T
    loaded_at: datetime
    uncommitted: int
    """How many changes the loading transaction had made: if any, the value is good only inside it, and until a rollback."""


class Kept(Generic[T]):
    """What ``load`` makes of the rows of ``tables``, until one of them is saved or deleted, or a minute has passed."""

    def __init__(self, load: Callable[[], T], tables: Sequence[type[models.Model]], now: Callable[[], datetime] = clock.wall_clock) -> None:
        # The age is about other processes, so it is real time, whatever moment a story or a replay has put the app at.
        self._load, self._tables, self._now = load, tables, now
        self._held: _Held[T] | None = None
        self._version = 0
        for table in tables:
            post_save.connect(self._changed, sender=table)
            post_delete.connect(self._changed, sender=table)
        post_migrate.connect(self.forget)

    def get(self) -> T:
        """The kept value, loaded anew where it may be out of date."""
        held, uncommitted, now = self._held, self._uncommitted(), self._now()
        if held is not None and held.uncommitted == uncommitted and timedelta(0) <= now - held.loaded_at < MAX_AGE:
            return held.value
        version, value = self._version, self._load()
        if version == self._version:
            self._held = _Held(value, now, uncommitted)
        return value

    def forget(self, **_kwargs: Any) -> None:
        """Load anew when next asked."""
        self._version += 1
        self._held = None

    def _changed(self, *, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
        self.forget()
        if transaction.get_connection(using).in_atomic_block:
            transaction.on_commit(self.forget, using=using)

    def _uncommitted(self) -> int:
        """How many changes this thread's transaction has made to the rows: a rollback takes their ``on_commit`` entries away again."""
        connection = transaction.get_connection(router.db_for_write(self._tables[0]))
        return sum(entry[1] == self.forget for entry in connection.run_on_commit)
