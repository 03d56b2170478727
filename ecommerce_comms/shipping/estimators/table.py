"""Arrival dates from the merchant's own table: cut-off, handling time, transit time, closed days, peaks."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.estimators.arrival import Window, arrival
from ecommerce_comms.shipping.estimators.base import Estimate, EstimateRequest, ShippingEstimator
from ecommerce_comms.shipping.estimators.departure import Departure, departure
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.shipping.offers import Offer
from ecommerce_comms.shipping.tables import Tables, tables


class Figures(NamedTuple):
    """What the merchant's own table says, in days that are open at the warehouse and at the destination; without peaks."""

    handling: tuple[int, int]
    """From the day for which the order counts to the day it leaves, at best and at worst; 0 is the same day."""
    transit: tuple[int, int]
    """From the day it leaves to its arrival."""


class TableEstimator(ShippingEstimator):
    """Adds handling time and transit time in working days. No warehouse or no shipping option: no date rather than a wrong one."""

    @property
    def tells_chances(self) -> bool:
        """A table knows days, and no chances."""
        return False

    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """The window for ``request``, that of the last parcel if several warehouses send one.

        ``None`` if the merchant's table does not cover it.
        """
        return from_table(tables(), request)


def from_table(table: Tables, request: EstimateRequest) -> Estimate | None:
    """What ``TableEstimator`` says, from ``table``."""
    houses, offers = table.warehouses_for(request.lines, request.origin), _offers(table, request)
    if not houses or not offers:
        return None
    try:
        left = [departure(table, house, request) for house in houses]
        windows = [_widest(table, offers, each, request) for each in left]
    except (NoOpenDay, OverflowError):  # a calendar that is never open, or a year beyond all calendars
        return None
    known = [window for window in windows if window]
    if len(known) < len(left):
        return None
    last = max(range(len(left)), key=lambda number: known[number][::-1])
    return Estimate(
        earliest=max(first for first, _last in known), latest=max(last for _first, last in known), source=Promise.Source.RULE,
        reason=f"{left[last].reason}; {_transit_in_words(offers)}.",
        order_by=min((each.order_by for each in left if each.order_by), default=None),
    )


def soonest(table: Tables, request: EstimateRequest) -> date | None:
    """The day at the destination before which nothing leaves: that for which the order counts. ``None`` if no warehouse knows one.

    It is no date of the table's: an earlier cut-off, or another closed day, moves it on and never back.
    """
    try:
        days = [departure(table, house, request).soonest for house in table.warehouses_for(request.lines, request.origin)]
    except (NoOpenDay, OverflowError):
        return None
    return max((day for day in days if day), default=None)


def figures(request: EstimateRequest) -> Figures | None:
    """The merchant's own days for ``request``; ``None`` if the table does not cover it."""
    table = tables()
    houses, offers = table.warehouses_for(request.lines, request.origin), _offers(table, request)
    if not houses or not offers:
        return None
    handling = [sorted((house.handling_days_min, house.handling_days_max)) for house in houses]
    transit = [offer.transit_days for offer in offers]
    return Figures(
        handling=(max(days[0] for days in handling), max(days[1] for days in handling)),
        transit=(min(days[0] for days in transit), max(days[1] for days in transit)),
    )


def _offers(table: Tables, request: EstimateRequest) -> list[Offer]:
    """The option that was chosen; all that could have been, if it is not known."""
    chosen = table.offer(request.service, request.destination, request.lines)
    return [chosen] if chosen else table.reaching(request.destination, request.lines)


def _widest(table: Tables, offers: list[Offer], left: Departure, request: EstimateRequest) -> Window | None:
    """From the earliest to the latest day of all ``offers``; ``None`` if one of them cannot say."""
    windows = [arrival(table, offer, (left.earliest, left.latest), request) for offer in offers]
    known = [window for window in windows if window]
    return (min(first for first, _last in known), max(last for _first, last in known)) if len(known) == len(windows) else None


def _transit_in_words(offers: list[Offer]) -> str:
    fast = min(offer.transit_days[0] for offer in offers)
    slow = max(offer.transit_days[1] for offer in offers)
    days = f"{fast}" if fast == slow else f"{fast} to {slow}"
    name = offers[0].service.name if len(offers) == 1 else "any of the shipping options"
    return f"{name} takes {days} delivery {'day' if slow == 1 else 'days'}"
