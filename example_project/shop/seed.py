"""Everything the shop needs to open: products, people, and how its parcels travel. Run it as often as you like."""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ecommerce_comms.shipping.models import Carrier, ClosedDay, Peak, PickupPoint, Rate, Service, Warehouse, Zone
from example_project.shop.models import Account, Product

CATALOGUE = Path(__file__).parent / "catalogue.toml"
LANGUAGES = ("en", "hi", "bn")

WAREHOUSE: dict[str, Any] = {
    "country": "IN", "region": "WB", "time_zone": "Asia/Kolkata", "cut_off": time(14), "handling_days_min": 0, "handling_days_max": 1,
    "working_days": "123456", "is_default": True,
}
#: name, address of the tracking page, other names
CARRIERS = [
    ("Dakghar Express", "https://dakghar.example/track/{number}", "dakghar\nDAKGHAR EXPRESS LTD"),
    ("Dakghar Surface", "https://dakghar.example/track/{number}", ""),
    ("Bluebird Air", "https://bluebird.example/?parcel={number}", "bluebird"),
]
#: name, countries
ZONES = [("India", "IN"), ("Bangladesh", "BD"), ("The world", "")]
#: code, name, carrier, kind, delivery weekdays, a sentence for customers
SERVICES = [
    ("standard", "Standard", "Dakghar Express", "door", "123456", ""),
    ("express", "Express", "Bluebird Air", "door", "1234567", ""),
    ("economy", "Economy", "Dakghar Surface", "door", "12345", ""),
    ("point", "Pick-up point", "Dakghar Express", "point", "123456", "Fetch it on your way, for two weeks."),
]
#: option, zone, days at best, days at worst, delivery weekdays where they differ, price, for orders from
RATES = [
    ("standard", "India", 2, 4, "", 80, None), ("standard", "India", 2, 4, "", 0, 5000),
    ("express", "India", 1, 2, "", 220, None), ("economy", "India", 5, 8, "", 0, None), ("point", "India", 2, 3, "", 50, None),
    ("standard", "Bangladesh", 4, 7, "12347", 450, None), ("express", "Bangladesh", 2, 3, "12347", 980, None),
    ("standard", "The world", 8, 14, "12345", 1400, None), ("express", "The world", 4, 6, "12345", 2600, None),
]
#: name, street, postcode, city, region, open on
POINTS = [
    ("Chai & Parcels", "21 Rash Behari Avenue", "700029", "Kolkata", "WB", "123456"),
    ("College Street Books", "8 College Street", "700073", "Kolkata", "WB", "1234567"),
    ("Lajpat Corner", "14 Central Market", "110024", "New Delhi", "DL", "1234567"),
    ("Hill Road Stores", "52 Hill Road", "400050", "Mumbai", "MH", "123456"),
]
DIWALI = {"day": date(2026, 10, 30), "last_day": date(2026, 11, 10), "factor": "1.3", "repeats": True}
CLOSED_DAYS = [
    (date(2026, 12, 25), "IN", "Christmas Day"), (date(2027, 1, 26), "IN", "Republic Day"), (date(2027, 3, 22), "IN", "Holi"),
    (date(2027, 8, 15), "IN", "Independence Day"), (date(2027, 10, 2), "IN", "Gandhi Jayanti"),
    (date(2026, 12, 16), "BD", "Victory Day"), (date(2027, 2, 21), "BD", "Language Martyrs' Day"),
    (date(2027, 3, 26), "BD", "Independence Day"),
]
#: user name (the password is the same), first name, last name, language
CUSTOMERS = [("asha", "Asha", "Verma", "hi"), ("rahim", "Rahim", "Chowdhury", "bn"), ("tom", "Tom", "Fielding", "en")]


@transaction.atomic
def seed() -> None:
    """Add what is missing; what is there, perhaps changed by the merchant, is left as it is."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["products"]
    Product.objects.bulk_create((_product(row, position) for position, row in enumerate(rows)), ignore_conflicts=True)
    _parcels_travel()
    _people()


def _product(row: dict[str, Any], position: int) -> Product:
    texts = {f"{field}_{language}": text for language in LANGUAGES
             for field, text in zip(("title", "description"), row[language], strict=True)}
    plain = {name: row[name] for name in ("slug", "category", "shape", "pattern", "colour", "accent", "wall", "price")}
    return Product(**plain, **texts, position=position)


def _parcels_travel() -> None:
    Warehouse.objects.get_or_create(name="Kumartuli workshop", defaults=WAREHOUSE)
    carriers = {name: Carrier.objects.get_or_create(name=name, defaults={"tracking_url": url, "aliases": aliases})[0]
                for name, url, aliases in CARRIERS}
    zones = {name: Zone.objects.get_or_create(name=name, defaults={"countries": countries})[0] for name, countries in ZONES}
    for position, (code, name, carrier, kind, days, description) in enumerate(SERVICES):
        Service.objects.get_or_create(code=code, defaults={
            "name": name, "carrier": carriers[carrier], "kind": kind, "delivery_days": days, "description": description,
            "position": position})
    services = Service.objects.in_bulk(field_name="code")
    for code, zone, at_best, at_worst, days, price, value in RATES:
        Rate.objects.get_or_create(service=services[code], zone=zones[zone], value_from=value, defaults={
            "transit_days_min": at_best, "transit_days_max": at_worst, "delivery_days": days, "price": price, "currency": "INR"})
    for name, street, postcode, city, region, days in POINTS:
        PickupPoint.objects.get_or_create(name=name, defaults={
            "street": street, "postcode": postcode, "city": city, "region": region, "country": "IN", "opening_days": days,
            "carrier": carriers["Dakghar Express"]})
    for day, country, name in CLOSED_DAYS:
        ClosedDay.objects.get_or_create(day=day, country=country, region="", defaults={"name": name})
    Peak.objects.get_or_create(name="Diwali", defaults=DIWALI)


def _people() -> None:
    if not User.objects.filter(username="admin").exists():
        User.objects.create_superuser("admin", "admin@banyanandclay.example", "admin", first_name="Mira")
    for name, first, last, language in CUSTOMERS:
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(name, f"{name}@customers.example", name, first_name=first, last_name=last)
            Account.objects.create(user=user, language=language)
