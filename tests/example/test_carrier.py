"""The simulated carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ecommerce_comms import clock as app_clock
from example_project.shop import carrier, services
from example_project.shop.models import Order, Parcel, Scan
from example_project.shop.routes import LATE, NOBODY_HOME, ON_TIME, route
from example_project.shop.tasks import carrier_step
from tests.example.conftest import Facts


def number_with(wanted: object) -> str:
    return next(number for number in (f"DG{count:09d}IN" for count in range(200)) if route(number) is wanted)


def names(facts: Facts) -> list[str]:
    return [name for name, _arguments in facts]


@pytest.mark.parametrize(("way", "told"), [
    (ON_TIME, ["order_out_for_delivery", "order_delivered"]),
    (LATE, ["order_delayed", "order_out_for_delivery", "order_delivered"]),
    (NOBODY_HOME, ["order_out_for_delivery", "delivery_failed", "order_out_for_delivery", "order_delivered"]),
], ids=["on time", "late", "nobody home"])
def test_parcel_walks_its_way(order: Order, facts: Facts, shop: app_clock.ManualClock, way: object, told: list[str]) -> None:
    services.ship(order, tracking_number=number_with(way))
    facts.clear()
    for _minute in range(6):
        shop.advance(minutes=1)
        carrier.step(shop())
    assert names(facts) == told
    assert Order.objects.get().status == Order.Status.DELIVERED


def test_stops_happen_at_their_own_time_even_after_a_pause(order: Order, facts: Facts, shop: app_clock.ManualClock) -> None:
    parcel = services.ship(order, tracking_number=number_with(ON_TIME))
    facts.clear()
    assert carrier.step(shop.advance(days=3)) == 3
    assert [told["occurred_at"] - parcel.shipped_at for _name, told in facts] == [timedelta(minutes=2), timedelta(minutes=2.5)]


def test_second_step_at_the_same_time_does_nothing(order: Order, shop: app_clock.ManualClock) -> None:
    services.ship(order, tracking_number=number_with(ON_TIME))
    assert carrier.step(shop.advance(minutes=1)) == 1
    assert carrier.step(shop()) == 0
    assert Scan.objects.filter(kind=Scan.Kind.ON_THE_WAY).count() == 1


def test_what_staff_noted_is_not_told_again(order: Order, facts: Facts, shop: app_clock.ManualClock) -> None:
    services.out_for_delivery(services.ship(order, tracking_number=number_with(ON_TIME)))
    carrier.step(shop.advance(minutes=9))
    assert names(facts).count("order_out_for_delivery") == 1
    assert Parcel.objects.get().delivered_at is not None


def test_late_parcel_gets_a_later_window(order: Order, shop: app_clock.ManualClock) -> None:
    services.ship(order, tracking_number=number_with(LATE))
    carrier.step(shop.advance(minutes=2))
    late = Order.objects.get()
    assert late.expected_earliest > late.promised_latest
    assert late.delay_reason


def test_speed_none_stands_still(order: Order, settings: Any, shop: app_clock.ManualClock) -> None:
    settings.CARRIER_MINUTES_PER_DAY = 0
    services.ship(order)
    assert carrier.step(shop.advance(days=9)) == 0


def test_task_steps_at_the_time_of_the_clock(order: Order, shop: app_clock.ManualClock) -> None:
    services.ship(order, tracking_number=number_with(ON_TIME))
    shop.advance(minutes=9)
    assert carrier_step() == 3


def test_one_parcel_in_four_is_late() -> None:
    ways = [route(f"DG{number:09d}IN") for number in range(2000)]
    assert 0.2 < ways.count(LATE) / len(ways) < 0.3


def test_tracking_page_tells_the_scans(client: Client, order: Order, shop: app_clock.ManualClock) -> None:
    parcel = services.ship(order, tracking_number=number_with(ON_TIME))
    carrier.step(shop.advance(minutes=1))
    page = client.get(parcel.get_absolute_url()).content.decode()
    assert "Parcel received from the shop" in page
    assert "Sorted at the hub" in page
    assert client.get("/track/unknown/").status_code == 404
