"""Arrival dates from the shop's own deliveries: what was learnt of parcels like this one, within what the merchant's table allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.calendars import NoOpenDay
from ecommerce_comms.shipping.engine import EngineSettings
from ecommerce_comms.shipping.estimators.arrival import opening_days
from ecommerce_comms.shipping.estimators.base import Estimate, EstimateRequest, ShippingEstimator, window
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.shipping.estimators.table import TableEstimator, soonest
from ecommerce_comms.shipping.learning import Known, cargo, known
from ecommerce_comms.shipping.learning.grounds import in_words
from ecommerce_comms.shipping.learning.surroundings import surroundings
from ecommerce_comms.shipping.models import Promise, Service
from ecommerce_comms.shipping.tables import Tables
from ecommerce_comms.zones import zone

PRIOR = 10
"""The merchant's own figures for a shipping option weigh as much as so many parcels that arrived by it."""
AFTER = 2
"""Days after the merchant's window in which the rest comes. Not more for wide windows: one that begins later would end earlier."""
_SETTINGS = "settings"
SURE = 200
"""From so many parcels on, they weigh nothing any more."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A request with what was found out for it."""

    request: EstimateRequest
    told: Estimate | None
    """What the merchant's table says."""
    shipment: Shipment
    now: datetime
    """The moment of the question at the destination."""
    brought: Callable[[date], date]
    """The first day from one on, on which it can be brought, or fetched."""
    weight: float
    """Of the merchant's table, 0 to 1."""
    is_least: bool
    """Whether nothing is told that is sooner than the table: its figures were made longer, and nothing has arrived since."""


class HistoryEstimator(ShippingEstimator):
    """The shop's own history; the merchant's table where that is silent, and for an option by which hardly anything was sent yet."""

    def __init__(self) -> None:
        self._table = TableEstimator()

    @property
    def tells_chances(self) -> bool:
        """Once something was learnt."""
        return known() is not None

    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """The window for ``request``; ``None`` if neither history nor table know one."""
        told, learnt = self._table.estimate(request), known()
        if learnt is None:
            return told
        question = self._question(request, told, learnt)
        if question is None:
            return told
        return self._answer(question, learnt, engine.arrival(learnt.state, question.shipment, question.now, _settings(learnt)))

    def estimate_many(self, requests: Sequence[EstimateRequest]) -> list[Estimate | None]:
        """The same for many requests, with what they share looked up once."""
        learnt = known()
        told = self._table.estimate_many(requests)
        if learnt is None:
            return told
        questions = [self._question(request, each, learnt) for request, each in zip(requests, told, strict=True)]
        found = _together(learnt, [question for question in questions if question])
        return [
            self._answer(question, learnt, next(found)) if question else each for question, each in zip(questions, told, strict=True)
        ]

    def outlooks(self, requests: Sequence[EstimateRequest]) -> list[Distribution | None]:
        """The chances alone, as the engine tells them: no words, no days moved, and the merchant's table only where it counts."""
        learnt = known()
        if learnt is None:
            return [None] * len(requests)
        options = len(surroundings().tables.services)
        sure = [learnt.arrived_by(request, options) >= SURE for request in requests]
        told = [None if is_sure else self._table.estimate(request) for is_sure, request in zip(sure, requests, strict=True)]
        questions = [self._question(request, each, learnt) for request, each in zip(requests, told, strict=True)]
        found = _together(learnt, [question for question in questions if question])
        answers = [(question, next(found)) if question else None for question in questions]
        return [_chances(*each) if each and not each[0].is_least else None for each in answers]

    def _question(self, request: EstimateRequest, told: Estimate | None, learnt: Known) -> _Question | None:
        """``None`` where history says nothing about the shipping option, and the merchant does.

        What arrived under shorter figures than those of now says how soon it is at best.
        """
        table = surroundings().tables
        arrived = learnt.arrived_by(request, len(table.services))
        is_least = told is not None and not arrived
        if is_least:
            arrived = learnt.arrived_before(request)
        if told and not arrived:
            return None
        weight = 0.0 if told is None or arrived >= SURE else PRIOR / (PRIOR + arrived)
        ready = soonest(table, request) if told and request.shipped_at is None else None
        shipment, now = _shipment(request, ready), request.moment.astimezone(zone(request.time_zone))
        return _Question(request, told, shipment, now, _brought(table, request, now.year), weight, is_least)

    def _answer(self, question: _Question, learnt: Known, found: Distribution | None) -> Estimate | None:
        """What is told: on days on which something is brought, and none of them past. Where the engine is silent, the table speaks.

        ``None`` for what has been open for so long that it may never come: the table's next days would be made up.
        """
        if found is None:
            return question.told
        try:
            told = self._window(question, found)
        except (NoOpenDay, OverflowError):  # a calendar that is never open
            return None
        if told is None:
            return None if question.request.now else question.told
        reason = in_words(engine.grounds(learnt.state, question.shipment, question.now), question.request, learnt.parcels)
        order_by = question.told.order_by if question.told and question.request.shipped_at is None else None
        learnt_from = replace(told, source=Promise.Source.HISTORY, reason=reason, order_by=order_by)
        return _later(learnt_from, question.told) if question.is_least and question.told else learnt_from

    def _window(self, question: _Question, found: Distribution) -> Estimate | None:
        today = question.now.date()
        still = found.since(today)
        if still is None:
            return None
        if question.weight and question.told and (table := _spread(question.told).since(today)):
            still = still.mixed(table, question.weight)
        return window(still.moved(question.brought))


def _later(one: Estimate, other: Estimate) -> Estimate:
    """The one that ends later, beginning no sooner than either."""
    return replace(max(one, other, key=lambda told: told.latest), earliest=max(one.earliest, other.earliest))


def _chances(question: _Question, found: Distribution | None) -> Distribution | None:
    """``found`` with the merchant's table mixed in where that counts, given that nothing has come before today."""
    today = question.now.date()
    still = found and found.since(today)
    if not still or not question.weight or not question.told:
        return still
    table = _spread(question.told).since(today)
    return still.mixed(table, question.weight) if table else still


def _shipment(request: EstimateRequest, ready: date | None) -> Shipment:
    """The request as the engine sees it, in the same words as the parcels from which was learnt; it leaves on day ``ready`` or later."""
    places, there, place = surroundings().places, zone(request.time_zone), request.destination
    items, weight, value, category = cargo.of_snapshots(request.lines)
    shipped_at = request.shipped_at.astimezone(there) if request.shipped_at else None
    ordered_at = request.ordered_at.astimezone(there)
    return Shipment(
        **places.origin(request.leaves_from), ordered_at=min(ordered_at, shipped_at) if shipped_at else ordered_at, shipped_at=shipped_at,
        destination_country=cargo.country(place.country), destination_region=cargo.region(place.country, place.region),
        destination_postcode=cargo.postcode(place.postcode), destination_point=cargo.point(place.latitude, place.longitude),
        carrier=places.carrier(request.carrier, request.service), service=cargo.name(request.service),
        items=items, weight_kg=weight, value=value, category=category, freight=request.freight,
        ready_on=ready,
    )


def _settings(learnt: Known) -> EngineSettings:
    """What the merchant's set-up tells the engine. What the engine remembers of other set-ups is forgotten."""
    settings, remembered = surroundings().settings, learnt.state.cache
    if remembered.get(_SETTINGS) is not settings:
        remembered.clear()
        remembered[_SETTINGS] = settings
    return settings


def _together(learnt: Known, questions: Sequence[_Question]) -> Iterator[Distribution | None]:
    """The engine's answers, in the order of ``questions``; those of one moment are asked at once."""
    moments: dict[datetime, list[_Question]] = defaultdict(list)
    for question in questions:
        moments[question.now].append(question)
    answers = {
        now: iter(engine.arrivals(learnt.state, [question.shipment for question in same], now, _settings(learnt)))
        for now, same in moments.items()
    }
    return (next(answers[question.now]) for question in questions)


def _spread(told: Estimate) -> Distribution:
    """The merchant's window as chances: nine of ten within it, each day the same, and the last one soon after.

    Closed days count like any other here: what falls on one is moved on afterwards, so one more of them brings nothing forward.
    """
    inside = (told.latest - told.earliest).days + 1
    return Distribution(told.earliest, (*[0.9 / inside] * inside, *[0.1 / AFTER] * AFTER))


def _brought(table: Tables, request: EstimateRequest, year: int) -> Callable[[date], date]:
    """Days on which the option is brought to the destination; for a pick-up point, on which the last of the near ones is open."""
    offer = table.offer(request.service, request.destination, request.lines)
    door = surroundings().next_open(table.delivery_calendar(request.service, request.destination, year))
    if offer is None or offer.service.kind != Service.Kind.POINT:
        return door
    points = [
        surroundings().next_open(opening_days(table, point, offer, year))
        for point in table.points.nearest(offer.service, request.destination)
    ]
    return lambda day: max([door(day), *(point(door(day)) for point in points)])
