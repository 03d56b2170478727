"""The example shop, opened: its settings, its goods, and its translations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.dispatch import Signal
from django.test import Client

from ecommerce_comms import clock as app_clock
from ecommerce_comms import signals
from ecommerce_comms.shipping.options import quote
from example_project import settings as shop_settings
from example_project.shop import services
from example_project.shop.basket import Line
from example_project.shop.models import Order, Product
from example_project.shop.seed import seed
from example_project.translations import compile_messages

TAKEN_OVER = ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "LANGUAGES", "LOCALE_PATHS", "CURRENCY", "SHOP_URL", "LOGIN_URL",
              "LOGIN_REDIRECT_URL", "LOGOUT_REDIRECT_URL", "CARRIER_MINUTES_PER_DAY")
ADDRESS = {"email": "asha@customers.example", "phone": "+91 98300 12345", "first_name": "Asha", "last_name": "Verma",
           "street": "7 Lake Road", "district": "", "city": "Kolkata", "region": "West Bengal", "postcode": "700029", "country": "IN",
           "news_by": "email"}

Facts = list[tuple[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def shop(settings: Any, db: None, tmp_path: Any, clock: app_clock.ManualClock) -> app_clock.ManualClock:
    """The shop as it opens on a Monday morning."""
    compile_messages()
    for name in TAKEN_OVER:
        setattr(settings, name, getattr(shop_settings, name))
    settings.ECOMMERCE_COMMS = {**shop_settings.ECOMMERCE_COMMS, "WAKER": "off"}
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    seed()
    return clock


@pytest.fixture
def facts() -> Iterator[Facts]:
    """Every signal that the shop sends, by name, with its arguments."""
    told: Facts = []
    names = {id(signal): name for name, signal in vars(signals).items() if isinstance(signal, Signal)}

    def listen(signal: Signal, **arguments: Any) -> None:
        told.append((names[id(signal)], arguments))

    for signal in signals.EVENT_SIGNALS.values():
        signal.connect(listen)
    yield told
    for signal in signals.EVENT_SIGNALS.values():
        signal.disconnect(listen)


@pytest.fixture
def order() -> Order:
    """An order of a mug and two cushions, not paid yet."""
    return place("monsoon-mug", "kantha-cushion")


@pytest.fixture
def staff(client: Client) -> Client:
    """A browser in which a member of staff is signed in."""
    client.force_login(User.objects.get(username="admin"))
    return client


def place(*slugs: str, language: str = "en", quantity: int = 1) -> Order:
    """An order of one each of ``slugs``."""
    lines = [Line(product=Product.objects.get(slug=slug), quantity=quantity) for slug in slugs]
    return services.place_order(ADDRESS, lines, quote()[0], language=language)
