"""Writing many rows at once where Django has no lean way of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

Row = TypeVar("Row", bound=models.Model)


def update_each(rows: Iterable[models.Model], fields: Sequence[str], *, guard: dict[str, Any] | None = None) -> int:
    """Write ``fields`` of each row, one prepared UPDATE for all of them; only where the columns of ``guard`` still say so.

    Returns how many rows were written.
    ``bulk_update`` builds a CASE for every field and row, which costs several times as much as the updates themselves.
    """
    rows = list(rows)
    if not rows:
        return 0
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns = [_column(model, name) for name in fields]
    guards = [(_column(model, name), value) for name, value in (guard or {}).items()]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    conditions = " AND ".join(f"{quote(str(column.column))} = %s" for column in [_column(model, "id"), *(column for column, _ in guards)])
    fixed = [column.get_db_prep_save(value, connection) for column, value in guards]
    values = [[*line, row.pk, *fixed] for line, row in zip(_written(rows, columns, connection), rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {conditions}", values)  # noqa: S608
        return int(cursor.rowcount)


def insert_many(rows: Iterable[Row], *, unique: str = "") -> list[Row]:
    """Insert ``rows``; with ``unique``, the name of a field, those whose value is known are left alone.

    Returns the rows that have no key now: those that were known, or all of them where the database cannot tell which were (MySQL).
    ``bulk_create`` costs several times as much for long rows: Django 5.2 sends columns as arrays, which psycopg writes in Python.
    """
    rows = list(rows)
    if not rows:
        return []
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    if unique and not connection.features.supports_update_conflicts_with_target:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return rows
    if not connection.features.can_return_rows_from_bulk_insert:
        for row in rows:
            row.save(force_insert=True)
        return []
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    size = (connection.features.max_query_params or 20_000) // len(fields)
    for start in range(0, len(rows), size):
        _insert(rows[start : start + size], fields, unique, connection)
    return [row for row in rows if row.pk is None]


def _insert(rows: Sequence[models.Model], fields: list[Any], unique: str, connection: BaseDatabaseWrapper) -> None:
    model, quote = type(rows[0]), connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    known = f" ON CONFLICT ({quote(unique)}) DO NOTHING" if unique else ""
    returned = ", ".join(quote(name) for name in ("id", unique) if name)
    values = _written(rows, fields, connection)
    with connection.cursor() as cursor:
        places, parameters = _places(cursor.cursor, values, connection)
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {places}{known} RETURNING {returned}", parameters  # noqa: S608
        )
        made = cursor.fetchall()
    keys = {value: key for key, value in made} if unique else {}
    for number, row in enumerate(rows):
        row.pk = keys.get(getattr(row, unique)) if unique else made[number][0]
        row._state.adding, row._state.db = False, connection.alias


def _places(cursor: Any, values: list[list[Any]], connection: Any) -> tuple[str, list[Any] | None]:
    """What stands for ``values`` in the statement, and the parameters that go with it."""
    driver = connection.Database
    if hasattr(driver, "ClientCursor") and isinstance(cursor, driver.ClientCursor):
        # psycopg reads a long text for its placeholders in Python, one by one; written by the driver's own hand it needs none.
        literal = driver.adapt.Transformer(cursor).as_literal
        lines = b", ".join(b"(" + b", ".join(map(literal, line)) + b")" for line in values)
        return lines.decode(cursor.connection.info.encoding), None
    line = f"({', '.join(['%s'] * len(values[0]))})"
    return ", ".join([line] * len(values)), [value for each in values for value in each]


def _written(rows: Sequence[models.Model], fields: Sequence[Any], connection: BaseDatabaseWrapper) -> list[list[Any]]:
    """The values of ``fields`` of each row, as the driver takes them."""
    names = [field.attname for field in fields]
    read = attrgetter(*names) if len(names) > 1 else lambda row: (getattr(row, names[0]),)
    lines = [list(read(row)) for row in rows]
    for place, field in enumerate(fields):
        if write := _writer(field, connection):
            for line in lines:
                line[place] = write(line[place])
    return lines


def _writer(field: Any, connection: BaseDatabaseWrapper) -> Callable[[Any], Any] | None:
    """What a value has to go through before the driver takes it; ``None`` where psycopg takes it as it is."""
    if connection.vendor == "postgresql" and type(field) in _PLAIN:
        return None
    return partial(field.get_db_prep_save, connection=connection)


_PLAIN = {
    models.CharField, models.TextField, models.DateTimeField, models.DateField, models.BooleanField, models.UUIDField, models.ForeignKey,
    models.BigIntegerField, models.PositiveSmallIntegerField, models.FloatField,
}


def _column(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} has no column.")
    return field
