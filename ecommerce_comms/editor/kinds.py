"""Which texts there are: the kinds in the order of an order's life, and the languages, the shop's own first."""

from __future__ import annotations

from collections.abc import Iterator

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

from ecommerce_comms.conf import conf
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing import texts


def kinds() -> tuple[str, ...]:
    """Every kind, each followed by what others than the customer are told; the shop's own come last."""
    return tuple(dict.fromkeys(_kinds()))


def _kinds() -> Iterator[str]:
    built_in = dict.fromkeys([*SPECS, *(kind for kind in texts.KINDS if not kind.endswith(texts.OTHERS))])
    for kind in (*built_in, *texts.KINDS_OF_SHOP):
        yield kind
        if f"{kind}{texts.OTHERS}" in texts.KINDS:
            yield f"{kind}{texts.OTHERS}"


def languages() -> tuple[str, ...]:
    """Every language of which there are built-in texts, or texts of the shop's own; that of the shop stands first."""
    own = Template.objects.order_by("language").values_list("language", flat=True).distinct()
    first = texts.best_language(conf.language)
    return tuple(dict.fromkeys((first, *texts.languages(), *own)))


def language_name(tag: str) -> str:
    """A language as the reader of the admin calls it: "Hindi"; the tag itself if nobody knows it."""
    try:
        return str(Locale.parse(tag, sep="-").get_display_name((get_language() or "en").replace("-", "_")) or tag)
    except (ValueError, UnknownLocaleError):
        return tag


def rule_kind(kind: str) -> str:
    """The kind whose rule says whether a text of ``kind`` is sent: the same for the customer and for others."""
    return kind.removesuffix(texts.OTHERS)
