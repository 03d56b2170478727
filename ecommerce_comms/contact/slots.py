"""When somebody is rung up: the shop's calling hours, the hours that suit the customer, and never at night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from ecommerce_comms.conf import conf
from ecommerce_comms.contact import hours
from ecommerce_comms.contact.hours import Span, Stretch, Week
from ecommerce_comms.customers import calling
from ecommerce_comms.messaging import quiet
from ecommerce_comms.zones import zone

AHEAD_DAYS = 15
"""So far ahead is looked: two weeks, and today."""
MOST = timedelta(hours=12)
"""Nor is one that goes on for days: whoever is to be called is called by then, or it is told that nobody did."""
LEAST = timedelta(minutes=15)
"""A slot of which less is left is no slot: nobody would get round to it."""


def next_slot(after: datetime, *, time_zone: str, wishes: str = "") -> Stretch | None:
    """The next stretch from ``after`` on (aware) in which the shop calls, the customer is awake, and it suits them.

    ``time_zone`` is the IANA name of the customer's, ``wishes`` as in ``Customer.call_times``. If the wish fits the shop's hours
    nowhere within two weeks, any waking hour will do; ``None`` if there is none of these either.
    """
    wide = _possible(after, time_zone)
    wished = hours.both(wide, _stretches(_wish(wishes), time_zone, after)) if wishes else wide
    return _first(wished, after) or _first(wide, after)


def fits_wish(slot: Stretch, *, time_zone: str, wishes: str) -> bool:
    """Whether ``slot`` lies within the hours that the customer named, or the customer named none."""
    if not wishes:
        return True
    return any(each.start <= slot.start and slot.end <= each.end for each in _stretches(_wish(wishes), time_zone, slot.start))


def within_hours(slot: Stretch) -> Stretch | None:
    """The first part of ``slot`` that lies within the shop's calling hours; ``None`` if none does."""
    shop = hours.stretches(_shop_week(), zone(conf.time_zone), _day_before(slot.start, conf.time_zone), (slot.end - slot.start).days + 3)
    return next(iter(hours.both([slot], shop)), None)


def upcoming(after: datetime, *, time_zone: str) -> list[Stretch]:
    """Every stretch of the next two weeks in which the shop calls and the customer is awake, for a page that lets them choose."""
    found = (Stretch(max(each.start, after), each.end) for each in _possible(after, time_zone))
    return [each for each in found if each.end - each.start >= LEAST]


def _possible(after: datetime, time_zone: str) -> list[Stretch]:
    shop = _stretches(_shop_week(), conf.time_zone, after)
    return hours.both(shop, _stretches(_awake(), time_zone, after))


def _first(found: Sequence[Stretch], after: datetime) -> Stretch | None:
    left = (Stretch(max(each.start, after), each.end) for each in found)
    first = next((each for each in left if each.end - each.start >= LEAST), None)
    return first and Stretch(first.start, min(first.end, first.start + MOST))


def _stretches(week: Week, time_zone: str, after: datetime) -> list[Stretch]:
    return hours.stretches(week, zone(time_zone), _day_before(after, time_zone), AHEAD_DAYS + 1)


def _day_before(moment: datetime, time_zone: str) -> date:
    """The local day before: what began on it may last past midnight."""
    return moment.astimezone(zone(time_zone)).date() - timedelta(days=1)


def _shop_week() -> Week:
    return hours.week(conf.CALL_HOURS)


@lru_cache(maxsize=512)
def _wish(text: str) -> Week:
    """What a customer wrote; any hour if nobody can read it."""
    try:
        times = calling.parse(text)
    except ValueError:
        times = None
    return (tuple(Span(*window) for window in times.windows),) * 7 if times else hours.ALWAYS


def _awake() -> Week:
    """Every hour that is none of the quiet ones."""
    night = quiet.parse(conf.QUIET_HOURS)
    if night is None:
        return hours.ALWAYS
    return hours.week(f"{night.end:%H:%M}-{night.start:%H:%M}")
