"""Which texts there are: the kinds in the order of an order's life, and the languages, the shop's own first."""

from __future__ import annotations

from collections.abc import Iterator

from babel import Locale, UnknownLocaleError
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ecommerce_comms.conf import conf
from ecommerce_comms.journeys.rules import SPECS
from ecommerce_comms.messaging.models import Template
from ecommerce_comms.messaging.writing import texts

_WHEN: dict[str, LazyText] = {
    "order_placed": _("at once, to confirm the order"),
    "order_paid": _("when the money has arrived"),
    "payment_failed": _("when a payment did not go through"),
    "order_changed": _("when you have changed the order"),
    "order_processed": _("when you begin to pack"),
    "order_shipped": _("when a parcel leaves you"),
    "order_out_for_delivery": _("on the morning of the delivery"),
    "order_ready_for_pickup": _("when it can be fetched"),
    "order_delivered": _("when a parcel has arrived"),
    "delivery_failed": _("when nobody was at home, or the address was wrong"),
    "order_delayed": _("when it will come later than you said"),
    "order_back_on_track": _("when a late order moves again"),
    "order_cancelled": _("when the order is cancelled"),
    "order_refunded": _("when you have sent money back"),
    "return_requested": _("when the customer wants to send something back"),
    "return_received": _("when what was sent back has reached you"),
    "review_request": _("a while after the last parcel, if all went well"),
}
_FOR_OTHERS = _("to whoever receives it, without prices")


def when(kind: str) -> str | LazyText:
    """When a message of ``kind`` is sent, in a shopkeeper's words; empty for a kind of the shop's own."""
    return _FOR_OTHERS if kind.endswith(texts.OTHERS) else _WHEN.get(kind, "")


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
