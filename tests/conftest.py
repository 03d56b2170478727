"""What every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from importlib import import_module

import pytest
from django.core.signals import setting_changed
from pytest_django import Settings

from ecommerce_comms import clock as app_clock
from ecommerce_comms import plugins, testing
from tests.celery import app as celery_app

# The example shop brings a Celery app along, and the one made last is the current one of this thread only.
celery_app.set_current()

MONDAY_MORNING = datetime(2026, 3, 2, 4, 30, tzinfo=timezone.utc)
"""10:00 in the host shop's time zone, on a working day far from the ends of month and year."""


@pytest.fixture(autouse=True)
def fresh_plugins() -> Iterator[None]:
    """A test that names another adapter or backend gets it, and the next test gets its own again."""

    def forget(setting: str, **_kwargs: object) -> None:
        if setting == "ECOMMERCE_COMMS":
            plugins.forget()

    setting_changed.connect(forget)
    yield
    setting_changed.disconnect(forget)
    plugins.forget()


@pytest.fixture
def clock() -> Iterator[app_clock.ManualClock]:
    """The time, standing still on a Monday morning until the test moves it."""
    manual = app_clock.ManualClock(MONDAY_MORNING)
    with app_clock.using(manual):
        yield manual


@pytest.fixture
def example_shop(settings: Settings) -> None:
    """The settings of the example shop, on the databases and the broker of the tests."""
    own = import_module("example_project.settings")
    for name in ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "ECOMMERCE_COMMS", "LANGUAGES", "LANGUAGE_CODE", "LOCALE_PATHS", "TIME_ZONE"):
        value = getattr(own, name)
        setattr(settings, name, value | {"WAKER": "off"} if name == "ECOMMERCE_COMMS" else value)


@pytest.fixture
def fake_shop(settings: Settings) -> Iterator[None]:
    """A shop whose orders are snapshots and whose mails are remembered."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **testing.SETTINGS}
    testing.forget()
    yield
    testing.forget()
