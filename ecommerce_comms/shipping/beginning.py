"""The beginning of a shop: two numbers, and dates can be shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from ecommerce_comms.conf import conf
from ecommerce_comms.shipping import words
from ecommerce_comms.shipping.models import Rate, Service, Warehouse, Zone

CODE = "standard"
"""Code of the option that the two numbers make."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a simple shop has to say."""

    country: str
    time_zone: str
    handling_days: int = 1
    """Working days until a parcel leaves, at worst."""
    transit_days: int = 4
    """Delivery days on the way, at worst."""


def is_simple() -> bool:
    """Whether the two numbers still say everything: at most one warehouse, and one option with one time and price."""
    return Warehouse.objects.count() <= 1 and Service.objects.count() <= 1 and Rate.objects.count() <= 1 and not Zone.objects.exists()


def current() -> Beginning:
    """The two numbers as they are; before there are any, what the settings suggest."""
    house, rate = Warehouse.objects.first(), Rate.objects.first()
    # Django's own default says nothing about where the shop is.
    suggested = "" if conf.time_zone == "UTC" else conf.time_zone
    time_zone = house.time_zone if house else suggested
    plain = Beginning(country=house.country if house else words.country_of_zone(time_zone), time_zone=time_zone)
    return Beginning(
        country=plain.country, time_zone=time_zone, handling_days=house.handling_days_max if house else plain.handling_days,
        transit_days=rate.transit_days_max if rate else plain.transit_days,
    )


@transaction.atomic
def save(told: Beginning) -> None:
    """Make the warehouse and the option that the two numbers describe, or change them. Half the time is taken as the best case."""
    house = Warehouse.objects.first() or Warehouse(name=_("Our warehouse"))
    house.country, house.time_zone, house.is_default = told.country, told.time_zone, True
    house.handling_days_min, house.handling_days_max = told.handling_days // 2, told.handling_days
    house.save()
    service = Service.objects.first() or Service.objects.create(code=CODE, name=_("Standard"))
    rate = Rate.objects.filter(service=service).first() or Rate(service=service)
    rate.transit_days_min, rate.transit_days_max = (told.transit_days + 1) // 2, told.transit_days
    rate.save()
