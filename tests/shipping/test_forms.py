"""What a merchant may enter, and what the ledger's page allows."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from ecommerce_comms.shipping.admin.houses import WarehouseAdmin
from ecommerce_comms.shipping.admin.promises import PromiseAdmin
from ecommerce_comms.shipping.forms import (
    CarrierForm,
    ClosedDayForm,
    PeakForm,
    PickupPointForm,
    PlaceForm,
    RateForm,
    ServiceForm,
    WarehouseForm,
    ZoneForm,
)
from ecommerce_comms.shipping.models import Promise, Warehouse
from tests.shipping.making import service, warehouse

pytestmark = pytest.mark.django_db
HOUSE = {
    "name": "Depot", "country": "in", "time_zone": "Asia/Kolkata", "cut_off": "14:00", "handling_days_min": 0, "handling_days_max": 1,
    "working_days": "54321", "is_default": True,
}
OPTION = {"code": "post", "name": "Post", "kind": "door", "delivery_days": "123456", "position": 0}
RATE = {"transit_days_min": 2, "transit_days_max": 3, "price": "40", "currency": "inr"}
POINT = {"name": "Corner shop", "country": "in", "opening_days": "123456"}
PEAK = {"name": "Diwali", "day": "2026-11-01", "last_day": "2026-11-10", "factor": "1.3", "slows": "both"}
CARRIER = {"name": "Blue"}


def test_what_is_entered_is_tidied():
    form = WarehouseForm(HOUSE)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["country"], form.cleaned_data["working_days"]) == ("IN", "12345")
    form = ZoneForm({"name": "Bay", "countries": "in; bd np, in"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["countries"] == "IN, BD, NP"


@pytest.mark.parametrize(("form", "data"), [
    (ServiceForm, OPTION), (PickupPointForm, POINT), (PeakForm, PEAK), (CarrierForm, CARRIER),
    (CarrierForm, CARRIER | {"tracking_url": "https://track.example/?n={number}"}),
    (ClosedDayForm, {"day": "2026-03-04"}),
    (WarehouseForm, HOUSE | {"short_days": "6", "short_cut_off": "11:00"}),
])
def test_what_makes_sense_is_taken(form, data):
    assert form(data).errors == {}


def test_a_currency_is_written_in_capitals():
    form = RateForm(RATE | {"service": service().pk})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["currency"] == "INR"


@pytest.mark.parametrize(
    ("form", "data", "field"),
    [
        (WarehouseForm, HOUSE | {"time_zone": "Mars/Base"}, "time_zone"),
        (WarehouseForm, HOUSE | {"time_zone": "../../etc/passwd"}, "time_zone"),
        (WarehouseForm, HOUSE | {"country": "I1"}, "country"),
        (WarehouseForm, HOUSE | {"working_days": "128"}, "working_days"),
        (WarehouseForm, HOUSE | {"working_days": ""}, "working_days"),
        (WarehouseForm, HOUSE | {"handling_days_min": 2}, "handling_days_max"),
        (WarehouseForm, HOUSE | {"latitude": "95", "longitude": "88"}, "latitude"),
        (WarehouseForm, HOUSE | {"short_days": "6"}, "short_cut_off"),
        (WarehouseForm, HOUSE | {"short_cut_off": "11:00"}, "short_days"),
        (ServiceForm, OPTION | {"delivery_days": "890"}, "delivery_days"),
        (CarrierForm, CARRIER | {"tracking_url": "https://track.example/"}, "tracking_url"),
        (CarrierForm, CARRIER | {"tracking_url": "javascript:alert({number})"}, "tracking_url"),
        (ZoneForm, {"name": "Bay", "countries": "IN, India"}, "countries"),
        (PlaceForm, {"zone": "", "country": "IN", "postcodes": "7000, 110001-1100096"}, "postcodes"),
        (PickupPointForm, POINT | {"country": "India"}, "country"),
        (ClosedDayForm, {"day": "2026-03-04", "last_day": "2026-03-03"}, "last_day"),
        (ClosedDayForm, {"day": "2026-03-04", "last_day": "2036-03-04"}, "last_day"),
        (PeakForm, PEAK | {"factor": "0.5"}, "factor"),
        (PeakForm, PEAK | {"factor": "13"}, "factor"),
        (PeakForm, PEAK | {"last_day": "2026-10-31"}, "last_day"),
        (ClosedDayForm, {"day": "2026-03-04", "country": "", "region": "WB"}, "country"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(form, data, field):
    assert list(form(data).errors.keys() - {"zone"}) == [field]


def test_the_worst_case_of_the_way_is_not_quicker_than_the_best():
    assert list(RateForm(RATE | {"service": service().pk, "transit_days_min": 4}).errors) == ["transit_days_max"]
    assert list(RateForm(RATE | {"service": service("b").pk, "currency": "R$"}).errors) == ["currency"]


def test_parcels_leave_from_one_warehouse():
    old = warehouse(name="Old")
    new = Warehouse(name="New", country="IN", time_zone="Asia/Kolkata")
    WarehouseAdmin(Warehouse, site).save_model(RequestFactory().post("/"), new, None, change=False)
    assert list(Warehouse.objects.filter(is_default=True)) == [new] != [old]


def test_the_ledger_can_be_read_and_not_changed():
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_superuser=True, is_active=True)
    page = PromiseAdmin(Promise, site)
    assert page.has_view_permission(request)
    assert not (page.has_add_permission(request) or page.has_change_permission(request) or page.has_delete_permission(request))


def test_a_currency_that_does_not_exist_is_refused():
    form = RateForm({"currency": "RUP", "transit_days_min": 1, "transit_days_max": 2, "price": 1})
    assert "There is no currency" in str(form.errors["currency"])
