"""The linter: everything that is wrong with a text, in the order of its page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from babel import Locale
from django.conf import settings
from liquid import BoundTemplate

from ecommerce_comms.exceptions import TemplateError
from ecommerce_comms.messaging.editing.linting import comparing, naming, sources, trying
from ecommerce_comms.messaging.editing.linting.complaints import LONGEST, NAMES, PARTS, Complaint, error, mistaken, warning
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing import braces, liquid, texts
from ecommerce_comms.messaging.writing.texts import Text

_ORDER = {part: place for place, part in enumerate(PARTS)}


def lint(text: Text, kind: str, language: str = "en", *, own_languages: Collection[str] | None = None) -> list[Complaint]:
    """Every complaint about ``text`` as a message of ``kind`` in ``language``; without an error among them it may be published.

    ``kind`` is a built-in one, which may end in ``.others``, or one that the shop declared. ``own_languages`` are those in which the
    shop has a text of its own for this kind (see the function of that name); without them nothing is said about missing ones.
    """
    if kind.removesuffix(texts.OTHERS) not in {*texts.KINDS, *texts.KINDS_OF_SHOP}:
        return [error("", f"There is no message called “{kind}”.")]
    long = list(_too_long(text))
    if long:
        return long
    found = [one for part in PARTS for one in _in_part(part, getattr(text, part), kind, language)]
    if not any(one.severity == "error" for one in found):
        found += trying.complaints(text, kind, language)
    found += _preview(text)
    found += _missing_languages(language, own_languages)
    return sorted(found, key=lambda one: (_ORDER.get(one.part, len(PARTS)), one.line, one.column))


def own_languages(kind: str) -> tuple[str, ...]:
    """The languages in which the shop's own text of ``kind`` is in force. One query."""
    return tuple(Template.objects.filter(kind=kind, is_active=True).order_by("language").values_list("language", flat=True))


def spoken() -> tuple[str, ...]:
    """The languages that the shop speaks: those of its LANGUAGES in which there are texts."""
    asked = {texts.primary(tag) for tag, _ in settings.LANGUAGES}
    return tuple(language for language in texts.languages() if language in asked)


def _too_long(text: Text) -> Iterator[Complaint]:
    for part, limit in LONGEST.items():
        length = len(getattr(text, part))
        if length > limit:
            yield error(part, f"The {NAMES[part]} is too long: {length} characters, at most {limit} are allowed.")


def _in_part(part: str, source: str, kind: str, language: str) -> Iterator[Complaint]:
    """The complaints about one part, from reading it."""
    if part in ("subject", "body") and not source.strip():
        yield error(part, f"The {part} is empty.")
        return
    try:
        braces.check(source)
    except TemplateError as problem:
        yield mistaken(part, problem)
        return
    found = list(sources.complaints(part, source))
    yield from found
    yield from sources.strange_script(part, source, language)
    yield from comparing.typed(part, source, language)
    template = _parsed(source)
    if isinstance(template, BoundTemplate):
        yield from naming.complaints(part, source, template, kind)
    elif not any("{" in one.message or "uses the" in one.message for one in found):
        yield mistaken(part, template)


@lru_cache(maxsize=256)
def _parsed(source: str) -> BoundTemplate | TemplateError:
    try:
        return liquid.parse(source)
    except TemplateError as problem:
        return problem


def _preview(text: Text) -> Iterator[Complaint]:
    if not text.preview.strip():
        yield warning("preview", "There is no preview line; mail programs then show the first words of the mail beside the subject.")


def _missing_languages(language: str, known: Collection[str] | None) -> Iterator[Complaint]:
    if known is None:
        return
    missing = [str(Locale.parse(tag).english_name) for tag in sorted(set(spoken()) - {*known, texts.primary(language)})]
    if missing:
        yield warning("", f"There is no text of your own for this message in {' and '.join(missing)}: customers who read that get the "
                          "built-in one, which may say something else.")
