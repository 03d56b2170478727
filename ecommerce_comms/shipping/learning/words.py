"""What was learnt, in a merchant's words."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ecommerce_comms.shipping.learning.coverage import DAYS, Coverage
from ecommerce_comms.shipping.learning.figures import Row
from ecommerce_comms.shipping.models import Knowledge


def coverage_of(row: Knowledge) -> Coverage:
    """How good the promises were in the 90 days before ``row`` was learnt."""
    return Coverage(row.due, row.kept, row.expected)


def how_good(row: Knowledge) -> str:
    """How good the promises were, in a sentence or two."""
    found = coverage_of(row)
    if found.share is None or found.expected is None:
        return _("No promise with a confidence was due in the last %(days)d days.") % {"days": DAYS}
    told = {"due": found.due, "days": DAYS, "share": 100 * found.share, "expected": 100 * found.expected}
    says = ngettext(
        "Of %(due)d promise that was due in the last %(days)d days, %(share).0f %% were kept; %(expected).0f %% were to be.",
        "Of %(due)d promises that were due in the last %(days)d days, %(share).0f %% were kept; %(expected).0f %% were to be.", found.due,
    ) % told
    return f"{says} {_verdict(found)}".strip()


def _verdict(found: Coverage) -> str:
    if found.bounds is None:
        return _("These are too few to judge by.")
    low, high = (100 * bound for bound in found.bounds)
    between = {"low": low, "high": high}
    if found.is_broken:
        return _("By chance alone it would be %(low).0f to %(high).0f %%: dates were promised too early.") % between
    if found.share is not None and found.share > found.bounds[1]:
        return _("By chance alone it would be %(low).0f to %(high).0f %%: dates were more careful than they need to be.") % between
    return _("That is as it should be.")


def origin(row: Row) -> str:
    """How long parcels take to leave one place."""
    return _took(row, lambda: ngettext("%(n)d parcel left", "%(n)d parcels left", row["parcels"]))


def way(row: Row) -> str:
    """How long parcels were on their way."""
    return _took(row, lambda: ngettext("%(n)d parcel arrived", "%(n)d parcels arrived", row["parcels"]))


def _took(row: Row, counted: Callable[[], str]) -> str:
    return _("%(parcels)s: half within %(half)s, nine of ten within %(most)s") % {
        "parcels": counted() % {"n": row["parcels"]}, "half": _days(row["half"]), "most": _days(row["most"]),
    }


def _days(days: int) -> str:
    return ngettext("%d day", "%d days", days) % days if days else _("the same day")


SECTIONS = (
    ("origins", gettext_lazy("From the order until it leaves"), origin),
    ("lanes", gettext_lazy("From there to the customer"), way),
    ("carriers", gettext_lazy("By carrier"), way),
)
"""Parts of ``Knowledge.figures``, their title, and how a row of them is said."""


def figures_in_words(row: Knowledge) -> list[tuple[str, list[tuple[str, str]]]]:
    """Title, and rows of name and sentence, for each part of the figures that has any."""
    found = []
    for key, title, say in SECTIONS:
        rows = [(each["name"] or _("not named"), say(each)) for each in row.figures.get(key, [])]
        if rows:
            found.append((str(title), rows))
    return found
