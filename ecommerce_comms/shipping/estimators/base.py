"""The contract of everything that computes arrival dates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ecommerce_comms import masking
from ecommerce_comms.conf import conf
from ecommerce_comms.plugins import load
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

log = masking.logger(__name__)
_NOTHING = 1e-9
WINDOW_LEVEL = 0.8
"""Share of parcels that arrive within the window that is told, at least: of the others, half may come before it."""


@dataclass(frozen=True, kw_only=True)
class EstimateRequest:
    """What an estimator is told of one parcel, or of an order of which no parcel is known yet."""

    ordered_at: datetime
    service: str = ""
    """Code of the shipping option; empty if unknown."""
    destination: AddressSnapshot
    time_zone: str
    """Zone of the destination."""
    shipped_at: datetime | None = None
    """When the parcel left, if it has."""
    lines: tuple[LineSnapshot, ...] = ()
    """What is in the parcel; what was ordered, where no parcel is known."""
    now: datetime | None = None
    """The moment of the question: it has not arrived by then, nor left if ``shipped_at`` is empty, and no day before it is told.

    ``None``: it was ordered, or has left, just now.
    """
    origin: str = ""
    """Code of the warehouse, or key of the seller, from which it leaves; empty: as its lines say."""
    carrier: str = ""
    """Who brings it; empty: as the shipping option says."""
    freight: float | None = None
    """What its shipping costs, in the shop's currency; ``None`` if unknown or free."""
    scanned_at: datetime | None = None
    """When the carrier last saw it move; ``None`` if it has not, or nobody tells."""

    @property
    def moment(self) -> datetime:
        """``now``, or what stands for it."""
        return self.now or self.shipped_at or self.ordered_at

    @property
    def leaves_from(self) -> str:
        """Code of the warehouse, or key of the seller, from which it leaves; empty: the shop's usual warehouse."""
        return self.origin or (self.lines[0].origin if self.lines else "")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """When something will arrive, as days at the destination."""

    earliest: date
    latest: date
    confidence: float | None = None
    """Share of parcels expected by ``latest``, 0 to 1; ``None`` where nobody measured it."""
    source: str
    """One of ``Promise.Source``."""
    reason: str
    """Why, in one sentence that a merchant understands."""
    order_by: datetime | None = None
    """Ordering until this moment keeps the window."""
    distribution: Distribution | None = None
    """The chances day by day, where somebody knows them: windows of other shares and the chance of being late are read off it."""

    def __post_init__(self) -> None:
        if self.earliest > self.latest:
            raise ValueError(f"An estimate cannot end ({self.latest}) before it begins ({self.earliest}).")


class ShippingEstimator(ABC):
    """Computes arrival windows. A shop subclasses it and names the class in ``ECOMMERCE_COMMS["ESTIMATOR"]``."""

    @property
    def tells_chances(self) -> bool:
        """Whether its estimates may carry a ``distribution`` now. Where they do not, nobody goes round for one."""
        return True

    @abstractmethod
    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """The window for ``request``; ``None`` if there is no honest one. Called for each order: keep it to a millisecond.

        All of it leaves from one place, ``request.leaves_from``: an order whose lines leave from several is asked about
        once for each of these.
        """

    def estimate_many(self, requests: Sequence[EstimateRequest]) -> list[Estimate | None]:
        """The windows for ``requests``, in their order. Override it where many together are quicker than one by one."""
        return [self.estimate(request) for request in requests]

    def outlooks(self, requests: Sequence[EstimateRequest]) -> list[Distribution | None]:
        """The chances alone, day by day, for ``requests``: what the delay detector asks for everything that is open.

        They may fall on closed days: nothing is promised for these. Override it where chances are quicker than windows with their reasons.
        """
        return [told.distribution if told else None for told in self.estimate_many(requests)]


def get_estimator() -> ShippingEstimator:
    """The estimator that ``ECOMMERCE_COMMS["ESTIMATOR"]`` names."""
    return load(conf.ESTIMATOR, ShippingEstimator, 'ECOMMERCE_COMMS["ESTIMATOR"]')  # type: ignore[type-abstract]


def estimate(request: EstimateRequest) -> Estimate | None:
    """What the shop's estimator says; for what leaves from several places, when the last of it is there.

    An estimator that fails gives no date, and never stops an order from being processed.
    """
    estimator = get_estimator()
    try:
        return last_of([estimator.estimate(part) for part in by_origin(request)])
    except Exception:
        log.exception("%s could not estimate %r.", type(estimator).__name__, request)
        return None


def estimate_many(requests: Sequence[EstimateRequest]) -> list[Estimate | None]:
    """What the shop's estimator says of many parcels, each of which leaves from one place; in the order of ``requests``.

    One that cannot be estimated is ``None`` and does not keep the others from their dates.
    """
    estimator = get_estimator()
    try:
        return estimator.estimate_many(requests)
    except Exception:
        log.exception("%s could not estimate %d parcels together.", type(estimator).__name__, len(requests))
        return [estimate(request) for request in requests]


def tells_chances() -> bool:
    """Whether the shop's estimator may know chances now; one that fails knows none."""
    estimator = get_estimator()
    try:
        return estimator.tells_chances
    except Exception:
        log.exception("%s could not say whether it knows chances.", type(estimator).__name__)
        return False


def outlooks(requests: Sequence[EstimateRequest]) -> list[Distribution | None]:
    """The chances that the shop's estimator knows, in the order of ``requests``; one that fails knows none."""
    estimator = get_estimator()
    try:
        return estimator.outlooks(requests)
    except Exception:
        log.exception("%s could not tell the chances of %d parcels.", type(estimator).__name__, len(requests))
        return [None] * len(requests)


def by_origin(request: EstimateRequest) -> list[EstimateRequest]:
    """``request`` itself, or one for each of the places from which its lines leave."""
    origins = [] if request.origin else list(dict.fromkeys(line.origin for line in request.lines))
    if len(origins) <= 1:
        return [request]
    groups = [(origin, tuple(line for line in request.lines if line.origin == origin)) for origin in origins]
    return [replace(request, origin=origin, lines=lines) for origin, lines in groups]


def last_of(parts: Sequence[Estimate | None]) -> Estimate | None:
    """When everything is there; ``None`` if for some part nobody knows."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    last = max(known, key=lambda part: (part.latest, part.earliest))
    if len(known) == 1:
        return last
    cut_offs = [part.order_by for part in known if part.order_by]
    order_by = min(cut_offs, default=None)
    reason = f"It comes in {len(known)} parcels; about the last one: {last.reason}"
    distributions = [part.distribution for part in known if part.distribution]
    if len(distributions) == len(known):
        told = window(_all(distributions))
        if told:
            return replace(told, source=last.source, reason=reason, order_by=order_by)
    earliest = max(part.earliest for part in known)
    return replace(last, earliest=earliest, reason=reason, order_by=order_by, confidence=None, distribution=None)


def window(distribution: Distribution, level: float | None = None) -> Estimate | None:
    """What is told of ``distribution``: from the first day by which a tenth has arrived until the day of the promise level.

    Both are quantiles, so whatever makes arrivals later brings neither of them forward; the start of a shortest run of days would move
    back where a peak widens it. ``level`` (0 to 1) is the setting ``PROMISE_LEVEL`` if not given. Where so many do not arrive within the
    days that are known, the day counts by which that share of those that does has come, and the confidence says how many that is of all.
    ``None`` if fewer than 80 % arrive within them.
    """
    wanted, ever = conf.PROMISE_LEVEL if level is None else level, sum(distribution.chances)
    earliest = distribution.quantile((1 - WINDOW_LEVEL) / 2)
    latest = distribution.quantile(wanted if wanted <= ever else wanted * ever)
    if ever < WINDOW_LEVEL - _NOTHING or earliest is None or latest is None:
        return None
    return Estimate(
        earliest=min(earliest, latest), latest=latest, confidence=min(1.0, distribution.chance_by(latest)), source="", reason="",
        distribution=distribution,
    )


def _all(distributions: Sequence[Distribution]) -> Distribution:
    first, *others = distributions
    for other in others:
        first = first.later_of(other)
    return first
