"""Which zone a destination lies in: the closest match wins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ecommerce_comms.shipping.calendars import region_code
from ecommerce_comms.snapshots import AddressSnapshot

EVERYWHERE, COUNTRY, REGION, POSTCODE = 0, 1, 100, 1000
"""How close a match is. Among postcodes, each sign that must be the same makes it closer."""
_SIGN, _RANGE = 10, 5
_HALF = 5
_APART = re.compile(r"[,;\n]+")
_BETWEEN = re.compile(r"\s*(?:\.{2,}|…|–|\s-\s)\s*")
_NOT_A_SIGN = re.compile(r"[^0-9A-Z]")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the form in which places are compared."""

    country: str = ""
    region: str = ""
    """The short code where the region is known."""
    postcode: str = ""
    """Capitals and digits only."""


def where(address: AddressSnapshot) -> Where:
    """``address``, ready to be compared."""
    return place(address.country, address.region, address.postcode)


def place(country: str, region: str = "", postcode: str = "") -> Where:
    """A place from what people wrote."""
    code = country.strip().upper()
    return Where(code, region_code(code, region), _signs(postcode))


@dataclass(frozen=True, slots=True)
class Postcodes:
    """From the first to the last, both included, compared by as many signs as they have. One beginning is both."""

    first: str
    last: str

    def closeness(self, postcode: str) -> int:
        """How close ``postcode`` is met; 0 if it is not one of these."""
        size = len(self.first)
        if len(postcode) < size or not self.first <= postcode[:size] <= self.last:
            return 0
        if self.first == self.last:
            return POSTCODE + _SIGN * size
        same = next(index for index, pair in enumerate(zip(self.first, self.last, strict=True)) if len(set(pair)) > 1)
        return POSTCODE + _SIGN * same + _RANGE


@dataclass(frozen=True, slots=True)
class Part:
    """A country, or a part of one."""

    place: Where
    postcodes: tuple[Postcodes, ...] = field(default=())

    def closeness(self, there: Where) -> int | None:
        """How close ``there`` is met; ``None`` if it lies elsewhere."""
        mine = self.place
        if mine.country != there.country or mine.region not in ("", there.region):
            return None
        base = REGION if mine.region else COUNTRY
        if not self.postcodes:
            return base
        best = max(each.closeness(there.postcode) for each in self.postcodes)
        return best + base if best else None


def closeness(parts: Iterable[Part], there: Where) -> int | None:
    """How close the closest of ``parts`` is; no parts at all are everywhere."""
    found, any_part = None, False
    for part in parts:
        any_part = True
        close = part.closeness(there)
        if close is not None and (found is None or close > found):
            found = close
    return found if any_part else EVERYWHERE


def read_countries(text: str) -> tuple[list[str], list[str]]:
    """The countries that ``text`` names, in capitals, and the words in it that are none."""
    words = [word.upper() for word in re.split(r"[\s,;]+", text) if word]
    return [word for word in words if _COUNTRY.fullmatch(word)], [word for word in words if not _COUNTRY.fullmatch(word)]


def read_postcodes(text: str) -> tuple[tuple[Postcodes, ...], list[str]]:
    """The postcodes that ``text`` names, and the entries in it that are none.

    Two codes of the same length with a dash between them are a range ("110001-110096"); where postcodes themselves
    contain dashes, write the range with dots ("01000-000..05999-999").
    """
    entries = [entry.strip().upper() for entry in _APART.split(text) if entry.strip()]
    read = {entry: _read_entry(entry) for entry in entries}
    return tuple(found for found in read.values() if found), [entry for entry, found in read.items() if not found]


def _read_entry(entry: str) -> Postcodes | None:
    ends = [_signs(end) for end in _BETWEEN.split(entry)]
    halves = [_signs(half) for half in entry.split("-")]
    # No postcode has two such long halves ("90210-1234" has not): whoever wrote that meant a range.
    if len(ends) == 1 and len(halves) == 2 and (len(halves[0]) == len(halves[1]) or min(map(len, halves)) >= _HALF):
        ends = halves
    if not all(ends) or len(ends) > 2 or len(ends[0]) != len(ends[-1]) or ends[0] > ends[-1]:
        return None
    return Postcodes(ends[0], ends[-1])


def _signs(postcode: str) -> str:
    return _NOT_A_SIGN.sub("", postcode.upper())
