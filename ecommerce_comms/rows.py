"""Writing many rows at once where Django has no lean way of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models, router


def update_each(rows: Iterable[models.Model], fields: Sequence[str], *, guard: dict[str, Any] | None = None) -> None:
    """Write ``fields`` of each row, one prepared UPDATE for all of them; only where the columns of ``guard`` still say so.

    ``bulk_update`` builds a CASE for every field and row, which costs several times as much as the updates themselves.
    """
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    columns = [_column(model, name) for name in fields]
    guards = [(_column(model, name), value) for name, value in (guard or {}).items()]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    conditions = " AND ".join(f"{quote(str(column.column))} = %s" for column in [_column(model, "id"), *(column for column, _ in guards)])
    fixed = [column.get_db_prep_save(value, connection) for column, value in guards]
    values = [
        [*(column.get_db_prep_save(column.pre_save(row, add=False), connection) for column in columns), row.pk, *fixed] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {assignments} WHERE {conditions}", values)  # noqa: S608


def _column(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} has no column.")
    return field
