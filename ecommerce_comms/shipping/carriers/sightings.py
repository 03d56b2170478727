"""One thing that a carrier saw, in plain words: what every way in makes, and all that the rest knows of carriers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b

from ecommerce_comms import keys
from ecommerce_comms.shipping.models.tracking import TrackingStatus

_UNFIT = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


def clean(value: object, limit: int) -> str:
    """At most ``limit`` characters of a text or whole number, without what no database takes; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return _UNFIT.sub(" ", str(value)[: limit + 50]).strip()[:limit].strip()


def compact(number: object) -> str:
    """A tracking number as it is compared: without blanks, in capitals, at most 190 characters."""
    return _SPACE.sub("", clean(number, 400)).upper()[:190]


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a carrier saw, or expects. Texts are cut and cleaned when it is made with ``sighting``."""

    tracking_number: str
    """As ``compact`` makes it."""
    carrier: str = ""
    """As it was told."""
    status: str = TrackingStatus.UNKNOWN
    """A ``TrackingStatus``."""
    raw_status: str = ""
    """The carrier's own word; empty if it only tells what it expects."""
    text: str = ""
    place: str = ""
    occurred_at: datetime | None = None
    """Aware; ``None`` if it told no time that can be read."""
    raw_time: str = ""
    """The time as it was told."""
    time_is_sure: bool = True
    estimate_earliest: date | None = None
    """Day at the destination, as is ``estimate_latest``."""
    estimate_latest: date | None = None
    event_id: str = ""
    """The provider's own number of this very sighting, if it has one: not that of the request."""

    def parts(self) -> tuple[Sighting, ...]:
        """What was seen and what is expected, apart: the same scan is often told again with another estimate."""
        if not (self.estimate_latest and (self.raw_status or self.text)):
            return (self,)
        seen = replace(self, estimate_earliest=None, estimate_latest=None)
        expected = replace(self, status=TrackingStatus.UNKNOWN, raw_status="", text="", place="", event_id="")
        return seen, expected

    def key(self, source: str, site: str) -> str:
        """The same for the same sighting, however often and by whomever it is told.

        The shop is part of it: what one shop's account tells must not take the place of what another's will tell.
        """
        if self.event_id:
            return keys.make("scan", source, _digest(site, self.tracking_number, self.event_id))
        return keys.make("scan", _digest(
            site, self.tracking_number, self.raw_status.casefold(), self.raw_time, self.text, self.place,
            str(self.estimate_earliest or ""), str(self.estimate_latest or ""),
        ))


def _digest(*parts: str) -> str:
    return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
