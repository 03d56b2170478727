"""Instances made without ceremony are what Django would have made."""

from __future__ import annotations

import pytest
from django.db.models.signals import post_init

from ecommerce_comms.lean import LeanModel
from ecommerce_comms.models import Customer, Message, Order

OWN_EACH_TIME = {"uid", "decided_at", "_state"}


def plain(row):
    """What ``row`` holds, but for what is another in each."""
    return {name: value for name, value in row.__dict__.items() if name not in OWN_EACH_TIME}


@pytest.mark.parametrize("model", LeanModel.__subclasses__())
def test_built_row_has_the_defaults_of_its_model(model):
    assert plain(model.build()).keys() == plain(model()).keys()
    assert all(type(value) is type(getattr(model(), name)) for name, value in plain(model.build()).items())


def test_built_rows_share_no_default():
    one, other = Message.build(), Message.build()
    assert one.uid != other.uid
    one.facts["x"] = 1
    assert other.facts == {}


def test_built_row_carries_what_it_relates_to():
    order = Order(pk=7)
    message = Message.build(order=order, parcel=None, customer_id=3)
    assert (message.order, message.order_id, message.parcel, message.parcel_id, message.customer_id) == (order, 7, None, None, 3)


def test_name_that_is_no_field_is_refused():
    with pytest.raises(TypeError, match="'adress'"):
        Customer.build(adress="x")


@pytest.mark.django_db
class TestReading:
    @pytest.fixture
    def customer(self):
        return Customer.objects.create(key="k", email="asha@x.example")

    def test_row_that_was_read_is_as_django_reads_it(self, customer):
        (read,) = Customer.objects.all()
        assert plain(read) == plain(Customer(**plain(customer)))
        assert (read._state.adding, read._state.db) == (False, "default")

    def test_what_was_not_read_is_read_when_it_is_asked_for(self, customer, django_assert_num_queries):
        read = Customer.objects.only("key").get()
        assert read.get_deferred_fields() >= {"email"}
        with django_assert_num_queries(1):
            assert read.email == "asha@x.example"

    def test_who_listens_to_new_instances_hears_of_each(self, customer):
        heard = []

        def hear(instance, **_signal):
            heard.append(instance)

        post_init.connect(hear, sender=Customer)
        try:
            assert heard == [] and [*Customer.objects.all(), Customer.build(key="x")] == heard
        finally:
            post_init.disconnect(hear, sender=Customer)
