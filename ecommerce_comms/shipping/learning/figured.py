"""The merchant's own figures beside the past: what is changed in the set-up counts at once, and gives way again as parcels arrive.

A past that was learnt under other figures says little about an option that was just made slower. So each set of figures of an option
has a beginning, and only parcels that left since then speak against it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import product

from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.estimators.table import Figures
from ecommerce_comms.shipping.learning import cargo
from ecommerce_comms.shipping.tables import Tables

Since = dict[str, dict[str, str]]
"""By option and figures: from when on they count, in ISO 8601; empty if they were there before anything was learnt."""
Arrived = dict[str, dict[str, int]]
"""By option and figures: how many parcels have arrived that left since."""


def key(figures: Figures) -> str:
    """Figures as text: ``0-1+2-3`` for handling of 0 to 1 days and transit of 2 to 3."""
    return "+".join(f"{least}-{most}" for least, most in figures)


def before(arrived: dict[str, int], figures: Figures) -> int:
    """How many parcels have arrived under figures that were nowhere longer than ``figures``; those of the one set that has most."""
    return max((number for each, number in arrived.items() if _is_within(each, figures)), default=0)


def _is_within(key: str, figures: Figures) -> bool:
    known = [int(days) for pair in key.split("+") for days in pair.split("-")]
    return all(mine <= theirs for mine, theirs in zip(known, [day for pair in figures for day in pair], strict=True))


def since(tables: Tables, before: Since | None, until: datetime) -> Since:
    """The figures that ``tables`` hold now, and those that the lesson ``before`` knew (``None``: there was none), with their beginnings."""
    known = before or {}
    found = {option: dict(beginnings) for option, beginnings in known.items()}
    for option, keys in _figures(tables):
        beginnings = found.setdefault(option, {})
        # An option that had no figures yet had its past all the same.
        start = until.isoformat() if option in known else ""
        for each in keys:
            beginnings.setdefault(each, start)
    return found


def arrived(shipments: Iterable[Shipment], beginnings: Since) -> Arrived:
    """How many of ``shipments`` have arrived, for each option and its figures."""
    left: dict[str, list[datetime]] = defaultdict(list)
    for each in shipments:
        if each.delivered_at:
            left[each.service].append(each.shipped_at or each.ordered_at)
    return {
        option: {each: _since(sorted(left[option]), start) for each, start in keys.items()} for option, keys in beginnings.items()
    }


def _since(moments: list[datetime], start: str) -> int:
    """How many of ``moments``, which are in order, are not before ``start``."""
    return len(moments) - (bisect_left(moments, datetime.fromisoformat(start)) if start else 0)


def _figures(tables: Tables) -> Iterable[tuple[str, set[str]]]:
    """Each option with its possible figures: those of every warehouse with those of every zone."""
    handling = {_sorted(house.handling_days_min, house.handling_days_max) for house in tables.warehouses}
    for service in tables.services.values():
        rates = [rate for group in tables.groups.get(service.pk, ()) for rate in group.rates]
        transit = {_sorted(rate.transit_days_min, rate.transit_days_max) for rate in rates}
        yield cargo.name(service.code), {key(Figures(*pair)) for pair in product(handling, transit)}


def _sorted(least: int, most: int) -> tuple[int, int]:
    return (least, most) if least <= most else (most, least)
