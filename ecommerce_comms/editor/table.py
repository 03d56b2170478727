"""The table of all texts: a row for each kind of message, a column for each language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ecommerce_comms.editor import kinds
from ecommerce_comms.journeys.models import Rule
from ecommerce_comms.journeys.rules import merchants_rules
from ecommerce_comms.messaging.models import Message, Template, TemplateVersion
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words

LATELY = 2_000
"""Among so many newest messages is looked for texts that failed."""

SAID: dict[str, LazyText] = {
    "own": _("your own"), "built-in": _("built-in"), "missing": _("missing"), "stale": _("translation out of date"),
    "none": _("not written yet"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One text."""

    language: str
    name: str
    """Of the language, for who hears the table."""
    state: str
    """One of ``SAID``."""
    address: str
    version: int = 0
    at: datetime | None = None
    by: str = ""
    draft: int = 0
    """Number of the version that waits to be published; 0 if none does."""
    failed: int = 0
    """How many of the newest messages had to do without this text."""
    told_in: str = ""
    """The language in which customers are told instead."""

    @property
    def says(self) -> str | LazyText:
        """The state in words."""
        return SAID[self.state]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of message."""

    kind: str
    name: str
    when: str | LazyText
    """When customers get it, in a shopkeeper's words."""
    is_on: bool | None
    """Whether its rule is on; none where there is no rule."""
    rule: str
    """Address of the rule's page."""
    cells: tuple[Cell, ...]

    @property
    def is_for_others(self) -> bool:
        """Whether it is told to others than the customer."""
        return self.kind.endswith(texts.OTHERS)


@dataclass(frozen=True, kw_only=True)
class Table:
    """All texts, and how many there are of each sort."""

    languages: tuple[tuple[str, str], ...]
    """Tag and name."""
    rows: tuple[Row, ...]

    def count(self, state: str) -> int:
        """How many texts are in ``state``."""
        return sum(cell.state == state for row in self.rows for cell in row.cells)

    @property
    def figures(self) -> list[tuple[int, str | LazyText]]:
        """What stands above the table."""
        cells = [cell for row in self.rows for cell in row.cells]
        drafts, failing = sum(bool(cell.draft) for cell in cells), sum(bool(cell.failed) for cell in cells)
        found: list[tuple[int, str | LazyText]] = [(self.count(state), says) for state, says in SAID.items()]
        found += [(drafts, ngettext("draft waiting", "drafts waiting", drafts)), (failing, _("failing lately"))]
        return [(number, says) for number, says in found if number]


def table() -> Table:
    """Every text of every kind; five queries."""
    tags = kinds.languages()
    own = {(text.kind, text.language): text for text in _templates()}
    states = {(row.kind, row.language): row.state for row in texts.completeness()}
    failed = _failed()
    rules, pages = merchants_rules(), dict(Rule.objects.values_list("kind", "pk"))
    names = {tag: kinds.language_name(tag) for tag in tags}

    def row(kind: str) -> Row:
        rule = kinds.rule_kind(kind)
        return Row(
            kind=kind, name=in_words(kind), when=kinds.when(kind), is_on=rules[rule].is_active if rule in rules else None,
            rule=reverse("admin:ecommerce_comms_rule_change", args=[pages[rule]]) if rule in pages else "",
            cells=tuple(_cell(kind, tag, names[tag], own.get((kind, tag)), states, failed) for tag in tags),
        )

    return Table(languages=tuple(names.items()), rows=tuple(map(row, kinds.kinds())))


def _templates() -> Iterable[Template]:
    """Every text of the shop's own, without its words, with its newest version and who saved the one in use."""
    versions = TemplateVersion.objects.filter(template=OuterRef("pk"))
    last = versions.order_by("-number")
    return Template.objects.only("kind", "language", "is_active", "version", "changed_at").annotate(
        last_number=Subquery(last.values("number")[:1]), last_published=Subquery(last.values("published_at")[:1]),
        author=Subquery(versions.filter(number=OuterRef("version")).values("by")[:1]),
    )


def _failed() -> Counter[tuple[str, str]]:
    newest = Message.objects.order_by("-pk").values_list("kind", "role", "language", "text_source", "reason")[:LATELY]
    return Counter(
        (texts.key(kind, role), texts.best_language(language)) for kind, role, language, source, reason in newest
        if source == "fallback" or reason == Message.Reason.TEMPLATE
    )


def _cell(
    kind: str, tag: str, name: str, own: Template | None, states: Mapping[tuple[str, str], str], failed: Mapping[tuple[str, str], int],
) -> Cell:
    address = reverse("admin:ecommerce_comms_template_edit", args=[kind, tag])
    is_own = own is not None and own.is_active
    state = "own" if is_own else states.get((kind, tag), "missing" if kind in texts.KINDS else "none")
    told_in = texts.told_in(kind, tag) if state in ("missing", "stale") else ""
    waiting = own is not None and getattr(own, "last_number", None) and getattr(own, "last_published", None) is None
    return Cell(
        language=tag, name=name, state=state, address=address, failed=failed.get((kind, tag), 0),
        version=own.version if own is not None and is_own else 0, at=own.changed_at if own is not None and is_own else None,
        by=str(getattr(own, "author", "") or "") if is_own else "", draft=int(getattr(own, "last_number", 0)) if waiting else 0,
        told_in=kinds.language_name(told_in) if told_in and told_in != tag else "",
    )
