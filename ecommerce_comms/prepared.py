"""Querysets that Django puts into SQL once and not each time: that takes longer than the database does, and a lone order needs a dozen.

::

    due = Read(Message, lambda lane, now: Message.objects.filter(lane=lane, due_at__lte=now), TEXT, MOMENT)
    due.objects("orders", clock.now())

The queryset is built once for each database, with stand-ins for its values, so its form must not depend on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

TEXT, MOMENT, NUMBER, NUMBERS, TEXTS = "text", "moment", "number", "numbers", "texts"
"""Kinds of values. ``NUMBERS`` and ``TEXTS`` are for ``among``; where there are none, nothing is found."""
_MARK = 31_400
"""Small enough for the smallest column of numbers."""
_STAND_INS: dict[str, Callable[[int], Any]] = {
    TEXT: lambda place: f"\ufffd{place}",
    MOMENT: lambda place: datetime(1900, 1, 1, tzinfo=timezone.utc) + timedelta(days=place),
    NUMBER: lambda place: _MARK + place,
    NUMBERS: lambda place: {_MARK + place},
    TEXTS: lambda place: {f"\ufffd{place}"},
}


class _Sql:
    """A statement for one database, with gaps where the values go."""

    def __init__(self, sql: str, parameters: Sequence[Any], kinds: Sequence[str], connection: Any) -> None:
        self._parts = sql.split("%s")
        self._parameters = list(parameters)
        self._kinds, self._moment = kinds, connection.ops.adapt_datetimefield_value
        stand_ins = [self._stand_in(place) for place in range(len(kinds))]
        self._gaps = {at: stand_ins.index(value) for at, value in enumerate(self._parameters) if value in stand_ins}
        # Numbers of which Django, or ``among``, makes a part of the statement.
        self._written = [place for place in range(len(kinds)) if str(_MARK + place) in sql]
        self.sql = sql

    def _stand_in(self, place: int) -> Any:
        value = _STAND_INS[self._kinds[place]](place)
        if isinstance(value, set):
            return next(iter(value))
        return self._moment(value) if self._kinds[place] == MOMENT else value

    def filled(self, values: Sequence[Any]) -> tuple[str, list[Any]]:
        """The statement and its parameters."""
        parameters: list[Any] = []
        sql = self.sql if TEXTS not in self._kinds else "".join(self._with_lists(values))
        for at, value in enumerate(self._parameters):
            place = self._gaps.get(at)
            if place is None:
                parameters.append(value)
            elif self._kinds[place] == TEXTS:
                parameters += values[place]
            else:
                parameters.append(self._moment(values[place]) if self._kinds[place] == MOMENT else values[place])
        for place in self._written:
            value = values[place]
            sql = sql.replace(str(_MARK + place), str(value) if self._kinds[place] == NUMBER else ", ".join(map(str, value)))
        return sql, parameters

    def _with_lists(self, values: Sequence[Any]) -> Iterator[str]:
        *parts, last = self._parts
        for at, part in enumerate(parts):
            place = self._gaps.get(at)
            yield part
            yield ", ".join(["%s"] * len(values[place])) if place is not None and self._kinds[place] == TEXTS else "%s"
        yield last


class _Prepared:
    """What reading and writing have in common."""

    def __init__(self, model: type[Model], build: Callable[..., Any], *kinds: str) -> None:
        self._model, self._build, self._kinds = model, build, kinds
        self._by_alias: dict[str, Any] = {}

    def _of(self, alias: str) -> Any:
        if alias not in self._by_alias:
            built = self._build(*(_STAND_INS[kind](place) for place, kind in enumerate(self._kinds)))
            self._by_alias[alias] = self._compiled(built, alias)
        return self._by_alias[alias]

    def _compiled(self, built: Any, alias: str) -> Any:
        raise NotImplementedError

    def _finds_nothing(self, values: Iterable[Any]) -> bool:
        return any(kind in (NUMBERS, TEXTS) and not value for value, kind in zip(values, self._kinds, strict=True))


class Read(_Prepared):
    """Rows of the queryset that ``build`` makes from the values, from the database that is written to: a copy may be behind."""

    def rows(self, *values: Any) -> list[Any]:
        """What the database says, each column as Django gives it."""
        return [] if self._finds_nothing(values) else self._fetch(values)[0]

    def objects(self, *values: Any) -> list[Any]:
        """The same as instances of the model; columns that were not asked for are deferred."""
        if self._finds_nothing(values):
            return []
        rows, names, alias = self._fetch(values)
        return [self._model.from_db(alias, names, row) for row in rows]

    def _fetch(self, values: Sequence[Any]) -> tuple[list[Any], Sequence[str], str]:
        alias = router.db_for_write(self._model)
        sql, compiler, converters, names = self._of(alias)
        with connections[alias].cursor() as cursor:
            cursor.execute(*sql.filled(values))
            rows = cursor.fetchall()
        return list(compiler.apply_converters(rows, converters)) if converters else rows, names, alias

    def _compiled(self, built: QuerySet[Any, Any], alias: str) -> Any:
        compiler = built.query.get_compiler(using=alias)
        text, parameters = compiler.as_sql()
        sql = _Sql(text, parameters, self._kinds, connections[alias])
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        names = [getattr(column, "target", column).attname for column in columns] if compiler.klass_info else []
        return sql, compiler, compiler.get_converters(columns), names


class Write(_Prepared):
    """An UPDATE: ``build`` makes a queryset and what is to be set from the values."""

    def __call__(self, *values: Any) -> int:
        """Run it; how many rows were changed."""
        if self._finds_nothing(values):
            return 0
        alias = router.db_for_write(self._model)
        statement = self._of(alias).filled(values)
        with transaction.mark_for_rollback_on_error(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(*statement)
            return int(cursor.rowcount)

    def _compiled(self, built: tuple[QuerySet[Any, Any], dict[str, Any]], alias: str) -> Any:
        rows, changes = built
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        text, parameters = query.get_compiler(using=alias).as_sql()
        return _Sql(text, parameters, self._kinds, connections[alias])
