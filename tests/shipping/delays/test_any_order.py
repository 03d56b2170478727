"""Whatever the order of events and sweeps, and however many sweep at once, the end is the same and nobody is told twice."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection

from ecommerce_comms import clock as app_clock
from ecommerce_comms import lifecycle, testing
from ecommerce_comms.orders import events
from ecommerce_comms.orders.models import OrderEvent
from ecommerce_comms.shipping import delays
from ecommerce_comms.shipping.delays import watching
from ecommerce_comms.shipping.models import Lateness, Promise, Watch
from tests.shipping.delays.scripted import Scripted, look, place, scan, ship, tell

STORY = ("order_paid", "order_shipped", "order_out_for_delivery", "delivery_failed")


def state():
    """What is waited for, without the marks of the detector."""
    return sorted(Watch.objects.values_list("parcel__reference", "due_on", "shipped_at", "is_last_mile", "told", "is_told", "situation"))


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_watches_follow_the_facts_in_whatever_order_they_come(shop, order):
    place()
    moments = [shop() + timedelta(hours=number + 1) for number in range(4)]
    shop.advance(hours=6)
    for number in order:
        parcel = None if STORY[number] == "order_paid" else {"reference": "1", "carrier": "Post"}
        events.record(STORY[number], testing.FakeOrderAdapter.shop["1001"], parcel=parcel, occurred_at=moments[number])
        lifecycle.process_waiting()
    [found] = state()
    assert (found[0], found[2], found[3]) == ("1", moments[1], False)
    before = state()
    watching.watch(list(Watch.objects.values_list("order_id", flat=True)))
    assert state() == before


@pytest.mark.parametrize("seed", range(8))
def test_a_random_life_with_sweeps_in_between(shop, seed):
    """At most one notice before its date and one good news; no spell, watch or late mark is left once it has arrived."""
    chance = random.Random(seed)
    order = place()
    box = ship() if chance.random() < 0.5 else None
    for _step in range(30):
        shop.advance(hours=chance.choice((1, 5, 12)))
        Scripted.chance = chance.choice((0.0, 0.1, 0.5, 0.7, 0.95, None))
        match chance.randrange(5):
            case 0 if box is None:
                box = ship()
            case 1 if box is not None:
                scan(box, chance.choice(("in_transit", "pre_transit", "arriving", "on_hold")))
            case 2:
                look()
            case 3:
                Watch.objects.update(look_at=shop())
        look()
    notices = list(OrderEvent.objects.filter(kind="order_delayed"))
    assert sum(event.data["stage"] != "missed" for event in notices) <= 1
    assert OrderEvent.objects.filter(kind="order_back_on_track").count() <= 1
    assert len({(event.parcel or {}).get("reference", "") + str(event.data["revision"]) for event in notices}) == len(notices)
    tell("order_delivered", parcel="1")
    order.refresh_from_db()
    assert order.delayed_at is None
    assert not Watch.objects.exists() and not Lateness.objects.filter(ended_at=None).exists()
    assert not Promise.objects.filter(is_open=True).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads share the one connection")
def test_four_sweeps_at_once_tell_each_once(settings, clock, fake_shop):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ESTIMATOR": "tests.shipping.delays.scripted.Scripted"}
    Scripted.chance = 0.0
    for number in range(30):
        place(f"N{number}")
        ship(f"N{number}")
    Scripted.chance = 0.9
    clock.advance(hours=2)

    def sweep(_number):
        try:
            return delays.detect(app_clock.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, range(8)))
    delays.detect(app_clock.now())
    assert OrderEvent.objects.filter(kind="order_delayed").count() == 30
    assert Lateness.objects.filter(stage="will_miss").count() == 30
