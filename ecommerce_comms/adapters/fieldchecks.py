"""What is wrong with ``ORDER_FIELDS``, found at start-up instead of at the first order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model


def check_fields(model: type[Model], given: Any, known: Iterable[str], line_paths: list[str]) -> Iterator[CheckMessage]:
    """E003: a field that snapshots do not have, or no path. E004: a path whose name the model does not have."""
    if not isinstance(given, dict):
        yield Error('ECOMMERCE_COMMS["ORDER_FIELDS"] must be a dict.', hint='Write {"number": "code", …}.', id="ecommerce_comms.E003")
        return
    line_model = _line_model(model, line_paths)
    for name, wanted in given.items():
        if name not in known:
            yield _unknown(name, known)
        elif not _is_wanted(wanted):
            yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"][{name!r}] is {wanted!r}.',
                        hint='Write a path such as "user.email|guest_email", a list of paths, or "" for nothing.',
                        id="ecommerce_comms.E003")
        else:
            yield from _check_paths(line_model if name.startswith("line.") else model, name, paths_of(wanted))


def paths_of(wanted: str | list[str] | None) -> list[str]:
    """Every path that an entry of the map names."""
    parts = [wanted] if isinstance(wanted, str) else wanted or []
    return [path for part in parts for path in part.split("|") if path]


def _is_wanted(wanted: Any) -> bool:
    parts = wanted if isinstance(wanted, (list, tuple)) else [wanted or ""]
    return all(isinstance(part, str) for part in parts)


def _unknown(name: Any, known: Iterable[str]) -> CheckMessage:
    close = difflib.get_close_matches(str(name), known, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known names: {', '.join(sorted(known))}."
    return Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"] has no field {name!r}.', hint=hint, id="ecommerce_comms.E003")


def _check_paths(model: type[Model] | None, name: str, paths: list[str]) -> Iterator[CheckMessage]:
    for path in paths:
        missing = "" if model is None or path.startswith("=") else _missing(model, path)
        if missing:
            yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"][{name!r}]: {missing}.',
                        hint="Write the name of a field, property or method of the model.", id="ecommerce_comms.E004")


def _missing(model: type[Model], path: str) -> str:
    """Which name of ``path`` does not exist, as far as the models know; empty if none."""
    here: type[Model] | None = model
    for name in path.split("."):
        if here is None:
            break
        if not hasattr(here, name) and name not in {field.name for field in here._meta.fields}:
            return f"{here._meta.label} has no {name!r}"
        here = _target(here, name)
    return ""


def _target(model: type[Model], name: str) -> type[Model] | None:
    """The model at the other end of a foreign key; ``None`` where the path leaves what models know."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    related = field.related_model if field.many_to_one or field.one_to_one else None
    return related if isinstance(related, type) and issubclass(related, Model) else None


def _line_model(model: type[Model], paths: list[str]) -> type[Model] | None:
    accessors = {relation.get_accessor_name(): relation.related_model for relation in model._meta.related_objects}
    return next((accessors[path] for path in paths if path in accessors), None)
