"""The contract between a provider of tracking and the app: who signs how, and what is said where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from ecommerce_comms import masking
from ecommerce_comms.shipping.carriers import times
from ecommerce_comms.shipping.carriers.sightings import Sighting, clean, compact
from ecommerce_comms.shipping.carriers.statuses import normalise

log = masking.logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, before anybody believes it."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Asked without regard to capitals."""
    query: Mapping[str, str]
    body: bytes
    """Byte for byte as it came: signatures are about these."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One entry of ``CARRIER_WEBHOOKS``."""

    name: str
    provider: CarrierWebhook
    secrets: tuple[str, ...] = field(repr=False)
    """Several while one is replaced by another; none: nobody is believed."""
    zone: ZoneInfo
    """In which times without an offset are meant."""
    site: str = ""
    carrier: str = ""
    """Where a message names none."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One sighting as a provider's payload has it: anything may stand in each field, and is cleaned later."""

    number: Any
    carrier: Any = ""
    status: Any = ""
    detail: Any = ""
    """The more exact word, if the provider has two."""
    text: Any = ""
    place: Any = ""
    time: Any = ""
    earliest: Any = ""
    latest: Any = ""
    event_id: Any = ""


@dataclass(frozen=True)
class Parsed:
    """What a request held."""

    sightings: list[Sighting]
    malformed: int
    """Parts that name no tracking number, or could not be read."""


class CarrierWebhook(ABC):
    """Knows one provider. Subclasses give the flags and two methods; ``parse`` is left alone."""

    signs_body: ClassVar[bool] = True
    """Whether the signature covers the body; if not, the secret itself travels with each request, so HTTPS is all that guards it."""
    signs_time: ClassVar[bool] = False
    """Whether the signature covers a time, so that an old one can be refused. Both say what a provider's security test has to expect."""
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    content_types: ClassVar[frozenset[str]] = frozenset({"application/json"})
    statuses: ClassVar[Mapping[str, str]] = {}
    """The provider's words and sub-words as ``statuses.plain`` makes them, and the ``TrackingStatus`` of each."""

    @abstractmethod
    def is_signed(self, call: Call, secret: bytes) -> bool:
        """Whether somebody made ``call`` who knows ``secret``, which is never empty. Compare bytes in constant time; never raise."""

    def signed_at(self, call: Call) -> Any:
        """The time that the signature covers, as it was told; ``None`` if it covers none."""
        return None

    @abstractmethod
    def told(self, payload: Any) -> Iterable[Told]:
        """Every sighting in ``payload``, which may be anything; none for events about something else. May raise ``ValueError``."""

    def parse(self, payload: Any, account: Account) -> Parsed:
        """The sightings in ``payload``. One that cannot be read does not spoil the others; raises ``ValueError`` if it is nothing."""
        read = [sighting_of(told, account.zone, carrier=account.carrier, statuses=self.statuses) for told in self.told(payload)]
        found = [each for each in read if each is not None]
        return Parsed(found, len(read) - len(found))


def sighting_of(told: Told, zone: ZoneInfo, *, carrier: str = "", statuses: Mapping[str, str] | None = None) -> Sighting | None:
    """``told`` cleaned, with its time and status read; ``None`` if it names no tracking number. Never raises."""
    number = compact(told.number)
    if not number:
        return None
    status, detail = clean(told.status, 100), clean(told.detail, 100)
    moment = times.read(told.time, zone)
    earliest, latest = times.read_day(told.earliest), times.read_day(told.latest)
    if earliest and latest and earliest > latest:
        earliest = latest
    return Sighting(
        tracking_number=number, carrier=clean(told.carrier, 100) or carrier[:100], status=normalise(status, detail, statuses),
        raw_status=_words(status, detail), text=clean(told.text, 300), place=clean(told.place, 200), occurred_at=moment.at,
        raw_time=moment.raw, time_is_sure=moment.is_sure, estimate_earliest=earliest if latest else None,
        estimate_latest=latest or earliest, event_id=clean(told.event_id, 190),
    )


def _words(status: str, detail: str) -> str:
    return (f"{status}: {detail}" if status and detail and status.casefold() != detail.casefold() else status or detail)[:100]
