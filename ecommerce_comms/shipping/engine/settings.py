"""What a shop may tell the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ecommerce_comms.shipping.estimators.shipments import Shipment


def never_closed(country: str, region: str, day: date) -> bool:
    """No holidays are known."""
    return False


@dataclass(frozen=True, kw_only=True)
class Prior:
    """The shop's own figures, in working days (Monday to Friday); they weigh as much as 20 parcels."""

    handling: tuple[int, int]
    """Shortest and longest from order to carrier; 0 = on the same day."""
    transit: tuple[int, int]
    """Shortest and longest from carrier to customer."""


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """What the engine cannot learn from parcels alone."""

    is_closed: Callable[[str, str, date], bool] = never_closed
    """Whether a place (country, region) is closed on a day: nothing leaves there, nothing is delivered."""
    slowdown: Callable[[Shipment, date], float] | None = None
    """How many times slower a shipment moves on a day of an announced peak; 1 = as always, less counts as 1."""
    alike: Callable[[Shipment], object] | None = None
    """What ``slowdown`` looks at in a shipment: it is asked once for all that are alike. Without it, it is asked for each."""
    prior: Prior | None = None
    """The merchant's own figures, for the start."""
