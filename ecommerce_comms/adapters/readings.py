"""The map of names, prepared: what is looked for where, so that an order is read without asking the settings for each value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from ecommerce_comms.adapters.fieldchecks import PARTS, paths_of
from ecommerce_comms.adapters.paths import MOST, first, is_filled, is_plain
from ecommerce_comms.adapters.values import convert
from ecommerce_comms.exceptions import AdapterError


@dataclass
class Reading:
    """How one field of a snapshot is read from an order or a line."""

    name: str
    wanted: str | list[str]
    """A path, or several whose values belong together."""
    is_given: bool
    """The shop has named it, so that it has to be there; else it is a guess, and counts as nothing where it does not fit."""

    def __post_init__(self) -> None:
        head, _, tail = self.name.partition(".")
        self.group = head if tail and head not in PARTS else ""
        self.key = tail or head
        parts = [self.wanted] if isinstance(self.wanted, str) else self.wanted
        self._parts = [paths_of(part) for part in parts]
        self._usable = is_filled if self.is_given else is_plain
        name = parts[0] if len(self._parts[0]) == 1 and isinstance(self.wanted, str) else ""
        self._attribute = name if name.isidentifier() else ""
        """Where the field is a plain attribute: nearly always."""

    def value(self, source: Any) -> Any:
        """The field as the snapshot's JSON has it; ``None`` if there is none. Raises ``AdapterError`` where a named one does not fit."""
        found = source.__dict__.get(self._attribute, self) if self._attribute and isinstance(source, Model) else self
        if found is not None and type(found) not in MOST:
            found = self._sought(source)
        if found is None or found == "":
            return None
        try:
            return convert(self.name, found)
        except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
            if self.is_given:
                raise AdapterError(f"{self.wanted!r} does not give a {self.name}: {error}") from error
            return None

    def _sought(self, source: Any) -> Any:
        """What the paths lead to; ``None`` if that says nothing."""
        found = [first(source, paths, strict=self.is_given, usable=self._usable) for paths in self._parts]
        filled = [value for value in found if value is not None]
        if not filled:
            return None
        return filled[0] if isinstance(self.wanted, str) else filled


@dataclass
class Readings:
    """Every field that is looked for at all."""

    given: dict[str, Any]
    """What the shop has named."""
    fields: dict[str, Any]
    """That, and the usual names for the rest."""
    of_order: list[Reading] = field(init=False)
    of_part: dict[str, list[Reading]] = field(init=False)
    """What is read of each line and of each recipient."""
    paths: dict[str, list[str]] = field(init=False)
    """Where the lines and the recipients are found."""

    def __post_init__(self) -> None:
        every = [Reading(name, wanted, name in self.given) for name, wanted in self.fields.items() if wanted and name not in PARTS.values()]
        self.of_part = {part: [reading for reading in every if reading.name.startswith(f"{part}.")] for part in PARTS}
        self.of_order = [reading for reading in every if reading.name.partition(".")[0] not in PARTS]
        self.paths = {name: paths_of(self.fields.get(name) or "") for name in PARTS.values()}
        self._links: dict[tuple[str, type[Model]], frozenset[str]] = {}

    def links(self, part: str, model: type[Model]) -> frozenset[str]:
        """The relations of ``model``, that of an order's lines or recipients, through which something is read."""
        if (part, model) not in self._links:
            paths = (path for reading in self.of_part[part] for path in paths_of(reading.wanted) if "." in path)
            relations = {field.name for field in model._meta.concrete_fields if field.is_relation}
            self._links[part, model] = frozenset(relations.intersection(path.split(".")[0] for path in paths))
        return self._links[part, model]
