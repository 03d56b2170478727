"""What is the same for every sheet: compare the file with the rows, show what would change, and change it all or not at all."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.db import models, transaction
from django.forms.models import modelform_factory
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from ecommerce_comms.shipping.forms import SetupForm
from ecommerce_comms.shipping.sheets.reading import Line, Problem, read, write
from ecommerce_comms.shipping.tables import forget_tables

YES = frozenset({"yes", "y", "true", "1", "x"})
NO = frozenset({"no", "n", "false", "0"})
Key = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet."""

    name: str
    means: str | LazyText
    """What to write there, for merchants."""
    field: str = ""
    """Name of the model's field, if it is another; relations are named by ``links``."""
    required: bool = False

    @property
    def of(self) -> str:
        """The model's field."""
        return self.field or self.name


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a line of the file, or its absence, does to one row."""

    row: models.Model
    was: dict[str, str] | None
    """The row as the sheet shows it now; ``None`` if it is new."""
    becomes: dict[str, str] | None
    """``None`` if it goes."""

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Column, old value and new value."""
        was, becomes = self.was or {}, self.becomes or {}
        pairs = ((name, was.get(name, ""), becomes.get(name, "")) for name in {**was, **becomes})
        return [(name, old, new) for name, old, new in pairs if old != new]


@dataclass(kw_only=True)
class Plan:
    """What a file would do."""

    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        """All that would be written."""
        return [*self.new, *self.changed, *self.removed]

    @property
    def digest(self) -> str:
        """The same for the same changes: what is confirmed is what was shown."""
        told = repr([(sorted((each.was or {}).items()), sorted((each.becomes or {}).items())) for each in self.changes])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


class Sheet(ABC):
    """One kind of rows as a table of text. A subclass names the columns; the checks are those of the admin's forms."""

    name: ClassVar[str]
    title: ClassVar[LazyText]
    means: ClassVar[LazyText]
    """What one line is, for merchants."""
    model: ClassVar[type[models.Model]]
    form: ClassVar[type[SetupForm]]
    columns: ClassVar[tuple[Column, ...]]
    key: ClassVar[tuple[str, ...]]
    """Columns by which a line finds its row."""
    links: ClassVar[dict[str, type[models.Model]]] = {}
    """Columns that name a row of another table, by its code or name."""

    @abstractmethod
    def rows(self) -> Iterable[models.Model]:
        """Every row, its relations loaded."""

    def export(self) -> str:
        """All rows as CSV."""
        return write(self.names, (self.shown(row) for row in self.rows()))

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def plan(self, text: str, *, remove: bool = False) -> Plan:
        """What the file ``text`` would do; with ``remove`` also to rows that it does not name. Writes nothing."""
        lines, problems = read(text, self.names, [column.name for column in self.columns if column.required])
        plan = Plan(problems=problems)
        known = {self._key(shown): (row, shown) for row in self.rows() for shown in [self.shown(row)]}
        linked = {name: _by_name(model) for name, model in self.links.items()}
        met: dict[Key, int] = {}
        for line in lines:
            made = self._made(line, known, linked, plan.problems)
            if made is None:
                continue
            row, becomes = made
            key = self._key(becomes)
            if key in met:
                text_ = _("This is the same as line %(line)s: %(key)s.") % {"line": met[key], "key": ", ".join(map(str, filter(None, key)))}
                plan.problems.append(Problem(line=line.number, says=text_))
                continue
            met[key] = line.number
            self._sort(plan, row, known.get(key, (None, None))[1], becomes)
        if remove:
            self._remove(plan, [known[key] for key in known if key not in met])
        return plan

    @transaction.atomic
    def apply(self, plan: Plan) -> None:
        """Write all of ``plan``, or nothing. Raises ``ValueError`` if the file has problems."""
        if plan.problems:
            raise ValueError(str(plan.problems[0]))
        for change in plan.removed:
            change.row.delete()
        for change in (*plan.new, *plan.changed):
            change.row.save()
        forget_tables()
        transaction.on_commit(forget_tables)

    def shown(self, row: models.Model) -> dict[str, str]:
        """``row`` as the sheet writes it."""
        return {column.name: self._cell(row, column) for column in self.columns}

    def held_by(self, row: Any) -> int:
        """How many other rows would go with ``row``: if any, it stays."""
        return 0

    def _remove(self, plan: Plan, left: Iterable[tuple[models.Model, dict[str, str]]]) -> None:
        for row, shown in left:
            count = self.held_by(row)
            if count:
                text = _("“%(name)s” is not in the file, and cannot go: %(count)s times and prices belong to it. Remove those first.")
                plan.problems.append(Problem(line=0, says=text % {"name": row, "count": count}))
            plan.removed.append(Change(row=row, was=shown, becomes=None))

    def _cell(self, row: models.Model, column: Column) -> str:
        value = getattr(row, column.of)
        if column.name in self.links:
            return name_of(value) if value is not None else ""
        return as_text(value)

    def _key(self, shown: dict[str, str]) -> Key:
        return tuple(shown[name].casefold() for name in self.key)

    def _sort(self, plan: Plan, row: models.Model, was: dict[str, str] | None, becomes: dict[str, str]) -> None:
        if was is None:
            plan.new.append(Change(row=row, was=None, becomes=becomes))
        elif was != becomes:
            plan.changed.append(Change(row=row, was=was, becomes=becomes))
        else:
            plan.same += 1

    def _made(
        self, line: Line, known: dict[Key, tuple[models.Model, dict[str, str]]], linked: dict[str, dict[str, models.Model]],
        problems: list[Problem],
    ) -> tuple[models.Model, dict[str, str]] | None:
        """The row that ``line`` describes, not saved, and how the sheet shows it; ``None``, and problems, if it cannot be right."""
        found = self._linked(line, linked, problems)
        data, odd = self._data(line)
        problems += odd
        form = self._form(data)
        if found is None or odd or not form.is_valid():
            problems += self._complaints(line, form)
            return None
        row = form.save(commit=False)
        for name, value in found.items():
            setattr(row, self._column(name).of, value)
        there = known.get(self._key(self.shown(row)))
        if there is not None:
            row = self._onto(there[0], row, line)
        return row, self.shown(row)

    def _onto(self, there: models.Model, row: models.Model, line: Line) -> models.Model:
        """A copy of the row ``there`` with what the line says; columns that the file does not have stay as they are."""
        copy = type(there)(**{each.attname: getattr(there, each.attname) for each in there._meta.concrete_fields})
        copy._state.adding, copy._state.db = False, there._state.db
        for column in self.columns:
            setattr(copy, column.of, getattr(row if column.name in line.values else there, column.of))
        return copy

    def _linked(
        self, line: Line, linked: dict[str, dict[str, models.Model]], problems: list[Problem]
    ) -> dict[str, models.Model | None] | None:
        found: dict[str, models.Model | None] = {}
        for name, rows in linked.items():
            word = line.values.get(name, "")
            found[name] = rows.get(word.casefold()) if word else None
            if found[name] is None and (word or self._column(name).required):
                unknown = _("“%(word)s” is not known yet. Add it first, or write it as it stands there.")
                text = unknown if word else _("This must not be empty.")
                problems.append(Problem(line=line.number, column=name, says=text % {"word": word}))
                return None
        return found

    def _data(self, line: Line) -> tuple[dict[str, str], list[Problem]]:
        """The line as the form takes it: defaults for what is empty, yes and no, numbers with a point."""
        data, odd = {}, []
        for column in self.columns:
            if column.name in self.links:
                continue
            model_field = self.model._meta.get_field(column.of)
            value = line.values.get(column.name, "")
            if not value and not column.required and model_field.has_default() and not model_field.blank:  # type: ignore[union-attr]
                value = as_text(model_field.get_default())  # type: ignore[union-attr]
            if isinstance(model_field, models.BooleanField):
                if value.casefold() not in YES | NO:
                    odd.append(Problem(line=line.number, column=column.name, says=_("Write yes or no.")))
                value = "on" if value.casefold() in YES else ""
            elif line.decimal_comma and isinstance(model_field, (models.DecimalField, models.FloatField)):
                value = value.replace(",", ".")
            data[column.of] = value
        return data, odd

    def _form(self, data: dict[str, str]) -> SetupForm:
        if not hasattr(self, "_made_form"):
            fields = [column.of for column in self.columns if column.name not in self.links]
            self._made_form = cast(type[SetupForm], modelform_factory(self.model, form=self.form, fields=fields))
        form = self._made_form({name: value for name, value in data.items() if value})
        # A line about a row that is there already is no second one.
        form.validate_unique = lambda: None  # type: ignore[method-assign]
        return form

    def _complaints(self, line: Line, form: SetupForm) -> Iterator[Problem]:
        names = {column.of: column.name for column in self.columns}
        for of, errors in form.errors.items():
            for error in errors:
                yield Problem(line=line.number, column=names.get(of, ""), says=str(error))

    def _column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def name_of(row: Any) -> str:
    """By what a sheet names a row of another table."""
    return str(getattr(row, "code", "") or row.name)


def as_text(value: Any) -> str:
    """A value as a sheet writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral() else f"{value:f}".rstrip("0")
    return value.isoformat() if isinstance(value, date) else str(value)


def _by_name(model: type[models.Model]) -> dict[str, models.Model]:
    """Rows by their code and their name, in small letters."""
    rows: Sequence[models.Model] = list(model._default_manager.all())
    names = {str(getattr(row, "name", "")).casefold(): row for row in rows}
    return names | {name_of(row).casefold(): row for row in rows}
