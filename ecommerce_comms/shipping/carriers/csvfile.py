"""Scans from a CSV file, as carriers mail them and spreadsheets save them. What is wrong is said by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ecommerce_comms.shipping.carriers.base import Told, sighting_of
from ecommerce_comms.shipping.carriers.sightings import Sighting

COLUMNS: dict[str, tuple[str, ...]] = {
    "tracking_number": ("number", "tracking", "awb", "awb_number", "consignment", "waybill", "tracking_no"),
    "status": ("state", "event"),
    "occurred_at": ("time", "date", "datetime", "timestamp", "event_time"),
    "carrier": ("courier",),
    "detail": ("sub_status", "substatus"),
    "text": ("message", "remark", "remarks", "description"),
    "place": ("location", "city", "facility"),
    "earliest": (),
    "latest": ("estimated_delivery", "expected_delivery", "edd", "eta"),
    "id": ("event_id",),
}
"""The columns, and what else each may be called."""
NEEDED = ("tracking_number", "status", "occurred_at")


class NotReadable(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Line:
    """One line of the file: a sighting, or what is wrong."""

    number: int
    """As an editor counts, the header is 1."""
    sighting: Sighting | None = None
    error: str = ""


def decode(data: bytes) -> str:
    """The text of a file. Raises ``NotReadable``."""
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(coding)
    except UnicodeDecodeError:
        raise NotReadable(_("The file is not written in UTF-8. Save it as “CSV UTF-8” and try again.")) from None


def lines(text: Iterable[str], zone: ZoneInfo, *, carrier: str = "") -> Iterator[Line]:
    """Each line of the file ``text``, which may be a text or an open file. Raises ``NotReadable`` if its header is none.

    Times without an offset are meant in ``zone``; ``carrier`` is who is meant where no column says so.
    """
    rest = iter(io.StringIO(text) if isinstance(text, str) else text)
    header = next(rest, "").lstrip("\ufeff")
    reader = csv.reader(rest, delimiter=max(",;\t", key=header.count))
    places = _places(next(csv.reader([header], delimiter=max(",;\t", key=header.count)), []))
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(reader.line_num + 1, error=_("The line cannot be read: %(error)s.") % {"error": error})
            continue
        if any(value.strip() for value in values):
            yield _line(reader.line_num + 1, {name: values[place] for name, place in places.items() if place < len(values)}, zone, carrier)


def _places(names: list[str]) -> dict[str, int]:
    plain = [name.strip().strip("\"'").casefold().replace(" ", "_").replace("-", "_") for name in names]
    found = {}
    for column, others in COLUMNS.items():
        place = next((plain.index(name) for name in (column, *others) if name in plain), None)
        if place is not None:
            found[column] = place
    if missing := [name for name in NEEDED if name not in found]:
        raise NotReadable(_("The first line has to name the columns; there is no %(missing)s. It may name %(columns)s.") % {
            "missing": ", ".join(missing), "columns": ", ".join(COLUMNS)})
    return found


def _line(number: int, values: dict[str, str], zone: ZoneInfo, carrier: str) -> Line:
    told = Told(
        number=values.get("tracking_number"), carrier=values.get("carrier"), status=values.get("status"), detail=values.get("detail"),
        text=values.get("text"), place=values.get("place"), time=values.get("occurred_at"), earliest=values.get("earliest"),
        latest=values.get("latest"), event_id=values.get("id"),
    )
    sighting = sighting_of(told, zone, carrier=carrier)
    if sighting is None:
        return Line(number, error=_("There is no tracking number."))
    if not sighting.raw_status:
        return Line(number, error=_("There is no status."))
    if sighting.occurred_at is None:
        return Line(number, error=_("The time “%(time)s” cannot be read; write it as 2026-03-02 14:30.") % {"time": sighting.raw_time})
    for name in ("earliest", "latest"):
        if values.get(name, "").strip() and not (sighting.estimate_latest if name == "latest" else sighting.estimate_earliest):
            said = {"day": values[name].strip()[:40]}
            return Line(number, error=_("The day “%(day)s” cannot be read; write it as 2026-03-02.") % said)
    return Line(number, sighting)
