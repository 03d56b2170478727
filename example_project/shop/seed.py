"""Everything the shop needs to open: products, people, and how its parcels travel. Run it as often as you like."""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ecommerce_comms.shipping.models import ClosedDay, Service, Warehouse
from example_project.shop.models import Account, Product

CATALOGUE = Path(__file__).parent / "catalogue.toml"
LANGUAGES = ("en", "hi", "bn")

WAREHOUSE: dict[str, Any] = {
    "country": "IN", "region": "WB", "time_zone": "Asia/Kolkata", "cut_off": time(14), "handling_days_min": 0, "handling_days_max": 1,
    "working_days": "123456", "is_default": True,
}
#: code, to country, name, carrier, days at best, days at worst, delivery weekdays, price
SERVICES = [
    ("standard", "IN", "Standard", "Dakghar Express", 2, 4, "123456", 80),
    ("express", "IN", "Express", "Bluebird Air", 1, 2, "1234567", 220),
    ("economy", "IN", "Economy", "Dakghar Surface", 5, 8, "12345", 0),
    ("standard", "BD", "Standard", "Dakghar Express", 4, 7, "12347", 450),
    ("express", "BD", "Express", "Bluebird Air", 2, 3, "12347", 980),
    ("standard", "", "International", "Dakghar World", 8, 14, "12345", 1400),
    ("express", "", "International Express", "Bluebird Air", 4, 6, "12345", 2600),
]
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
    for position, (code, country, name, carrier, at_best, at_worst, days, price) in enumerate(SERVICES):
        Service.objects.get_or_create(code=code, country=country, region="", defaults={
            "name": name, "carrier": carrier, "transit_days_min": at_best, "transit_days_max": at_worst, "delivery_days": days,
            "price": price, "currency": "INR", "position": position})
    for day, country, name in CLOSED_DAYS:
        ClosedDay.objects.get_or_create(day=day, country=country, region="", defaults={"name": name})


def _people() -> None:
    if not User.objects.filter(username="admin").exists():
        User.objects.create_superuser("admin", "admin@banyanandclay.example", "admin", first_name="Mira")
    for name, first, last, language in CUSTOMERS:
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(name, f"{name}@customers.example", name, first_name=first, last_name=last)
            Account.objects.create(user=user, language=language)
