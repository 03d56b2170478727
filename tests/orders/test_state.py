"""The end state depends on what happened and when, not on the order in which it was told."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import permutations

import pytest

from ecommerce_comms import testing
from ecommerce_comms.models import Message, Order, Parcel
from ecommerce_comms.orders import events
from ecommerce_comms.snapshots import LineSnapshot, ParcelSnapshot

STEPS = ["order_placed", "order_paid", "order_shipped", "order_out_for_delivery", "order_delivered"]


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


@pytest.fixture
def every_order_of_arrival(clock, db):
    """30 orders with the same five facts, each told in another order."""
    start = clock() - timedelta(hours=10)
    tellings = list(permutations(STEPS))[::4]
    for position in range(len(STEPS)):
        for number, kinds in enumerate(tellings):
            kind = kinds[position]
            events.record(kind, testing.order(str(number)), occurred_at=start + timedelta(hours=STEPS.index(kind)))
        testing.settle()


@pytest.mark.usefixtures("every_order_of_arrival")
def test_every_order_of_arrival_ends_the_same():
    states = {(order.status, order.placed_at, order.paid_at, order.delivered_at) for order in Order.objects.all()}
    assert len(states) == 1
    assert states.pop()[0] == Order.Status.DELIVERED
    assert len({(parcel.status, parcel.shipped_at, parcel.delivered_at) for parcel in Parcel.objects.all()}) == 1


@pytest.mark.usefixtures("every_order_of_arrival")
def test_no_message_steps_back_whatever_the_order_of_arrival():
    told = defaultdict(list)
    for message in Message.objects.filter(state="sent").order_by("pk"):
        told[message.order_id].append(message.kind)
    assert len(told) == 30
    for kinds in told.values():
        steps = [kind for kind in kinds if kind in STEPS[2:]]
        assert steps == sorted(steps, key=STEPS.index)
        assert steps[-1] == "order_delivered"
        assert kinds.count("order_placed") == kinds.count("order_paid") == 1


@pytest.mark.django_db
def test_order_is_delivered_when_its_last_parcel_is():
    lines = (LineSnapshot(sku="a", quantity=2), LineSnapshot(sku="b", quantity=1))
    order = testing.order(lines=lines)
    parcels = [ParcelSnapshot(reference="1", lines=lines[:1]), ParcelSnapshot(reference="2", lines=lines[1:])]
    testing.tell("order_shipped", order, parcel=parcels[0])
    testing.tell("order_delivered", order, parcel=parcels[0])
    known = Order.objects.get()
    assert (known.status, known.delivered_at) == (Order.Status.PARTLY_DELIVERED, None)
    testing.tell("order_shipped", order, parcel=parcels[1])
    testing.tell("order_delivered", order, parcel=parcels[1])
    known.refresh_from_db()
    assert known.status == Order.Status.DELIVERED
    assert known.delivered_at is not None


@pytest.mark.django_db
def test_arrival_told_without_a_parcel_is_about_the_only_parcel():
    testing.tell("order_shipped", testing.order(), parcel="DG-1")
    testing.tell("order_delivered", testing.order())
    assert [(parcel.reference, parcel.status) for parcel in Parcel.objects.all()] == [("DG-1", "delivered")]


@pytest.mark.django_db
def test_failed_attempt_after_an_arrival_corrects_it(clock):
    testing.tell("order_delivered", testing.order(), occurred_at=clock())
    clock.advance(hours=1)
    testing.tell("delivery_failed", testing.order(), occurred_at=clock())
    assert Order.objects.get().delivered_at is None
    assert Parcel.objects.get().status == Parcel.Status.FAILED


@pytest.mark.django_db
def test_newest_snapshot_wins_by_the_time_it_was_true(clock):
    now = clock()
    testing.tell("order_changed", testing.order(number="new"), occurred_at=now)
    testing.tell("order_placed", testing.order(number="old"), occurred_at=now - timedelta(hours=1))
    assert Order.objects.get().number == "new"


@pytest.mark.django_db
def test_language_is_frozen_when_the_order_is_first_seen():
    hindi = testing.order().customer.to_json() | {"language": "hi"}
    testing.tell("order_placed", testing.order(customer=type(testing.order().customer).from_json(hindi)))
    testing.tell("order_paid", testing.order())
    assert {message.language for message in Message.objects.all()} == {"hi"}


@pytest.mark.django_db
def test_later_facts_add_to_what_is_known_of_a_parcel():
    lines = (LineSnapshot(sku="a", quantity=2), LineSnapshot(sku="b", quantity=1))
    order = testing.order(lines=lines)
    testing.tell("order_shipped", order, parcel=ParcelSnapshot(reference="A", of=2, carrier="DHL", tracking_number="T1", lines=lines[:1]))
    testing.tell("order_delivered", order, parcel={"reference": "A"})
    parcel = Parcel.objects.get()
    assert (parcel.carrier, parcel.tracking_number, parcel.as_snapshot.of) == ("DHL", "T1", 2)
    assert Order.objects.get().status == Order.Status.PARTLY_DELIVERED
