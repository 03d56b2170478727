"""What a merchant may enter, and what the ledger's page allows."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from ecommerce_comms.shipping.admin import PromiseAdmin, WarehouseAdmin
from ecommerce_comms.shipping.forms import ClosedDayForm, ServiceForm, WarehouseForm
from ecommerce_comms.shipping.models import Promise, Warehouse
from tests.shipping.making import warehouse

pytestmark = pytest.mark.django_db
HOUSE = {
    "name": "Depot", "country": "in", "time_zone": "Asia/Kolkata", "cut_off": "14:00", "handling_days_min": 0, "handling_days_max": 1,
    "working_days": "54321", "is_default": True,
}
OPTION = {
    "code": "post", "name": "Post", "country": "in", "transit_days_min": 2, "transit_days_max": 3, "delivery_days": "123456",
    "price": "40", "currency": "inr", "position": 0,
}


def test_what_is_entered_is_tidied():
    form = WarehouseForm(HOUSE)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["country"], form.cleaned_data["working_days"]) == ("IN", "12345")
    form = ServiceForm(OPTION)
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
        (ServiceForm, OPTION | {"transit_days_min": 4}, "transit_days_max"),
        (ServiceForm, OPTION | {"country": "", "region": "WB"}, "country"),
        (ServiceForm, OPTION | {"currency": "R$"}, "currency"),
        (ClosedDayForm, {"day": "2026-03-04", "country": "", "region": "WB"}, "country"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(form, data, field):
    assert list(form(data).errors) == [field]


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
