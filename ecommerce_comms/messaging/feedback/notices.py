"""A provider's event in our words, with nothing in it that a database or a log could choke on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import blake2b
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType

from ecommerce_comms import clock, keys
from ecommerce_comms.customers.hashing import address_hashes
from ecommerce_comms.masking import mask
from ecommerce_comms.messaging.backends.marks import METADATA
from ecommerce_comms.messaging.feedback.hardness import is_hard
from ecommerce_comms.messaging.models import ProviderEvent

Kind = ProviderEvent.Kind
KINDS: dict[object, str] = {
    EventType.QUEUED: Kind.ACCEPTED,
    EventType.SENT: Kind.ACCEPTED,
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.BOUNCED: Kind.BOUNCED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.REJECTED: Kind.REJECTED,
    EventType.FAILED: Kind.REJECTED,
}
"""Everything else, such as who opened a mail when, is none of our business."""
OWN_KINDS: dict[tuple[str, object], str] = {("postal", EventType.FAILED): Kind.BOUNCED}
"""Where django-anymail's word means something else: Postal's HardFail is what a mail server answered."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One event about one recipient."""

    key: str
    """Unique for the event; ends with the hash of the address, so that a notice that waits still knows whom it is about."""
    provider: str
    kind: str
    is_hard: bool
    hashes: tuple[str, ...]
    """Those of the recipient's address; none if the event names nobody."""
    message_uid: UUID | None
    provider_message_id: str
    occurred_at: datetime
    detail: str


def notice_of(provider: str, event: AnymailTrackingEvent) -> Notice:
    """``event`` as django-anymail reads it, of the provider by that name. Raises whatever a malformed one leads to."""
    kind = OWN_KINDS.get((provider, event.event_type)) or KINDS.get(event.event_type, Kind.OTHER)
    recipient, said = clean(event.recipient, 321), clean(f"{event.description or ''} {event.mta_response or ''}", 1000)
    hashes = tuple(address_hashes(recipient)) if "@" in recipient and len(recipient) <= 320 else ()
    return Notice(
        key=_key(provider, event, hashes), provider=provider, kind=kind,
        is_hard=kind in (Kind.BOUNCED, Kind.REJECTED) and is_hard(provider, event.esp_event, said),
        hashes=hashes, message_uid=_uid(event.metadata), provider_message_id=clean(event.message_id, 190).strip("<>"),
        occurred_at=moment(event.timestamp), detail=mask(said)[:500],
    )


def clean(value: object, limit: int) -> str:
    """At most ``limit`` characters of a text or number, without what no database takes; empty for anything else."""
    return _UNFIT.sub(" ", str(value)[:limit]).strip() if isinstance(value, (str, int)) else ""


def _key(provider: str, event: AnymailTrackingEvent, hashes: tuple[str, ...]) -> str:
    """Of the provider's own number, or of all that the event says where it gives none (Brevo, Mailjet, Unisender Go).

    One notification of Amazon's may be about several recipients. Mailgun's number is the token that it has signed instead of
    the event: whoever caught one must not sign something else with it, so there it alone is the key.
    """
    number = event.event_id or json.dumps(event.esp_event, sort_keys=True, default=str)
    made = digest(str(number))
    return keys.make(provider, made) if provider == "mailgun" else keys.make(provider, made, hashes[0] if hashes else "-")


def digest(what: object) -> str:
    """32 hex digits that stand for a text, or for plain data."""
    text = what if isinstance(what, str) else json.dumps(what, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _uid(metadata: object) -> UUID | None:
    mark = metadata.get(METADATA) if isinstance(metadata, dict) else None
    try:
        return UUID(hex=mark) if isinstance(mark, str) else None
    except ValueError:
        return None


def moment(at: Any) -> datetime:
    """When it happened: not in the future, and now if nobody knows."""
    now = clock.now()
    if not isinstance(at, datetime):
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=timezone.utc), now).astimezone(timezone.utc)
