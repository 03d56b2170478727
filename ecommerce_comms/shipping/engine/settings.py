"""What a shop may tell the engine, and the engine's own figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from ecommerce_comms.shipping.estimators.shipments import Shipment


def never_closed(country: str, region: str, day: date) -> bool:
    """No holidays are known."""
    return False


@dataclass(frozen=True, kw_only=True)
class Prior:
    """The shop's own figures, in working days; they weigh as much as 20 parcels."""

    handling: tuple[int, int]
    """Shortest and longest from order to carrier."""
    transit: tuple[int, int]
    """Shortest and longest from carrier to customer."""
    weight: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The engine's figures: days, ages and pseudo-counts."""

    handling_ages: int = 40
    transit_ages: int = 75
    half_life: float = 90.0


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """What the engine cannot learn from parcels alone."""

    is_closed: Callable[[str, str, date], bool] = never_closed
    """Whether a place (country, region) is closed on a day: nothing leaves there, nothing is delivered."""
    slowdown: Callable[[Shipment, date], float] | None = None
    """How many times slower a shipment moves on a day of an announced peak; 1 = as always."""
    prior: Prior | None = None
    """The merchant's own figures, for the start."""
    tuning: Tuning = field(default_factory=Tuning)
