"""Reads a value from an object by the path of its name: ``user.email``, ``items``, ``=INR``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError
from django.db.models import Model
from django.db.models.manager import BaseManager

from ecommerce_comms.exceptions import AdapterError


def is_filled(value: Any) -> bool:
    """Whether ``value`` says anything."""
    return value is not None and value != ""


MOST = frozenset({str, int, bool, float, Decimal, datetime, date})
"""What nearly every value is."""


def is_plain(value: Any) -> bool:
    """Whether ``value`` is a text, number or time: what a guessed name has to give to be believed."""
    if type(value) in MOST:
        return bool(value != "")
    return is_filled(value) and not isinstance(value, (Model, BaseManager, dict, list, tuple, set))


def first(source: Any, paths: Iterable[str], *, strict: bool, usable: Callable[[Any], bool] = is_filled) -> Any:
    """The first value among ``paths`` that is ``usable``, or ``None``; ``strict`` refuses a name that cannot be read."""
    for path in paths:
        value = path[1:] if path.startswith("=") else follow(source, path, strict=strict)
        if usable(value):
            return value
    return None


def follow(source: Any, path: str, *, strict: bool) -> Any:
    """The value at the end of ``path``, or ``None`` where it leads nowhere.

    With ``strict`` a name that cannot be read raises ``AdapterError``. Without it the name was a guess, and an
    attribute that needs arguments or fails is simply not what was looked for; the database's own errors always rise.
    """
    value = source
    for name in path.split("."):
        try:
            value = _step(value, name)
        except ObjectDoesNotExist:
            return None
        except DatabaseError:
            raise
        except Exception as error:
            if strict:
                raise AdapterError(f"{type(value).__name__}.{name} cannot be read (path {path!r} in ORDER_FIELDS): {error}") from error
            return None
        if value is None:
            return None
    return value


def _step(value: Any, name: str) -> Any:
    # A key that a dict lacks is an empty value and no mistake: stored JSON leaves out what it does not have.
    found = value.get(name) if isinstance(value, dict) else getattr(value, name)
    return found() if callable(found) and not isinstance(found, BaseManager) else found
