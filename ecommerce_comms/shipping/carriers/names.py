"""Carriers by their many names: ``DHL Express``, ``dhl_express`` and ``DHL`` are one."""

from __future__ import annotations

import re

from ecommerce_comms.shipping.carriers.known import CARRIERS

_NOISE = re.compile(r"[^a-z0-9]+")
_ENDINGS = re.compile(r"(courier|couriers|logistics|express|parcel|parcels|shipping|webhook|api|ltd|limited|inc|gmbh|llc|pvt)+$")


def plain(name: str) -> str:
    """Small letters and digits alone."""
    return _NOISE.sub("", name.casefold())


def code(name: str) -> str:
    """The code of the carrier called ``name``, such as ``dhl``; ``name`` itself in plain letters if nobody knows it; empty for empty."""
    key = plain(name)
    return _CODES.get(key) or _CODES.get(_ENDINGS.sub("", key)) or key


def is_known(name: str) -> bool:
    """Whether a carrier of that name is known."""
    return code(name) in CARRIERS


def same(one: str, other: str) -> bool:
    """Whether two names may mean one carrier: nobody who is not named contradicts."""
    first, second = code(one), code(other)
    return not first or not second or first == second or (first not in CARRIERS and second not in CARRIERS and _is_part(first, second))


def _is_part(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


_CODES = {plain(alias): key for key, carrier in CARRIERS.items() for alias in (key, carrier.name, *carrier.aliases)}
