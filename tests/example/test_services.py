"""The shop's verbs: one change, one signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from ecommerce_comms import clock as app_clock
from ecommerce_comms.models import OrderEvent
from example_project.shop import services
from example_project.shop.models import Order, Parcel
from tests.example.conftest import Facts

LATER = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)
NEW_WINDOW = {"earliest": date(2026, 3, 10), "latest": date(2026, 3, 12)}
SHIPPED = (services.pay, services.prepare, services.ship)

#: What happened before, the verb, and the fact that it tells.
STORY: list[tuple[tuple[Callable[..., Any], ...], Callable[..., Any], str]] = [
    ((), services.pay, "order_paid"),
    ((), services.refuse_payment, "payment_failed"),
    ((services.pay,), services.prepare, "order_processed"),
    ((services.pay, services.prepare), services.ship, "order_shipped"),
    (SHIPPED, partial(services.delay, **NEW_WINDOW), "order_delayed"),
    (SHIPPED, services.back_on_track, "order_back_on_track"),
    ((services.pay,), services.cancel, "order_cancelled"),
    ((services.pay,), services.refund, "order_refunded"),
]
PARCEL_STORY = [
    (services.out_for_delivery, "order_out_for_delivery"),
    (services.fail_delivery, "delivery_failed"),
    (services.deliver, "order_delivered"),
]


@pytest.mark.parametrize(("before", "verb", "fact"), STORY, ids=[row[2] for row in STORY])
def test_each_verb_tells_one_fact_at_its_time(order: Order, facts: Facts, before: Any, verb: Any, fact: str) -> None:
    for earlier in before:
        earlier(order)
    facts.clear()
    verb(order, occurred_at=LATER)
    assert [(name, told["occurred_at"], told["order"]) for name, told in facts] == [(fact, LATER, order)]


@pytest.mark.parametrize(("verb", "fact"), PARCEL_STORY, ids=[row[1] for row in PARCEL_STORY])
def test_each_parcel_verb_tells_one_fact_about_the_parcel(order: Order, facts: Facts, verb: Any, fact: str) -> None:
    parcel = services.ship(order)
    facts.clear()
    verb(parcel, occurred_at=LATER)
    assert [(name, told["occurred_at"], told["parcel"]) for name, told in facts] == [(fact, LATER, parcel)]


def test_without_a_time_it_is_now(order: Order, facts: Facts, shop: app_clock.ManualClock) -> None:
    services.pay(order)
    assert facts[-1][1]["occurred_at"] == shop()


def test_refused_verb_changes_and_tells_nothing(order: Order, facts: Facts) -> None:
    services.cancel(order)
    facts.clear()
    for verb in (services.pay, services.prepare, services.ship, services.cancel, services.request_return):
        with pytest.raises(services.NotPossible):
            verb(order)
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert facts == []
    assert not order.parcels.exists()


def test_stale_object_does_not_undo_what_happened_since(order: Order) -> None:
    stale = Order.objects.get(pk=order.pk)
    services.cancel(order)
    with pytest.raises(services.NotPossible):
        services.pay(stale)


def test_split_order_is_shipped_with_the_last_parcel(order: Order) -> None:
    first, second = order.items.all()
    one = services.ship(order, {first: 1}, of=2)
    assert (one.reference, one.of, order.status) == ("1", 2, Order.Status.PARTLY_SHIPPED)
    two = services.ship(order, {second: 1}, of=2)
    assert (two.reference, order.status) == ("2", Order.Status.SHIPPED)


def test_parcel_of_a_split_whose_end_is_open_does_not_say_of_how_many(order: Order) -> None:
    first, _second = order.items.all()
    assert services.ship(order, {first: 1}).of == 0
    assert services.ship(order).of == 2


def test_no_more_is_shipped_than_was_ordered(order: Order) -> None:
    first, _second = order.items.all()
    with pytest.raises(services.NotPossible):
        services.ship(order, {first: 2})
    services.ship(order)
    with pytest.raises(services.NotPossible):
        services.ship(order)


def test_order_is_delivered_with_its_last_parcel(order: Order) -> None:
    first, second = order.items.all()
    parcels = [services.ship(order, {item: 1}, of=2) for item in (first, second)]
    services.deliver(parcels[0])
    assert Order.objects.get().status == Order.Status.SHIPPED
    services.deliver(parcels[1])
    assert Order.objects.get().status == Order.Status.DELIVERED


def test_arrived_parcel_moves_no_more(order: Order) -> None:
    parcel = services.ship(order)
    services.deliver(parcel)
    with pytest.raises(services.NotPossible):
        services.out_for_delivery(Parcel.objects.get())


def test_second_failed_attempt_is_a_fact_of_its_own(order: Order) -> None:
    parcel = services.ship(order)
    for verb in (services.out_for_delivery, services.fail_delivery, services.out_for_delivery, services.fail_delivery):
        verb(parcel)
    kinds = list(OrderEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("delivery_failed") == kinds.count("order_out_for_delivery") == 2


def test_refunds_add_up_to_what_was_paid(order: Order, facts: Facts) -> None:
    services.pay(order)
    services.refund(order, Decimal("100.50"))
    services.refund(order)
    assert [told["data"]["amount"] for name, told in facts if name == "order_refunded"] == ["100.50", str(order.total - Decimal("100.50"))]
    with pytest.raises(services.NotPossible):
        services.refund(order, Decimal(1))


def test_event_holds_the_parcel_with_its_lines(order: Order) -> None:
    first, _second = order.items.all()
    parcel = services.ship(order, {first: 1}, of=2)
    told = OrderEvent.objects.get(kind="order_shipped").parcel
    assert told["tracking_number"] == parcel.tracking_number
    assert told["tracking_url"] == f"http://localhost:8000/track/{parcel.tracking_number}/"
    assert [line["title"] for line in told["lines"]] == ["Monsoon Mug"]
    assert told["of"] == 2


def test_event_holds_the_order_as_the_shop_knows_it(order: Order) -> None:
    told = OrderEvent.objects.get(kind="order_placed").snapshot
    assert told["number"] == order.number
    assert told["customer"]["email"] == "asha@customers.example"
    assert told["customer"]["language"] == "en"
    assert told["address"]["lines"] == ["7 Lake Road"]
    assert told["promised_latest"] == order.promised_latest.isoformat()
    assert told["url"] == f"http://localhost:8000{order.get_absolute_url()}"
    assert told["retry_payment_url"] == f"http://localhost:8000{order.get_payment_url()}"
    assert [(line["sku"], line["price"]) for line in told["lines"]] == [("monsoon-mug", "690.00"), ("kantha-cushion", "1250.00")]
