"""Shipment: one parcel's journey as an engine sees it, whether it is learnt from or asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipment:
    """From the order to the door; what has not happened yet is ``None``, what nobody knows is empty.

    Moments are aware. A day counts at the destination: moments are expected in its zone, and their wall time is taken as it stands.
    """

    ordered_at: datetime
    shipped_at: datetime | None = None
    """Handed to the carrier."""
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    """From then on nobody waits for it any more."""
    origin: str = ""
    """The warehouse or seller from which it leaves."""
    origin_country: str = ""
    origin_region: str = ""
    origin_postcode: str = ""
    origin_point: tuple[float, float] | None = None
    """Latitude and longitude in degrees, as is ``destination_point``."""
    destination_country: str = ""
    destination_region: str = ""
    destination_postcode: str = ""
    destination_point: tuple[float, float] | None = None
    carrier: str = ""
    service: str = ""
    items: int = 1
    weight_kg: float | None = None
    value: float | None = None
    """What the order costs without shipping, in the shop's currency."""
    freight: float | None = None
    """What its shipping costs."""
    category: str = ""
    ready_on: date | None = None
    """It cannot leave before: the day for which the order counts where nobody packs at night, at weekends or on holidays."""
    promised_by: date | None = None
    """What the shop told, where it told something."""
