"""Drafts, publication and history of the merchant's own texts. Every save is kept; only what is published is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ecommerce_comms import clock
from ecommerce_comms.exceptions import CommsError
from ecommerce_comms.messaging.editing import differences
from ecommerce_comms.messaging.editing.differences import Change
from ecommerce_comms.messaging.editing.linting import Complaint, lint, own_languages
from ecommerce_comms.messaging.models import WORDING, Template, TemplateVersion
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.messaging.writing.texts import Text

SHOWN = 30
"""So many versions stand on one page of a history."""


class EditedMeanwhile(CommsError):
    """Somebody else has saved this text meanwhile."""

    def __init__(self, newest: TemplateVersion) -> None:
        super().__init__(f"Version {newest.number} is by {newest.by or 'the shop'}.")
        self.newest = newest


class NotPublishable(CommsError):
    """The text would not work, so it is not published."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(" ".join(map(str, complaints)))
        self.complaints = tuple(complaints)


@dataclass(frozen=True)
class Entry:
    """One version in a history."""

    version: TemplateVersion
    before: Text | None
    """The words of the version before; none for the first."""
    in_use: Text
    """What customers get now."""
    is_used: bool
    is_newest: bool

    @property
    def state(self) -> str:
        """``used`` (now), ``was_used``, ``draft`` (the newest, and never published) or ``kept`` (an older draft)."""
        if self.is_used:
            return "used"
        if self.version.published_at:
            return "was_used"
        return "draft" if self.is_newest else "kept"

    @cached_property
    def since_before(self) -> list[Change]:
        """What differs from the version before."""
        return differences.between(self.before, Text.of(self.version)) if self.before else []

    @cached_property
    def against_use(self) -> list[Change]:
        """What differs from what customers get now."""
        return differences.between(self.in_use, Text.of(self.version))


def newest(template: Template | None) -> TemplateVersion | None:
    """The version that was saved last."""
    return template.versions.order_by("-number").first() if template and template.pk else None


def draft(template: Template | None) -> TemplateVersion | None:
    """The newest version, if it was never published; none otherwise."""
    last = newest(template)
    return last if last and last.published_at is None else None


def in_use(template: Template | None, kind: str, language: str) -> Text:
    """What customers get now: the published words, or the built-in ones. Empty for a kind of the shop's own that has none yet."""
    if template is not None and template.is_active:
        return Text.of(template)
    return texts.built_in(kind, language) if kind in texts.KINDS else Text(subject="", body="")


@transaction.atomic
def save(kind: str, language: str, text: Text, by: str, note: str = "", base: int = 0) -> TemplateVersion:
    """Keep ``text`` as a new version of the text of ``kind`` in ``language``; what is sent stays as it is.

    ``base`` is the number of the version that was newest when its author began, 0 if there was none. Raises ``EditedMeanwhile``
    if there is a newer one.
    """
    Template.objects.get_or_create(kind=kind, language=language, defaults={"is_active": False})
    template = _locked(kind, language)
    last = newest(template)
    if last is not None and last.number != base:
        raise EditedMeanwhile(last)
    return _added(template, text, by, note, last or _begun(template))


@transaction.atomic
def publish(version: TemplateVersion, by: str) -> Template:
    """Send the words of ``version`` from now on. Raises ``NotPublishable`` with every complaint if one of them is an error."""
    template = _locked(version.template.kind, version.template.language)
    found = complaints(Text.of(version), template.kind, template.language)
    if any(one.severity == "error" for one in found):
        raise NotPublishable(found)
    now = clock.now()
    for part in WORDING:
        setattr(template, part, getattr(version, part))
    template.version, template.is_active, template.changed_at = version.number, True, now
    template.save()
    if version.published_at is None:
        version.published_at, version.published_by = now, by[:150]
        version.save(update_fields=["published_at", "published_by"])
    return template


@transaction.atomic
def roll_back(version: TemplateVersion, by: str) -> TemplateVersion:
    """A new version with the words of ``version``, published. Raises ``NotPublishable``, and then keeps nothing."""
    template = _locked(version.template.kind, version.template.language)
    note = _("The words of version %(number)d") % {"number": version.number}
    again = _added(template, Text.of(version), by, note, newest(template))
    publish(again, by)
    return again


@transaction.atomic
def switch_off(template: Template) -> None:
    """Send the built-in text again. Every version is kept."""
    locked = _locked(template.kind, template.language)
    _begun(locked)
    locked.is_active, locked.changed_at = False, clock.now()
    locked.save(update_fields=["is_active", "changed_at"])


def complaints(text: Text, kind: str, language: str) -> list[Complaint]:
    """What the linter says of ``text``, languages included in which the shop has no text of its own."""
    return lint(text, kind, language, own_languages=own_languages(kind))


def history(template: Template, before: int | None = None) -> list[Entry]:
    """The newest versions of ``template`` (those below the number ``before``), with what differs from one to the next."""
    rows = template.versions.order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows[: SHOWN + 1])
    used = in_use(template, template.kind, template.language)
    older = [*(Text.of(version) for version in found[1:]), None]
    return [
        Entry(version, previous, used, template.is_active and version.number == template.version, before is None and place == 0)
        for place, (version, previous) in enumerate(zip(found[:SHOWN], older, strict=False))
    ]


def _locked(kind: str, language: str) -> Template:
    return Template.objects.select_for_update().get(kind=kind, language=language)


def _begun(template: Template) -> TemplateVersion | None:
    """Version 1 of a template that was made by code, with the words that it has; none if it has none, or has versions already."""
    if template.version or not template.body or newest(template) is not None:
        return None
    first = TemplateVersion.objects.create(
        template=template, number=1, made_at=template.changed_at, published_at=template.changed_at,
        **{part: getattr(template, part) for part in WORDING},
    )
    template.version = 1
    template.save(update_fields=["version"])
    return first


def _added(template: Template, text: Text, by: str, note: str, last: TemplateVersion | None) -> TemplateVersion:
    return TemplateVersion.objects.create(
        template=template, number=last.number + 1 if last else 1, made_at=clock.now(), by=by[:150], note=note[:255],
        **{part: getattr(text, part) for part in WORDING},
    )
