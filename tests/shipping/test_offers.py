"""Which time and price counts for what is sent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ecommerce_comms.shipping.estimators.table import TableEstimator
from ecommerce_comms.shipping.models import Service
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from tests.shipping.making import KOLKATA, local, request, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


@pytest.fixture(autouse=True)
def shop():
    warehouse()


def offered(*lines, **fields):
    return {option.code: option.price for option in quote(AddressSnapshot(country="IN"), at=MONDAY_10, lines=lines, **fields)}


def line(weight=None, price=None):
    return LineSnapshot(weight_kg=None if weight is None else Decimal(weight), price=None if price is None else Decimal(price))


@pytest.mark.parametrize(("lines", "price"), [
    ((), 50),
    ((line(),), 50),  # nobody knows its weight
    ((line("1"),), 50),
    ((line("1.001"),), 80),
    ((line("3"), line("2")), 80),
    ((line("5"), line("20")), 200),
    ((line("31"),), None),
])
def test_the_narrowest_weight_that_holds_it_counts(lines, price):
    for up_to, costs in (("1", 50), ("5", 80), ("30", 200)):
        service(weight_up_to=up_to, price=costs)
    assert offered(*lines) == ({"post": price} if price else {})


@pytest.mark.parametrize(("value", "price"), [(None, 80), ("999.99", 80), ("1000", 40), ("5000", 0)])
def test_shipping_is_cheaper_or_free_from_an_order_value_on(value, price):
    for start, costs in ((None, 80), ("1000", 40), ("5000", 0)):
        service(value_from=start, price=costs)
    assert offered(line(price=value)) == {"post": price}


def test_an_option_for_large_orders_only_is_not_offered_to_small_ones():
    service("gift", value_from="5000")
    assert offered(line(price="4999")) == {}
    assert offered(line(price="5000")) == {"gift": 0}


def test_a_weight_that_is_not_offered_in_a_zone_is_not_offered_there():
    service(price=80)
    service(weight_up_to="30", price=80, is_active=False, country="IN")
    assert offered(line("3")) == {}


def test_a_price_in_the_customers_currency_counts_and_none_is_converted():
    service(price=80, currency="INR")
    service(price=1, currency="EUR")
    service("free", price=0)
    service("local", price=9, currency="INR")
    assert offered(currency="EUR") == {"post": 1, "free": 0}
    assert offered(currency="inr") == {"post": 80, "free": 0, "local": 9}


def test_an_option_that_is_switched_off_or_has_no_price_is_not_offered():
    service("off")
    Service.objects.filter(code="off").update(is_active=False)
    Service.objects.create(code="empty", name="Empty")
    assert offered() == {}


def test_an_order_that_grew_too_heavy_still_has_its_date():
    service(weight_up_to="1")
    assert offered(line("9")) == {}
    assert TableEstimator().estimate(request(MONDAY_10, lines=(line("9"),)))


def test_options_stand_in_the_merchants_order_then_by_price():
    service("c", price=5, position=1)
    service("b", price=9)
    service("a", price=9)
    service("d", price=1)
    assert list(offered()) == ["d", "a", "b", "c"]
