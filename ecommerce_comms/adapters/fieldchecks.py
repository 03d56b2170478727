"""What is wrong with ``ORDER_FIELDS``, found at start-up instead of at the first order."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from babel import Locale
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from ecommerce_comms.snapshots import RecipientSnapshot

FEW = 3
"""So many names may be misspelt; if more are, and most of the map, the model is probably another one."""
TOLD = {"lines": "lines", "total": "total", "number": "order number"}
"""What a mail about an order without these would be silent about, and how people call it."""
PARTS = {"line": "lines", "recipient": "recipients"}
"""What an order has several of: the beginning of the names that are read of each, and the name that says where they are found."""
Missing = tuple[str, type[Model], str]
"""An entry of the map, and the model that lacks the name which the entry's path takes there."""


def check_fields(model: type[Model], given: Any, known: Mapping[str, str | list[str]]) -> Iterator[CheckMessage]:
    """E003: a field that snapshots do not have or that has no effect, no path, or no currency. E004: a path that leads nowhere."""
    if not isinstance(given, dict):
        yield Error('ECOMMERCE_COMMS["ORDER_FIELDS"] must be a dict.', hint='Write {"number": "code", …}.', id="ecommerce_comms.E003")
        return
    for name, wanted in given.items():
        yield from _check_entry(name, wanted, known)
    idle = [] if given.get("recipients") else [name for name in given if name in known and str(name).startswith("recipient.")]
    if idle:
        yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"] has {idle[0]!r} and no "recipients": nobody would be told.',
                    hint='Say where they are found, such as "recipients": "gift_receivers", or take away what begins with "recipient.".',
                    id="ecommerce_comms.E003")
    readable = {name: paths_of(wanted) for name, wanted in given.items() if name in known and _is_wanted(wanted)}
    models: dict[str, type[Model] | None] = {
        part: _model_of_rows(model, readable.get(name, paths_of(known[name]))) for part, name in PARTS.items()
    }
    missing = [
        (name, *lack) for name, paths in readable.items() for path in paths
        if (lack := _missing(models.get(name.partition(".")[0], model), path))
    ]
    if _is_another_model(model, readable, missing):
        yield _other_model(model, missing)
    else:
        yield from map(_misspelt, missing)


def check_gaps(model: type[Model], paths_for: Callable[[str], list[str]]) -> Iterator[CheckMessage]:
    """W008: no e-mail address of the customer. W009: no lines, total or order number."""
    def is_found(name: str) -> bool:
        return leads_somewhere(model, paths_for(name))

    if not is_found("customer.email"):
        yield Warning(f"No e-mail address of the customer is found on {model._meta.label}; nobody would be written to.",
                      hint='Set ECOMMERCE_COMMS["ORDER_FIELDS"]["customer.email"] to the path of the address, such as "user.email".',
                      id="ecommerce_comms.W008")
    silent = {name: words for name, words in TOLD.items() if not is_found(name)}
    if silent:
        entries = ", ".join(f'"{name}": "…"' for name in silent)
        yield Warning(f"No {' and no '.join(silent.values())} can be found on {model._meta.label}; mails would be silent about that.",
                      hint=f'Say where to look in ECOMMERCE_COMMS["ORDER_FIELDS"]: {entries}; or silence this warning if it is meant so.',
                      id="ecommerce_comms.W009")


def leads_somewhere(model: type[Model], paths: Iterable[str]) -> bool:
    """Whether one of ``paths`` names what ``model`` has."""
    return any(_missing(model, path) is None for path in paths)


def paths_of(wanted: str | list[str] | None) -> list[str]:
    """Every path that an entry of the map names."""
    parts = [wanted] if isinstance(wanted, str) else wanted or []
    return [path for part in parts for path in part.split("|") if path]


# ---- E003: the map by itself ----------------------------------------------------------------------------------------


def _check_entry(name: Any, wanted: Any, known: Iterable[str]) -> Iterator[CheckMessage]:
    if name not in known:
        close = difflib.get_close_matches(str(name), known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known names: {', '.join(sorted(known))}."
        yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"] has no field {name!r}.', hint=hint, id="ecommerce_comms.E003")
    elif not _is_wanted(wanted):
        yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"][{name!r}] is {wanted!r}.',
                    hint='Write a path such as "user.email|guest_email", a list of paths, or "" for nothing.', id="ecommerce_comms.E003")
    elif name == "recipient.role":
        yield from _wrong_role(wanted)
    elif name == "currency":
        fixed = (path[1:] for path in paths_of(wanted) if path.startswith("="))
        yield from (_no_currency(value) for value in fixed if value.upper() not in Locale("en").currencies)


def _wrong_role(wanted: str | list[str]) -> Iterator[CheckMessage]:
    """E003: a fixed role that there is not."""
    fixed = (path[1:] for path in paths_of(wanted) if path.startswith("="))
    for role in fixed:
        if role not in RecipientSnapshot.ROLES:
            yield Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"]["recipient.role"]: there is no role {role!r}.',
                        hint=f"Write one of {', '.join(f'={each}' for each in RecipientSnapshot.ROLES)}.", id="ecommerce_comms.E003")


def _is_wanted(wanted: Any) -> bool:
    parts = wanted if isinstance(wanted, (list, tuple)) else [wanted or ""]
    return all(isinstance(part, str) for part in parts)


def _no_currency(value: str) -> CheckMessage:
    """E003, with the code if the currency was called by its English name or its sign."""
    locale = Locale("en")
    called = {str(name).casefold(): code for code, name in locale.currencies.items()}
    called |= {str(sign): code for code, sign in locale.currency_symbols.items()}
    code = called.get(value.casefold())
    hint = f'Did you mean "={code}"?' if code else 'Write the three letters of ISO 4217, such as "=EUR".'
    return Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"]["currency"]: {value!r} is no code of a currency.', hint=hint, id="ecommerce_comms.E003")


# ---- E004: the map against the model --------------------------------------------------------------------------------


def _misspelt(missing: Missing) -> CheckMessage:
    entry, model, name = missing
    close = difflib.get_close_matches(name, _names(model), n=1)
    hint = f"Did you mean {close[0]!r}?" if close else "Write the name of a field, property or method of the model."
    if name.isupper() or not name.isidentifier():
        hint = f'A fixed value is written "={name}".'
    return Error(f'ECOMMERCE_COMMS["ORDER_FIELDS"][{entry!r}]: {model._meta.label} has no {name!r}.', hint=hint, id="ecommerce_comms.E004")


def _is_another_model(model: type[Model], readable: dict[str, list[str]], missing: list[Missing]) -> bool:
    """Whether most of what the map looks for on the order itself is not there."""
    sought = [name for name, paths in readable.items() if name.partition(".")[0] not in PARTS and any(path[0] != "=" for path in paths)]
    lost = {entry for entry, lacking, _ in missing if lacking is model and entry in sought}
    return len(lost) > len(sought) / 2 and len({name for _, lacking, name in missing if lacking is model}) > FEW


def _other_model(model: type[Model], missing: list[Missing]) -> CheckMessage:
    names = list(dict.fromkeys(name for _, lacking, name in missing if lacking is model))
    return Error(
        f'{model._meta.label} lacks {len(names)} names, most of those in ECOMMERCE_COMMS["ORDER_FIELDS"]: {", ".join(map(repr, names))}.',
        hint='Does ECOMMERCE_COMMS["ORDER_MODEL"] name the right model?', id="ecommerce_comms.E004",
    )


def _names(model: type[Model]) -> list[str]:
    """The fields, relations, properties and methods that make ``model`` different from any other."""
    made = ("get_next_by_", "get_previous_by_")
    return [name for name in dir(model) if name[0].islower() and not hasattr(Model, name) and not name.startswith(made)]


def _missing(model: type[Model] | None, path: str) -> tuple[type[Model], str] | None:
    """Which name of ``path`` does not exist on which model, as far as the models know."""
    here = None if path.startswith("=") else model
    for name in path.split("."):
        if here is None:
            break
        if not hasattr(here, name) and name not in {field.name for field in here._meta.fields}:
            return here, name
        here = _target(here, name)
    return None


def _target(model: type[Model], name: str) -> type[Model] | None:
    """The model at the other end of a foreign key; ``None`` where the path leaves what models know."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    related = field.related_model if field.many_to_one or field.one_to_one else None
    return related if isinstance(related, type) and issubclass(related, Model) else None


def _model_of_rows(model: type[Model], paths: list[str]) -> type[Model] | None:
    """The model at the other end of a relation to many; ``None`` where rows come from elsewhere, such as a method."""
    accessors = {relation.get_accessor_name(): relation.related_model for relation in model._meta.related_objects}
    return next((accessors[path] for path in paths if path in accessors), None)
