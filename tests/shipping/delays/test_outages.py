"""A carrier that stands still is named once; a quiet Sunday is no outage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecommerce_comms.shipping.models import CarrierDay, Lateness, Outage, Tracking, Watch
from tests.shipping.delays.scripted import Scripted, look, place, scan, ship, told


@pytest.fixture
def busy(shop):
    """Forty parcels of a carrier on their way, which usually moves three quarters of them in a day."""
    Scripted.chance = None
    for number in range(40):
        place(f"N{number}", latest=(shop() + timedelta(days=60)).date())
        scan(ship(f"N{number}"))
    for day in range(1, 11):
        for where in ("", "in/"):
            CarrierDay.objects.create(carrier="post", place=where, day=shop().date() - timedelta(days=day), parcels=40, moved=30)
    shop.advance(days=9)  # a Wednesday
    return shop


def moved(count, at):
    numbers = list(Tracking.objects.order_by("pk").values_list("pk", flat=True)[:count])
    Tracking.objects.filter(pk__in=numbers).update(scanned_at=at, status_at=at)


def hour(clock):
    clock.advance(hours=1)
    look()


def test_a_carrier_that_stands_still_is_named_once(busy):
    for _hour in range(6):
        hour(busy)
    [outage] = Outage.objects.all()
    assert (outage.carrier, outage.place, outage.parcels, outage.expected, outage.moved) == ("post", "", 40, 30, 0)


def test_a_slow_day_is_no_outage(busy):
    moved(12, busy())
    hour(busy)
    assert not Outage.objects.exists()


def test_it_is_over_once_the_carrier_moves_well_again(busy):
    hour(busy)
    moved(15, busy())
    hour(busy)
    assert Outage.objects.filter(ended_at=None).exists()
    moved(20, busy())
    hour(busy)
    assert Outage.objects.get().ended_at == busy()


def test_on_a_sunday_and_a_monday_nobody_is_judged(busy):
    moved(40, busy())
    busy.advance(days=3)  # Saturday
    look()
    Outage.objects.all().delete()
    busy.advance(days=1)
    look()
    busy.advance(hours=20)
    look()
    assert not Outage.objects.exists()


def test_days_of_an_outage_do_not_become_what_is_usual(busy):
    hour(busy)
    assert not CarrierDay.objects.filter(day=busy().date()).exists()


def test_its_parcels_are_grouped_under_it_and_their_customers_told_the_reason(busy):
    hour(busy)
    Scripted.chance = 0.9
    Watch.objects.update(look_at=busy())
    hour(busy)
    assert set(Lateness.objects.values_list("outage", flat=True)) == {Outage.objects.get().pk}
    assert {event.data["reason_kind"] for event in told()} <= {"outage"}


def test_a_small_carrier_may_rest(shop):
    Scripted.chance = None
    for number in range(5):
        place(f"N{number}")
        scan(ship(f"N{number}"))
    shop.advance(days=2)
    look()
    assert not Outage.objects.exists() and not CarrierDay.objects.exists()
