"""Carriers by their many names: ``DHL Express``, ``dhl_express`` and ``DHL`` are one. A merchant's own carriers go first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecommerce_comms.shipping.carriers.known import CARRIERS
from ecommerce_comms.shipping.kept import Kept
from ecommerce_comms.shipping.models import Carrier

_NOISE = re.compile(r"[\W_]+")
_ENDINGS = re.compile(r"(couriers?|logistics|express|parcels?|shipping|webhook|api|ltd|limited|inc|gmbh|llc|pvt)+$")


@dataclass(frozen=True)
class _Own:
    """What the merchant's rows say."""

    codes: dict[str, str]
    """By plain name."""
    pages: dict[str, str]
    """Addresses with ``{number}``, by code."""


def plain(name: str) -> str:
    """Small letters and digits alone."""
    return _NOISE.sub("", name.casefold())


def code(name: str) -> str:
    """The code of the carrier called ``name``, such as ``dhl``; its plain letters if nobody knows it; empty for empty."""
    key = plain(name)
    own = _kept.get().codes
    short = _ENDINGS.sub("", key)
    return own.get(key) or _CODES.get(key) or own.get(short) or _CODES.get(short) or key


def is_known(name: str) -> bool:
    """Whether a carrier of that name is known, to the app or to the merchant."""
    found = code(name)
    return found in CARRIERS or found in _kept.get().codes.values()


def page(name: str) -> str:
    """Where the carrier called ``name`` shows its parcels, with ``{number}``: the merchant's word, else ours; empty if nobody knows."""
    found = code(name)
    known = CARRIERS.get(found)
    return _kept.get().pages.get(found) or (known.url if known else "")


def same(one: str, other: str) -> bool:
    """Whether two names may mean one carrier: who is not named contradicts nobody."""
    first, second = code(one), code(other)
    if not first or not second or first == second:
        return True
    return not (is_known(one) and is_known(other)) and (first.startswith(second) or second.startswith(first))


_CODES = {plain(alias): key for key, carrier in CARRIERS.items() for alias in (key, carrier.name, *carrier.aliases)}


def _load() -> _Own:
    codes: dict[str, str] = {}
    pages: dict[str, str] = {}
    for row in Carrier.objects.all():
        words = [word for word in map(plain, (row.code, row.name, *row.known_as)) if word]
        ours = next((_CODES[word] for word in words if word in _CODES), plain(row.code))
        codes |= dict.fromkeys(words, ours)
        if row.tracking_url:
            pages[ours] = row.tracking_url
    return _Own(codes, pages)


_kept = Kept(_load, (Carrier,))
