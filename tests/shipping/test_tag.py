"""``{% comms_arrival %}``: what a customer reads before buying."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from ecommerce_comms.shipping.estimators.base import ShippingEstimator
from ecommerce_comms.shipping.models import Warehouse
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from tests.shipping.making import service, warehouse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MUG = SimpleNamespace(slug="mug", price=Decimal(690), weight_kg="0.4", category=["not", "plain"])


class Broken(ShippingEstimator):
    """Fails whatever it is asked."""

    def estimate(self, request):
        raise ZeroDivisionError


def text(tag, **context):
    """The tag's text without markup, blanks made single."""
    parser, found = HTMLParser(), []
    parser.handle_data = found.append
    parser.feed(html(tag, **context))
    return re.sub(r"\s+", " ", "".join(found)).strip()


def html(tag, language="en", **context):
    with translation.override(language):
        return Template("{% load comms %}" + tag).render(Context(context)).strip()


@pytest.fixture
def shop():
    """Monday, 10:00: orders until 14:00 leave today or tomorrow; two options to India, one to everywhere."""
    warehouse(country="", time_zone="Asia/Kolkata")
    service("post", price="80", currency="INR", country="XI")
    service("air", price="0", currency="INR", transit_days_min=1, transit_days_max=1, position=1)


@pytest.mark.usefixtures("shop")
class TestShop:
    def test_a_product_page_tells_the_first_option_in_one_line(self):
        said = text("{% comms_arrival product=product destination='XI' %}", product=MUG)
        assert said == "Arrives Wed 4 – Fri 6 Mar · order within 4 h"

    def test_a_basket_lists_every_option_with_its_price(self):
        shown = html("{% comms_arrival lines=lines destination=place %}", lines=[LineSnapshot()], place=AddressSnapshot(country="XI"))
        assert shown.count("<li>") == 2
        said = text("{% comms_arrival lines=lines destination=place %}", lines=[], place={"country": "XI", "postcode": "7"})
        assert said == ("Post Arrives Wed 4 – Fri 6 Mar · order within 4 h ₹80.00 "
                        "Air Arrives Tue 3 – Wed 4 Mar · order within 4 h Free")

    @pytest.mark.parametrize(("language", "said"), [
        ("hi", "डिलीवरी बुध, 4 – शुक्र, 6 मार्च · 4 घंटे के अंदर ऑर्डर करें"),
        ("bn", "ডেলিভারি বুধ, 4 – শুক্র, 6 মার্চ · অর্ডার করার সময় আছে আর 4 ঘণ্টা"),
        ("de", "Arrives Mi 4 – Fr 6 März · order within 4 h"),  # no words of ours, but the days are right
    ])
    def test_it_speaks_the_language_of_the_page(self, language, said):
        shown = text("{% comms_arrival product=product destination='XI' %}", language=language, product=MUG)
        assert shown.replace(".", "") == said.replace(".", "")

    @pytest.mark.parametrize(("hour", "minute", "said"), [
        (11, 50, "order within 2 h 10 min"), (13, 0, "order within 1 h"), (13, 59, "order within 1 min"), (14, 0, "order within"),
    ])
    def test_the_countdown_is_rounded_down(self, clock, hour, minute, said):
        clock.advance(seconds=(hour - 10) * 3600 + minute * 60)
        shown = text("{% comms_arrival product=product destination='XI' %}", product=MUG)
        assert (said in shown) is (hour < 14)

    def test_a_cut_off_after_the_weekend_is_told_as_a_day(self, clock):
        clock.advance(days=4, hours=6)
        assert "order by Mon 9 Mar, 14:00" in text("{% comms_arrival product=product destination='XI' %}", product=MUG)

    def test_one_option_can_be_asked_for(self):
        assert text("{% comms_arrival product=product destination='XI' option='air' %}", product=MUG).startswith("Arrives Tue 3")
        assert html("{% comms_arrival product=product destination='XI' option='rocket' %}", product=MUG) == ""

    def test_options_that_the_page_has_already_are_not_asked_for_again(self, django_assert_num_queries):
        options = quote(AddressSnapshot(country="XI"))
        with django_assert_num_queries(0):
            assert html("{% comms_arrival options=options %}", options=options).count("<li>") == 2

    def test_without_a_destination_it_is_the_country_of_the_warehouse(self):
        assert text("{% comms_arrival product=product %}", product=MUG).startswith("Arrives Tue 3")

    def test_there_is_nothing_that_a_strict_policy_forbids(self):
        shown = html("{% comms_arrival lines=lines destination='XI' %}", lines=[])
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", shown)

    def test_what_merchants_write_is_never_markup(self):
        service("evil", name="<script>alert(1)</script>", position=2)
        assert "<script>" not in html("{% comms_arrival lines=lines destination='XI' %}", lines=[])

    def test_a_template_of_the_shops_own_can_be_named(self):
        assert html("{% comms_arrival product=p template_name='ecommerce_comms/admin/weekdays.html' %}", p=MUG).startswith("<span")

    def test_the_filter_writes_one_window(self):
        option = quote(AddressSnapshot(country="XI"))[0]
        assert text("{{ option|comms_window }}", option=option) == "Wed 4 – Fri 6 Mar"

    def test_a_heavy_product_is_told_the_price_and_time_of_its_weight(self):
        service("freight", weight_up_to="50", transit_days_min=9, transit_days_max=9, position=9)
        assert "Freight" in text("{% comms_arrival lines=lines %}", lines=[{"weight": 49}])
        assert "Freight" not in text("{% comms_arrival lines=lines %}", lines=[{"weight": 51}])

    @pytest.mark.parametrize("odd", [{"weight": "heavy", "price": "NaN"}, {"price": -3}, object(), SimpleNamespace(price=[1])])
    def test_a_line_that_says_nothing_usable_is_a_line_all_the_same(self, odd):
        assert "Air" in text("{% comms_arrival lines=lines %}", lines=[odd])


def test_no_honest_date_shows_nothing():
    assert html("{% comms_arrival product=p %}", p=MUG) == ""
    service("post")
    assert html("{% comms_arrival lines=lines %}", lines=[]) == ""
    warehouse()
    assert html("{% comms_arrival lines=lines %}", lines=[]) != ""
    Warehouse.objects.all().delete()
    assert html("{% comms_arrival lines=lines %}", lines=[]) == ""


def test_trouble_shows_nothing_and_is_logged(settings, caplog, shop):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ESTIMATOR": f"{__name__}.Broken"}
    assert html("{% comms_arrival product=p %}", p=MUG) == ""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ESTIMATOR": "nothing.there"}
    assert html("{% comms_arrival product=p %}", p=MUG) == ""
    assert "could not be told" in caplog.text


def test_a_window_over_the_end_of_the_year_names_the_year(clock, shop):
    clock.set(clock().replace(year=2026, month=12, day=30))
    option = quote(AddressSnapshot(country="XI"))[0]
    assert option.latest == date(2027, 1, 4)
    assert text("{% comms_arrival product=p destination='XI' %}", p=MUG).startswith("Arrives Fri 1 – Mon 4 Jan 2027")


def test_a_country_that_is_no_code_shows_no_date_of_elsewhere(caplog):
    warehouse(country="IN", time_zone="Asia/Kolkata")
    service("post", price="80", currency="INR")
    assert html("{% comms_arrival destination='IN' %}")
    assert html("{% comms_arrival destination='Indien' %}") == ""
    assert html("{% comms_arrival destination=place %}", place={"country": "India", "postcode": "700029"}) == ""
    assert "give two letters" in caplog.text
