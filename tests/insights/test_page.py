"""The page: who may see it, what it says, and that every number leads to the rows it counts."""

from __future__ import annotations

import csv
import re
from datetime import date
from html import unescape
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from ecommerce_comms.shipping.models import Service, Warehouse
from tests.insights.making import delivery, score, year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE, FILE = "admin:ecommerce_comms_kept", "admin:ecommerce_comms_kept_file"
LINK = re.compile(r'<a href="([^"]+)">(?:<b>)?(\d+)(?:</b>)?')


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def read(client, **chosen) -> str:
    response = client.get(reverse(PAGE), chosen)
    assert response.status_code == 200
    return response.content.decode()


def lines(client, **chosen) -> list[list[str]]:
    """The file's table."""
    response = client.get(reverse(FILE), chosen)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


def staff(client, *codenames):
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="ecommerce_comms"))
    client.force_login(user)
    return client


# ---- who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PAGE, FILE])
def test_staff_who_may_read_promises_may_read_whether_they_are_kept(client, name):
    assert staff(client, "view_promise").get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", [PAGE, FILE])
def test_other_staff_may_not(client, name):
    assert staff(client, "view_message").get(reverse(name)).status_code == 403


def test_customers_are_sent_to_the_door(client):
    client.force_login(User.objects.create_user("asha"))
    assert client.get(reverse(PAGE)).status_code == 302


def test_index_of_the_app_leads_there(client):
    address = reverse(PAGE)
    assert address in staff(client, "view_promise").get(reverse("admin:app_list", args=["ecommerce_comms"])).content.decode()


# ---- what it says -------------------------------------------------------------------------------------------------------


def test_without_anything_due_it_says_when_there_will_be_something(merchant):
    text = read(merchant)
    assert "The first figures stand here on the day after" in text and "comms-chart" not in text.partition("</head>")[2]


def test_one_delivery_is_told_with_all_its_doubt(merchant):
    delivery()
    score()
    text = read(merchant)
    assert "kept: 1 of 1 delivery" in text and "most likely between 20.7 % and 100.0 %" in text


def test_it_tells_the_first_and_the_last_promise_side_by_side(merchant):
    delivery(arrived=date(2026, 2, 12), told=date(2026, 2, 9), new_due=date(2026, 2, 13))
    score()
    assert re.findall(r'comms-large">([\d.]+ %)', read(merchant)) == ["0.0 %", "100.0 %"]


@pytest.mark.parametrize("grouping, judged", [
    ("carrier", "first"), ("service", "last"), ("lane", "first"), ("warehouse", "last"), ("country", "first"), ("month", "last"),
    ("month", "first"), ("source", "last"),
])
def test_every_number_leads_to_the_rows_it_counts(merchant, grouping, judged):
    year(25, seed=3)
    delivery(reference="early", due=date(2026, 3, 4), arrived=date(2026, 3, 1))
    score()
    text = read(merchant, by=grouping, judged=judged, country="IN")
    links = [(unescape(address), int(number)) for address, number in LINK.findall(text)]
    assert len(links) > 15
    for address, number in dict(links).items():
        assert (address, merchant.get(address).context["cl"].result_count) == (address, number)


def test_warehouse_and_option_have_the_names_that_the_merchant_gave(merchant):
    Warehouse.objects.create(name="Pune depot", code="pune", country="IN", time_zone="Asia/Kolkata")
    Service.objects.create(code="standard", name="Standard post")
    delivery(origin="pune")
    score()
    assert "Pune depot → IN-WB" in read(merchant, by="lane")
    assert lines(merchant, by="service")[1][0] == "Standard post"


def test_aim_is_the_share_by_which_dates_are_chosen(merchant, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "PROMISE_LEVEL": 0.5}
    for number in range(10):
        delivery(reference=str(number), arrived=date(2026, 2, 12) if number < 2 else date(2026, 2, 9))
    score()
    assert "comms-verdict comms-plain" in read(merchant)
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "PROMISE_LEVEL": 0.97}
    assert "comms-verdict comms-bad" in read(merchant)


def test_group_without_a_name_can_be_chosen(merchant):
    delivery(carrier="")
    score()
    delivery(reference="B", carrier="Delhivery")
    score()
    assert [line[:2] for line in lines(merchant, carrier="-")[1:]] == [["not known", "1"]]


def test_names_of_others_are_shown_as_they_are(merchant):
    delivery(carrier="<script>alert(1)</script>", region="<b>")
    score()
    text = read(merchant, by="lane") + read(merchant)
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_nothing_on_it_asks_for_an_exception_from_the_policy(merchant):
    year(30)
    content = read(merchant).partition('id="content-main"')[2].partition('id="footer"')[0]
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|javascript:", content)


@pytest.mark.parametrize("chosen", [
    {"by": "weather"}, {"since": "yesterday"}, {"since": "2026-02", "until": "2025-05"}, {"judged": "best"}, {"carrier": "Nobody"},
    {"since": "0000-00"}, {"country": "'; --"},
])
def test_choice_that_makes_no_sense_does_no_harm(merchant, chosen):
    delivery()
    score()
    assert read(merchant, **chosen)
    assert lines(merchant, **chosen)


def test_period_begins_and_ends_with_months(merchant):
    delivery(reference="A", due=date(2026, 1, 31), arrived=date(2026, 1, 30))
    delivery(reference="B")
    score()
    assert [line[:2] for line in lines(merchant, by="month", since="2026-02")[1:]] == [["February 2026", "1"]]
    assert [line[:2] for line in lines(merchant, by="month", since="2025-12", until="2026-01")[1:]] == [["January 2026", "1"]]


def test_number_of_queries_does_not_grow_with_the_deliveries(merchant, django_assert_max_num_queries):
    year(60)
    with django_assert_max_num_queries(30):
        read(merchant, by="lane")


# ---- the file -----------------------------------------------------------------------------------------------------------


def test_file_holds_the_table_of_the_page(merchant):
    delivery(reference="A")
    delivery(reference="B", arrived=date(2026, 2, 12))
    score()
    head, line = lines(merchant)
    assert head[:4] == ["Carrier", "Deliveries", "Promises kept", "Share kept"]
    assert line == ["Delhivery", "2", "1", "0.5", "0.0945", "0.9055", "3.0", "6.0", "2.0", "1.0", "0"]


def test_carrier_cannot_put_a_formula_into_a_spreadsheet(merchant):
    delivery(carrier="=HYPERLINK(1)")
    score()
    assert lines(merchant)[1][0] == "'=HYPERLINK(1)"
