"""What the doctor says of arrival dates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.lessons import lesson_lights
from ecommerce_comms.shipping import calendars
from ecommerce_comms.shipping.engine import State
from ecommerce_comms.shipping.learning import learner
from ecommerce_comms.shipping.models import Knowledge

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def found(clock):
    """Makes a lesson of so many days ago, and tells what the doctor finds."""

    def look(age=None, **fields):
        if age is not None:
            until = clock() - age * DAY
            Knowledge.objects.create(**({"learnt_at": until, "until": until, "parcels": 412, "version": State.VERSION} | fields))
        return {light.key: light for light in lesson_lights(clock())}

    return look


def test_all_is_well(found):
    lights = found(0.5, due=1000, kept=905, expected=0.9)
    assert {light.colour for light in lights.values()} == {Colour.GREEN}
    assert lights["lessons"].says == "learnt from 412 parcels 12 h ago"


def test_lesson_of_more_than_three_days_ago_is_old(found):
    light = found(3.1)["lessons"]
    assert (light.colour, "comms_learn" in light.todo) == (Colour.AMBER, True)


def test_shop_that_is_new_is_well(found):
    light = found()["lessons"]
    assert (light.colour, "too few deliveries" in light.says) == (Colour.GREEN, True)


def test_promises_that_are_broken_too_often_are_told(found):
    light = found(0, due=1000, kept=800, expected=0.9)["promises"]
    assert (light.colour, "80 % were kept" in light.says, "PROMISE_LEVEL" in light.todo) == (Colour.AMBER, True, True)


def test_missing_packages_are_told_with_what_they_cost(found, monkeypatch):
    monkeypatch.setattr(learner, "find_spec", lambda _name: None)
    monkeypatch.setattr(calendars, "holidays", None)
    lights = found(0)
    assert [(key, light.colour, "pip install" in light.todo) for key, light in lights.items()] == [
        ("holidays", Colour.AMBER, True), ("lessons", Colour.AMBER, True),
    ]


def test_shop_with_an_estimator_of_its_own_hears_nothing_of_lessons(found, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ESTIMATOR": "ecommerce_comms.shipping.estimators.table.TableEstimator"}
    assert found(9) == {}
