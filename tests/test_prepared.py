"""A statement that was put together once says the same as the queryset it was made of, whatever its values."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction
from django.db.models import F

from ecommerce_comms.lookups import among
from ecommerce_comms.models import Customer, OrderEvent
from ecommerce_comms.prepared import MOMENT, NUMBER, NUMBERS, TEXT, TEXTS, Read, Write

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def customers():
    for number in range(5):
        Customer.objects.create(key=f"k{number}", email=f"{number}@x.example", language="en" if number % 2 else "hi",
                                created_at=NOON + timedelta(days=number))


def keys(found):
    return sorted(each.key for each in found)


@pytest.mark.parametrize(("build", "kinds", "values", "wanted"), [
    (lambda key: Customer.objects.filter(key=key), (TEXT,), ("k3",), ["k3"]),
    (lambda key: Customer.objects.filter(key=key), (TEXT,), ("' OR 1=1 --%s",), []),
    (lambda when: Customer.objects.filter(created_at__lte=when), (MOMENT,), (NOON + timedelta(days=1),), ["k0", "k1"]),
    (lambda some: Customer.objects.filter(among("key", some)), (TEXTS,), ({"k1", "k4", "no"},), ["k1", "k4"]),
    (lambda some: Customer.objects.filter(among("key", some)), (TEXTS,), (set(),), []),
    (lambda lang, some, when: Customer.objects.filter(among("key", some), language=lang, created_at__gt=when),
     (TEXT, TEXTS, MOMENT), ("hi", ["k0", "k2", "k4"], NOON), ["k2", "k4"]),
    (lambda few: Customer.objects.order_by("key")[:few], (NUMBER,), (2,), ["k0", "k1"]),
])
def test_rows_are_those_of_the_queryset(build, kinds, values, wanted):
    read = Read(Customer, build, *kinds)
    assert keys(read.objects(*values)) == wanted
    assert keys(read.objects(*values)) == wanted  # the second time it is not put together any more


def test_numbers_stand_for_keys():
    some = {customer.pk for customer in Customer.objects.filter(language="en")}
    read = Read(Customer, lambda several: Customer.objects.filter(among("id", several)), NUMBERS)
    assert keys(read.objects(some)) == ["k1", "k3"]


def test_object_is_as_django_reads_it():
    (read,) = Read(Customer, lambda key: Customer.objects.filter(key=key), TEXT).objects("k1")
    assert {**read.__dict__, "_state": None} == {**Customer.objects.get(key="k1").__dict__, "_state": None}


def test_column_that_was_left_out_is_deferred():
    (read,) = Read(Customer, lambda key: Customer.objects.filter(key=key).defer("email"), TEXT).objects("k1")
    assert read.get_deferred_fields() == {"email"}


def test_json_is_read(fake_shop):
    about = {"kind": "order_paid", "order_reference": "1", "order_key": "1", "occurred_at": NOON}
    event = OrderEvent.objects.create(event_key="e", data={"a": [1]}, **about)
    (read,) = Read(OrderEvent, lambda key: OrderEvent.objects.filter(event_key=key), TEXT).objects("e")
    assert (read.data, read.pk) == ({"a": [1]}, event.pk)


def test_columns_come_as_django_gives_them():
    read = Read(Customer, lambda key: Customer.objects.filter(key=key).values_list("email", "created_at"), TEXT)
    assert [tuple(row) for row in read.rows("k2")] == [("2@x.example", NOON + timedelta(days=2))]


def test_rows_are_locked_inside_a_transaction():
    read = Read(Customer, lambda key: Customer.objects.filter(key=key).select_for_update(), TEXT)
    with transaction.atomic():
        assert keys(read.objects("k1")) == ["k1"]


def test_update_changes_what_it_should_and_says_how_much():
    write = Write(Customer, lambda lang, when, some: (
        Customer.objects.filter(among("key", some)), {"language": lang, "created_at": when, "last_name": F("email")},
    ), TEXT, MOMENT, TEXTS)
    assert (write("bn", NOON, ["k1", "k2"]), write("bn", NOON, [])) == (2, 0)
    assert set(Customer.objects.filter(language="bn").values_list("key", "last_name", "created_at")) == {
        ("k1", "1@x.example", NOON), ("k2", "2@x.example", NOON),
    }


def test_decisions_are_made_on_the_database_that_is_written_to(settings):
    settings.DATABASE_ROUTERS = ["tests.test_prepared.ReadsElsewhere"]
    assert keys(Read(Customer, lambda key: Customer.objects.filter(key=key), TEXT).objects("k1")) == ["k1"]


class ReadsElsewhere:
    """A shop whose reads go to a copy, which has nothing yet."""

    def db_for_read(self, model, **hints):
        return "other"
