"""The arrival window as a file for calendars (RFC 5545), which a later mail about the same delivery replaces or takes back (RFC 5546).

Nothing in it depends on when it is made: a mail that is tried again carries the same file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256

from ecommerce_comms.messaging.backends.base import Attachment
from ecommerce_comms.messaging.plain import one_line
from ecommerce_comms.messaging.speaking.layout.parts import Parts, reach

NAME = "delivery.ics"
LONGEST_LINE = 75
"""Octets of a line, without its end (RFC 5545, 3.1)."""
_EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
_STATUS = {"PUBLISH": "CONFIRMED", "CANCEL": "CANCELLED"}
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def attachments(parts: Parts) -> tuple[Attachment, ...]:
    """The file for the window of this message; none if it has no window, or one that has passed."""
    method, days = parts.shape.calendar, _days(parts)
    if not method or parts.made_at is None or not days or not parts.order or days[1] < parts.made_at.date():
        return ()
    text = "".join(f"{line}\r\n" for whole in _lines(parts, method, parts.made_at, *days) for line in fold(whole))
    return (Attachment(name=NAME, content_type=f"text/calendar; charset=utf-8; method={method}", content=text.encode()),)


def _lines(parts: Parts, method: str, made_at: datetime, first: date, last: date) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//django-ecommerce-comms//Deliveries//EN", "CALSCALE:GREGORIAN")
    yield from (f"METHOD:{method}", "BEGIN:VEVENT")
    yield f"UID:{uid(parts)}"
    yield f"DTSTAMP:{made_at.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}"
    # Seconds since a day long ago: of two messages about one delivery the later one has the greater number, and so counts.
    yield f"SEQUENCE:{max(0, int((made_at - _EPOCH).total_seconds()))}"
    yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(_title(parts))}"
    if method == "PUBLISH":
        yield f"DESCRIPTION:{escape(_note(parts))}"
        if (url := reach(parts.facts, "order.url")) and not parts.shape.others:
            yield f"URL:{url}"
    if email := one_line(reach(parts.facts, "shop.email")):
        name = parts.shop.replace('"', "'")
        yield f'ORGANIZER;CN="{name}":mailto:{email}' if name else f"ORGANIZER:mailto:{email}"
    yield from (f"STATUS:{_STATUS[method]}", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR")


def uid(parts: Parts) -> str:
    """The same for every message about a delivery: the whole order's, which its first parcel takes over, or a further parcel's own."""
    parcel = parts.facts["parcel"]
    own = str(parcel.get("reference", "")) if parcel.get("number", 1) > 1 else ""
    known = "\n".join((parts.shop, reach(parts.facts, "order.number"), own))
    return f"{sha256(known.encode('utf-8', 'replace')).hexdigest()[:32]}@ecommerce-comms"


def escape(text: str) -> str:
    """``text`` as a value of the type TEXT (RFC 5545, 3.3.11)."""
    return text.translate(_ESCAPES)


def fold(line: str) -> Iterator[str]:
    """``line`` in lines of at most 75 octets, each but the first begun with a blank; no letter is cut in two."""
    if len(line) <= LONGEST_LINE and line.isascii():
        yield line
        return
    room, current = LONGEST_LINE, ""
    for letter in line:
        size = len(letter.encode("utf-8", "replace"))
        if size > room:
            yield current
            room, current = LONGEST_LINE - 1, " "
        current += letter
        room -= size
    yield current


def _days(parts: Parts) -> tuple[date, date] | None:
    promise = parts.facts["promise"]
    try:
        days = sorted(date.fromisoformat(str(promise[name])[:10]) for name in ("earliest", "latest") if name in promise)
    except ValueError:
        return None
    return (days[0], min(days[-1], date.max - timedelta(days=1))) if days else None


def _title(parts: Parts) -> str:
    labels = parts.labels
    return labels["calendar_title"].format(shop=parts.shop) if parts.shop else labels["calendar_title_unnamed"]


def _note(parts: Parts) -> str:
    note = parts.labels["calendar_note_others" if parts.shape.others else "calendar_note"]
    rows = [parts.order, *(f"{label}: {value}" for label, value, _ in parts.tracking), note]
    return "\n".join(rows)
