"""The contract of everything that computes arrival dates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime

from ecommerce_comms import masking
from ecommerce_comms.conf import conf
from ecommerce_comms.plugins import load
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

log = masking.logger(__name__)


@dataclass(frozen=True, kw_only=True)
class EstimateRequest:
    """What an estimator is told."""

    ordered_at: datetime
    service: str = ""
    """Code of the shipping option; empty if unknown."""
    destination: AddressSnapshot
    time_zone: str
    """Zone of the destination."""
    shipped_at: datetime | None = None
    """When the parcel left, if it has."""
    lines: tuple[LineSnapshot, ...] = ()
    origin: str = ""
    """Code of the warehouse from which the parcel leaves; empty: as its lines say."""
    now: datetime | None = None
    """When it is asked, where that is later than the order or the shipping: no day before it is told."""


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

    @abstractmethod
    def estimate(self, request: EstimateRequest) -> Estimate | None:
        """The window for ``request``; ``None`` if there is no honest one. Called for each order: keep it to a millisecond."""


def get_estimator() -> ShippingEstimator:
    """The estimator that ``ECOMMERCE_COMMS["ESTIMATOR"]`` names."""
    return load(conf.ESTIMATOR, ShippingEstimator, 'ECOMMERCE_COMMS["ESTIMATOR"]')  # type: ignore[type-abstract]


def estimate(request: EstimateRequest) -> Estimate | None:
    """What the shop's estimator says. One that fails gives no date, and never stops an order from being processed."""
    estimator = get_estimator()
    try:
        return estimator.estimate(request)
    except Exception:
        log.exception("%s could not estimate %r.", type(estimator).__name__, request)
        return None
