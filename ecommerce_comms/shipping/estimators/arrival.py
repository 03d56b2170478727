"""When a parcel that has left arrives: transit time in delivery days, and the opening days of pick-up points."""

from __future__ import annotations

from datetime import date, timedelta

from ecommerce_comms.shipping.calendars import Calendar
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.models import Peak, PickupPoint, Service
from ecommerce_comms.shipping.offers import Offer
from ecommerce_comms.shipping.tables import Tables
from ecommerce_comms.zones import zone

GIVEN_UP = timedelta(days=30)
"""So long after its last day nobody can say any more when a parcel arrives."""
_LEAST_MORE = 1

Window = tuple[date, date]


def arrival(table: Tables, offer: Offer, left: Window, request: EstimateRequest) -> Window | None:
    """The window in which ``offer`` brings what leaves within ``left``; ``None`` if it should have been there long ago.

    Raises ``NoOpenDay`` if nothing is ever delivered.
    """
    calendar = delivery_days(table, offer, request, left[0].year)
    fast, slow = offer.transit_days
    window = (
        calendar.add_open_days(left[0], fast),
        calendar.add_open_days(left[1], slow, table.slowdown(Peak.Slows.TRANSIT, offer.service.carrier_id)),
    )
    still = _from_now_on(calendar, window, offer, request)
    return still and _fetched(table, offer, still, request)


def delivery_days(table: Tables, offer: Offer, request: EstimateRequest, year: int) -> Calendar:
    """The days on which ``offer`` is brought to the destination."""
    place = request.destination
    return table.calendar(place.country, place.region, offer.delivery_days, year, carrier=offer.service.carrier_id)


def opening_days(table: Tables, point: PickupPoint, offer: Offer, year: int) -> Calendar:
    """The days on which a parcel can be fetched at ``point``."""
    return table.calendar(point.country, point.region, point.opening_days, year, carrier=offer.service.carrier_id)


def _from_now_on(calendar: Calendar, window: Window, offer: Offer, request: EstimateRequest) -> Window | None:
    """``window`` without the days that have passed; if all have, the next possible days, as many as the way may differ."""
    if request.now is None:
        return window
    today = request.now.astimezone(zone(request.time_zone)).date()
    if today <= window[0]:
        return window
    soonest = calendar.next_open(today)
    if today <= window[1]:
        return min(soonest, window[1]), window[1]
    fast, slow = offer.transit_days
    return (soonest, calendar.add_open_days(soonest, max(slow - fast, _LEAST_MORE))) if today - window[1] <= GIVEN_UP else None


def _fetched(table: Tables, offer: Offer, window: Window, request: EstimateRequest) -> Window:
    """When it can be fetched, whichever of the near points the customer takes; ``window`` itself if it is brought to the door."""
    if offer.service.kind != Service.Kind.POINT:
        return window
    points = table.points.nearest(offer.service, request.destination)
    days = [opening_days(table, point, offer, window[0].year) for point in points]
    ends = [(each.next_open(window[0]), each.next_open(window[1])) for each in days]
    return (min(first for first, _last in ends), max(last for _first, last in ends)) if ends else window
