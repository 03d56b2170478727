"""A shop whose estimator says what a test wants, at a Monday morning."""

from __future__ import annotations

import pytest

from tests.shipping.delays.scripted import DUE, SETTINGS, THEN, Scripted


@pytest.fixture
def shop(settings, clock, fake_shop, db):
    """Chances are what ``Scripted`` says."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **SETTINGS}
    Scripted.chance, Scripted.due, Scripted.then = 0.0, DUE, THEN
    Scripted.asked.clear()
    return clock
