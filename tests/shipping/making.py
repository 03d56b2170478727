"""Short ways to make what the tests of promises need."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from typing import Any
from zoneinfo import ZoneInfo

from ecommerce_comms import keys
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.models import Carrier, Place, Rate, Service, Warehouse, Zone
from ecommerce_comms.snapshots import AddressSnapshot, OrderSnapshot

LONDON = "Europe/London"
KOLKATA = "Asia/Kolkata"


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    """A wall time in ``zone``, as the moment in UTC."""
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(timezone.utc)  # type: ignore[arg-type, misc]


def warehouse(**fields: Any) -> Warehouse:
    """A warehouse in a country without public holidays: orders until 14:00 leave the same day, or the next."""
    plain = {
        "name": "Depot", "country": "", "time_zone": KOLKATA, "cut_off": time(14), "handling_days_min": 0, "handling_days_max": 1,
        "working_days": "12345",
    }
    return Warehouse.objects.create(**(plain | fields))


def service(code: str = "post", **fields: Any) -> Service:
    """A shipping option that takes 2 to 3 days, Sundays excepted; again with the same code for another ``country`` or ``region``.

    ``carrier`` is a name; the other fields are those of ``Service`` and of ``Rate``, for which ``is_active`` is ``is_offered``.
    """
    place = (fields.pop("country", ""), fields.pop("region", ""))
    plain = {"transit_days_min": 2, "transit_days_max": 3, "delivery_days": "123456", "is_offered": fields.pop("is_active", True)}
    values = plain | fields
    own = {name: values.pop(name) for name in ("name", "position", "description", "kind") if name in values}
    carrier = values.pop("carrier", "")
    if carrier:
        own["carrier"] = Carrier.objects.get_or_create(name=carrier)[0]
    made, _new = Service.objects.get_or_create(code=code, defaults={"name": code.title()} | own)
    Rate.objects.create(service=made, zone=zone_of(*place), **values)
    return made


def zone_of(country: str = "", region: str = "", postcodes: str = "") -> Zone | None:
    """The zone that is just this place; ``None`` for everywhere."""
    if not country:
        return None
    made, is_new = Zone.objects.get_or_create(
        name=" ".join(filter(None, (country, region, postcodes))), defaults={"countries": "" if region or postcodes else country}
    )
    if is_new and (region or postcodes):
        Place.objects.create(zone=made, country=country, region=region, postcodes=postcodes)
    return made


def request(ordered_at: datetime, *, zone: str = KOLKATA, country: str = "", region: str = "", **fields: Any) -> EstimateRequest:
    """A request for the option ``post``."""
    destination = AddressSnapshot(country=country, region=region)
    return EstimateRequest(**({"service": "post", "ordered_at": ordered_at, "destination": destination, "time_zone": zone} | fields))


def order(reference: str = "A1", *, zone: str = KOLKATA, **fields: Any) -> Order:
    """An order that was placed on Monday, 2 March 2026 at 10:00 in Kolkata."""
    placed_at = fields.pop("placed_at", local(KOLKATA, 2026, 3, 2, 10))
    snapshot = OrderSnapshot(reference=reference, placed_at=placed_at, shipping_option="post", **fields)
    return Order.objects.create(
        key=keys.make(reference), reference=reference, language="en", time_zone=zone, placed_at=placed_at, snapshot=snapshot.to_json()
    )


def promised(reference: str = "A1", *, earliest: date = date(2026, 3, 4), latest: date = date(2026, 3, 6), **fields: Any) -> Order:
    """An order whose customer was shown a window, 4 to 6 March, when ordering."""
    return order(reference, promised_earliest=earliest, promised_latest=latest, **fields)


def parcel(of: Order, reference: str = "1", **fields: Any) -> Parcel:
    """A parcel of the order ``of``."""
    return Parcel.objects.create(order=of, key=keys.make(of.reference, reference), reference=reference, **fields)
