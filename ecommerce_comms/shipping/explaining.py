"""Why an option arrives when it does, or is not offered: step by step, in the merchant's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from ecommerce_comms.shipping import words
from ecommerce_comms.shipping.calendars import Calendar, NoOpenDay, holiday_names
from ecommerce_comms.shipping.estimators.arrival import delivery_days
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.estimators.departure import Departure, calendar_of, cut_off, cut_off_time, departure
from ecommerce_comms.shipping.models import Peak, Promise, Service, Warehouse
from ecommerce_comms.shipping.offers import Offer, choose, value_of, weight_of
from ecommerce_comms.shipping.options import Option, quote
from ecommerce_comms.shipping.reach import place, where
from ecommerce_comms.shipping.tables import Tables, days_of, tables
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from ecommerce_comms.zones import zone

MOST_NAMED = 12
"""Closed days beyond this are not listed one by one."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One shipping option, with what led to its window."""

    name: str
    option: Option | None = None
    """``None`` if it is not offered."""
    steps: tuple[str, ...] = ()
    """One sentence each, in the order in which a parcel travels; for an option that is not offered, why."""


def explain(
    destination: AddressSnapshot, *, at: datetime, lines: Sequence[LineSnapshot] = (), time_zone: str = "", currency: str = ""
) -> list[Explained]:
    """Every option of the shop: first what ``quote`` offers with the steps to its window, then what is not offered and why."""
    table, offered = tables(), quote(destination, at=at, lines=lines, time_zone=time_zone, currency=currency)
    request = EstimateRequest(ordered_at=at, destination=destination, time_zone=zone(time_zone).key, lines=tuple(lines))
    codes = {option.code for option in offered}
    told = [Explained(name=option.name, option=option, steps=_steps_of(table, option, request)) for option in offered]
    left_out = [service for code, service in table.services.items() if code not in codes]
    return [*told, *(Explained(name=each.name, steps=(_why_not(table, each, request, currency),)) for each in left_out)]


def _steps_of(table: Tables, option: Option, request: EstimateRequest) -> tuple[str, ...]:
    try:
        return tuple(_steps(table, option, request))
    except (NoOpenDay, OverflowError):  # a date that another estimator knows, and the table does not
        return (option.reason,)


def _steps(table: Tables, option: Option, request: EstimateRequest) -> Iterator[str]:
    offer = table.offer(option.code, request.destination, request.lines)
    if offer is None or option.latest is None or option.earliest is None:
        yield _no_date(table, request)
        return
    for house in table.warehouses_for(request.lines):
        left = departure(table, house, request)
        yield from _leaving(table, house, left, request)
        if option.source == Promise.Source.RULE:
            yield from _travelling(table, offer, left, option, request)
    if option.source != Promise.Source.RULE:
        yield _("Your own deliveries say more than the table: %(reason)s") % {"reason": option.reason}
    if option.kind == Service.Kind.POINT:
        names = [f"{point.name} ({words.week(point.opening_days)})" for point in option.points]
        yield _("It is fetched while a pick-up point is open: %(points)s") % {"points": ", ".join(names) or "…"}
    yield _("Arrives %(window)s.") % {"window": words.span(option.earliest, option.latest)}


def _leaving(table: Tables, house: Warehouse, left: Departure, request: EstimateRequest) -> Iterator[str]:
    local = request.ordered_at.astimezone(zone(house.time_zone))
    calendar = calendar_of(table, house, request.ordered_at)
    told = {"house": house.name, "time": time_format(local, "H:i"), "day": words.day(local.date())}
    if not calendar.is_open(local.date()):
        yield _("Ordered on %(day)s at %(time)s by the clock of %(house)s: nothing is packed that day.") % told
    else:
        told["cut_off"] = time_format(cut_off_time(house, local.date()), "H:i")
        in_time = request.ordered_at <= cut_off(house, local.date())
        yield (_("Ordered on %(day)s at %(time)s by the clock of %(house)s: in time, orders count until %(cut_off)s.") if in_time else
               _("Ordered on %(day)s at %(time)s by the clock of %(house)s: too late for that day, orders count until %(cut_off)s.")) % told
    if left.counts_for is None or left.leaves is None:
        return
    skipped = _skipped(table, calendar, local.date(), left.leaves[1], house.country, house.region, warehouse=house.pk)
    if skipped:
        yield _("Not packed on: %(days)s.") % {"days": skipped}
    least_most = words.days((house.handling_days_min, house.handling_days_max))
    told = {"day": words.day(left.counts_for), "days": least_most, "leaves": words.span(*left.leaves)}
    yield _("The order counts for %(day)s. It leaves %(days)s working days later: %(leaves)s.") % told
    yield from _peaks(table, Peak.Slows.HANDLING, house.pk, left.counts_for, left.leaves[1])


def _travelling(table: Tables, offer: Offer, left: Departure, option: Option, request: EstimateRequest) -> Iterator[str]:
    at = request.destination
    told = {"name": offer.service.name, "days": words.days(offer.transit_days), "week": words.week(offer.delivery_days)}
    told["zone"] = offer.rate.zone.name if offer.rate.zone else _("everywhere")
    yield _("“%(name)s” takes %(days)s delivery days there (zone: %(zone)s), and is delivered on: %(week)s.") % told
    last = option.latest or left.latest
    calendar = delivery_days(table, offer, request, left.earliest.year)
    skipped = _skipped(table, calendar, left.earliest, last, at.country, at.region, carrier=offer.service.carrier_id)
    if skipped:
        yield _("Not delivered on: %(days)s.") % {"days": skipped}
    yield from _peaks(table, Peak.Slows.TRANSIT, offer.service.carrier_id, left.earliest, last)


def _skipped(
    table: Tables, calendar: Calendar, first: date, last: date, country: str, region: str, *,
    warehouse: int | None = None, carrier: int | None = None,
) -> str:
    """The closed days from ``first`` to ``last``, holidays and own closed days with their names."""
    closed = [first + number * _DAY for number in range((last - first).days + 1)]
    closed = [each for each in closed if not calendar.is_open(each)]
    told = [words.day(each) + _name(table, each, country, region, warehouse, carrier) for each in closed[:MOST_NAMED]]
    return ", ".join(told) + (" …" if len(closed) > MOST_NAMED else "")


def _name(table: Tables, closed: date, country: str, region: str, warehouse: int | None, carrier: int | None) -> str:
    at = place(country, region)
    own = [row.name for row in table.closed_rows(at, warehouse, carrier) if closed in days_of(row)]
    name = next((each for each in own if each), "") or holiday_names(at.country, at.region, closed.year).get(closed, "")
    return f" ({name})" if name else ""


def _peaks(table: Tables, slows: str, key: int | None, first: date, last: date) -> Iterator[str]:
    for peak in table.peaks_between(slows, key, first, last):
        told = {"name": peak.name, "factor": f"{peak.factor.normalize():f}"}
        yield _("%(name)s: at worst it takes %(factor)s times as long on those days.") % told


def _no_date(table: Tables, request: EstimateRequest) -> str:
    if not table.warehouses_for(request.lines):
        return _("No date: no warehouse is ticked as the one from which parcels leave.")
    try:
        for house in table.warehouses_for(request.lines):
            departure(table, house, request)
    except (NoOpenDay, OverflowError):
        return _("No date: the warehouse never works.")
    return _("No date: nobody can honestly say one. Look at the days of the option and of its pick-up points.")


def _why_not(table: Tables, service: Service, request: EstimateRequest, currency: str) -> str:
    """Why ``service`` is not offered."""
    if not service.is_active:
        return _("Not offered: the option is switched off.")
    groups = table.groups.get(service.pk, ())
    if not groups:
        return _("Not offered: it has no time and price yet.")
    offer = table.offer(service.code, request.destination, request.lines)
    if offer is None:
        told = {"place": words.country(request.destination.country) or _("an unknown country")}
        return _("Not offered: none of its zones reaches %(place)s.") % told
    near = next(group for group in groups if offer.rate in group.rates and group.closeness(where(request.destination)) is not None)
    if choose(near.rates, request.lines) is None:
        told = {"weight": f"{weight_of(request.lines).normalize():f}", "value": f"{value_of(request.lines):f}"}
        return _("Not offered: none of its prices there is for %(weight)s kg and an order of %(value)s.") % told
    if choose(near.rates, request.lines, currency) is None:
        return _("Not offered: it has no price in %(currency)s there.") % {"currency": currency}
    if not offer.rate.is_offered:
        return _("Not offered: it is switched off for this zone, weight or order value.")
    return _("Not offered: there is no pick-up point in this country.")
