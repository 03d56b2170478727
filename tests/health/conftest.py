"""Messages as rows, at whatever point of their lives, and figures that nobody has kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from ecommerce_comms.health import figures
from ecommerce_comms.messaging.models import Message, Provider


@pytest.fixture(autouse=True)
def forgotten():
    """No test sees the figures of another."""
    for kept in (figures.kept, figures.kept_shares):
        kept.forget()
    yield
    for kept in (figures.kept, figures.kept_shares):
        kept.forget()


@pytest.fixture(autouse=True)
def ways_out(monkeypatch):
    """The settings name every provider of which a test makes a row, but for one that is called "former"."""
    monkeypatch.setattr(figures, "ways_out", lambda: Provider.objects.exclude(name="former").values_list("name", flat=True))


@pytest.fixture
def message(db, clock):
    """``message(state, due=-30)``: a message that has been due for 30 seconds."""
    numbers = count()

    def make(state="queued", *, due=0, **values):
        usual = {"kind": "order_placed", "language": "en", "recipient": "asha@customers.example", "dedupe_key": f"k{next(numbers)}"}
        return Message.objects.create(state=state, due_at=clock() + timedelta(seconds=due), **{**usual, **values})

    return make
