"""The shop whose quotes are measured."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from django.core.management import call_command

from ecommerce_comms.models import Carrier, ClosedDay, Knowledge, Peak, PickupPoint, Place, Rate, Service, Warehouse, Zone
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.estimators.shipments import Shipment
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot

START = datetime(2026, 12, 1, 3, tzinfo=timezone.utc)
"""When the first order is quoted."""
OPTIONS = (("post", "door"), ("air", "door"), ("point", "point"))
_random = random.Random(7)


def build() -> None:
    """Tables and rows: two warehouses, three options in five zones, two hundred pick-up points."""
    call_command("migrate", verbosity=0)
    house = {"country": "IN", "region": "WB", "time_zone": "Asia/Kolkata", "cut_off": time(14)}
    Warehouse.objects.create(name="Depot", **house)
    hills = {"is_default": False, "handling_days_max": 3, "short_days": "6", "short_cut_off": time(11)}
    Warehouse.objects.create(name="Hills", **house | hills)
    zones = [Zone.objects.create(name=name, countries=countries) for name, countries in
             (("India", "IN"), ("Bay", "BD, NP, LK"), ("World", ""), ("Bengal", ""), ("City", ""))]
    Place.objects.create(zone=zones[3], country="IN", region="WB")
    Place.objects.create(zone=zones[4], country="IN", postcodes="7000*, 700100-700160")
    carrier = Carrier.objects.create(name="Blue")
    for position, (code, kind) in enumerate(OPTIONS):
        service = Service.objects.create(code=code, name=code.title(), carrier=carrier, kind=kind, position=position)
        for number, zone in enumerate(zones):
            for up_to, price in ((1, 50), (5, 80), (None, 200)):
                Rate.objects.create(service=service, zone=zone, weight_up_to=up_to, price=price + number, currency="INR",
                                    transit_days_min=1 + number, transit_days_max=3 + number)
    PickupPoint.objects.bulk_create(
        PickupPoint(name=f"Shop {number}", code=f"P{number}", country="IN", postcode=str(700001 + 37 * number % 90_000), carrier=carrier)
        for number in range(200))
    ClosedDay.objects.create(day=date(2026, 12, 24), last_day=date(2026, 12, 26), name="Feast", country="IN")
    Peak.objects.create(name="Rush", day=date(2026, 12, 10), last_day=date(2026, 12, 31), repeats=True)


def learn(deliveries: int) -> None:
    """A lesson from so many deliveries of the last 120 days before the first quote, as the night would have given it."""
    state = engine.learn([_delivered() for _number in range(deliveries)], START)
    services = {code: deliveries // 3 for code, _kind in OPTIONS}
    Knowledge.objects.create(learnt_at=START, until=START, parcels=deliveries, version=engine.State.VERSION, state=state.to_json(),
                             figures={"services": services})


def _delivered() -> Shipment:
    ordered = START - timedelta(days=_random.uniform(20, 140))
    shipped = ordered + timedelta(days=_random.gammavariate(2, 0.6))
    return Shipment(
        ordered_at=ordered, shipped_at=shipped, delivered_at=shipped + timedelta(days=1 + _random.gammavariate(2, 0.9)),
        origin=_random.choice(("depot", "hills")), origin_country="in", origin_region="wb", destination_country="in",
        destination_region=_random.choice(("wb", "ka", "kl", "dl")), destination_postcode=str(_random.randrange(700001, 799001)),
        carrier="blue", service=_random.choice(OPTIONS)[0], weight_kg=_random.choice((0.4, 1.0, 4.0)),
    )


def basket() -> tuple[LineSnapshot, ...]:
    """Three lines, one of them from the second warehouse."""
    line = LineSnapshot(sku="mug", quantity=2, price=Decimal("690.00"), weight_kg=Decimal("0.4"))
    return (line, line, LineSnapshot(sku="lamp", price=Decimal("2900.00"), weight_kg=Decimal("2.5"), origin="hills"))


def destinations(count: int) -> list[AddressSnapshot]:
    """Places all over India."""
    regions = ("WB", "West Bengal", "KA", "Kerala", "DL")
    codes = (str(700001 + number * 31 % 99_000) for number in range(count))
    return [AddressSnapshot(country="IN", region=regions[number % 5], postcode=code) for number, code in enumerate(codes)]
