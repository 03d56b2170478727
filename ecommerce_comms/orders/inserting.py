"""One INSERT for one fact, with as little around it as can be: it is what the shop's own transaction pays for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field

from ecommerce_comms.orders.contained import Savepoints
from ecommerce_comms.orders.models import OrderEvent

_FIELDS: tuple[Field[Any, Any], ...] = tuple(field for field in OrderEvent._meta.concrete_fields if not field.primary_key)
_NOW = {"postgresql": "LEAST(%s, clock_timestamp())", "mysql": "LEAST(%s, UTC_TIMESTAMP(6))"}
"""From when on a worker may take a new fact: the database's own time, should the clock of this machine be ahead of it."""


def insert(event: OrderEvent, place: Savepoints) -> bool:
    """Insert ``event`` as the last thing that ``place`` contains; ``False`` if its fact was known.

    Sends no ``post_save``. Raises ``DatabaseError``, with the transaction as it was.
    """
    try:
        with place.hold(last=True):
            event.pk = _insert(event, place.connection)
    except IntegrityError:
        if is_known(event, place):
            return False
        raise
    event._state.adding, event._state.db = False, place.connection.alias
    return event.pk is not None


def is_known(event: OrderEvent, place: Savepoints) -> bool:
    """Whether the fact of ``event`` has a row already."""
    return OrderEvent.objects.using(place.connection.alias).filter(event_key=event.event_key).exists()


def _insert(event: OrderEvent, connection: BaseDatabaseWrapper) -> int | None:
    """The new key; ``None`` if the fact is known and the database says so without an error."""
    values = [field.get_db_prep_save(getattr(event, field.attname), connection) for field in _FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(_sql(connection.alias, connection.vendor), values)
        if not connection.features.can_return_columns_from_insert:
            return int(connection.ops.last_insert_id(cursor, OrderEvent._meta.db_table, "id"))
        row = cursor.fetchone()
    return row[0] if row else None


@lru_cache(maxsize=16)
def _sql(alias: str, vendor: str) -> str:
    connection = connections[alias]
    quote, features = connection.ops.quote_name, connection.features
    columns = ", ".join(quote(str(field.column)) for field in _FIELDS)
    places = ", ".join(_NOW.get(vendor, "%s") if field.name == "next_try_at" else "%s" for field in _FIELDS)
    returning = f" RETURNING {quote('id')}" if features.can_return_columns_from_insert else ""
    # Whether a row was new is told by what is returned; without that, and on MySQL, by the error.
    tells = returning and features.supports_update_conflicts_with_target
    known = f" ON CONFLICT ({quote('event_key')}) DO NOTHING" if tells else ""
    return f"INSERT INTO {quote(OrderEvent._meta.db_table)} ({columns}) VALUES ({places}){known}{returning}"  # noqa: S608
