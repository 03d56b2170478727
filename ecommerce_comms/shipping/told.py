"""The ledger as plain data, for pages, mails, chat and API: what was told, what it was before, and why it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ecommerce_comms.shipping.models import Promise


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry of the ledger."""

    parcel: str
    """The shop's key of the parcel; empty: the whole order."""
    earliest: date
    """Day at the destination, as are the others."""
    latest: date
    was_earliest: date | None = None
    """The window that it replaced; ``None`` if it is the first."""
    was_latest: date | None = None
    source: str
    """One of ``Promise.Source``."""
    reason: str
    confidence: float | None
    """0 to 1; ``None`` where nobody measured it."""
    made_at: datetime
    revision: int
    is_open: bool
    kept: bool | None

    @property
    def moved(self) -> bool:
        """Whether it replaced another window."""
        return self.was_latest is not None and (self.was_earliest, self.was_latest) != (self.earliest, self.latest)

    @property
    def sentence(self) -> str:
        """“Was Tue 3 March, now Thu 5 March, because …” in the active language; the reason is in the words in which it was kept."""
        now = in_words(self.earliest, self.latest)
        if not self.moved or self.was_earliest is None or self.was_latest is None:
            return _("%(now)s (%(reason)s)") % {"now": now, "reason": self.reason} if self.reason else now
        told = {"was": in_words(self.was_earliest, self.was_latest), "now": now, "reason": self.reason}
        return (_("Was %(was)s, now %(now)s, because: %(reason)s") if self.reason else _("Was %(was)s, now %(now)s")) % told

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data, with ``sentence``; days and moments in ISO 8601."""
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(self).items()}
        return {**plain, "sentence": self.sentence}


def in_words(earliest: date, latest: date) -> str:
    """A window in the active language: one day, or from one to another."""
    return " – ".join(dict.fromkeys(date_format(day, "D j F") for day in (earliest, latest)))


def tell(promises: Iterable[Promise]) -> list[Told]:
    """The promises of one order with their parcels, in the order in which they were made."""
    known = sorted(promises, key=lambda promise: (promise.made_at, promise.revision, promise.pk or 0))
    return [_entry(promise, predecessor(promise, known)) for promise in known]


def predecessor(promise: Promise, known: Sequence[Promise]) -> Promise | None:
    """The one of ``known``, the promises of the same order, that ``promise`` replaced; a parcel's chain goes on from the order's."""
    chain = [other for other in known if other.parcel_id in (None, promise.parcel_id) and other.revision < promise.revision]
    return max(chain, key=lambda other: (other.parcel_id is not None, other.revision, other.pk), default=None)


def _entry(promise: Promise, replaced: Promise | None) -> Told:
    return Told(
        parcel=promise.parcel.reference if promise.parcel else "", earliest=promise.earliest, latest=promise.latest,
        was_earliest=replaced.earliest if replaced else None, was_latest=replaced.latest if replaced else None,
        source=promise.source, reason=promise.reason, confidence=promise.confidence, made_at=promise.made_at, revision=promise.revision,
        is_open=promise.is_open, kept=promise.kept,
    )
