"""Announced times in which everything takes longer."""

from __future__ import annotations

from datetime import date

import pytest

from ecommerce_comms.shipping.models import Carrier, Peak
from ecommerce_comms.shipping.tables import is_in
from tests.shipping.making import KOLKATA, local, service, warehouse
from tests.shipping.test_warehouses import lines, march, window

MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)


def peak(first=date(2026, 3, 1), last=date(2026, 3, 31), **fields):
    return Peak.objects.create(name="Holi", day=first, last_day=last, **fields)


@pytest.mark.django_db
class TestWindow:
    @pytest.fixture(autouse=True)
    def shop(self):
        warehouse(handling_days_max=2, working_days="1234567")
        service(transit_days_min=2, transit_days_max=5, delivery_days="1234567", carrier="Blue")

    @pytest.mark.parametrize(("fields", "latest"), [
        ({}, 12),  # 2 × 1.3 and 5 × 1.3, rounded up to whole days: 3 + 7
        ({"slows": "handling"}, 10),
        ({"slows": "transit"}, 11),
        ({"factor": "2"}, 16),
    ])
    def test_a_peak_lengthens_the_worst_case_and_leaves_the_best(self, fields, latest):
        assert window() == march(4, 9)
        peak(**fields)
        assert window() == march(4, latest)

    def test_days_outside_the_peak_take_as_long_as_ever(self):
        peak(last=date(2026, 3, 2))
        assert window() == march(4, 9)
        peak(first=date(2026, 3, 8), last=date(2026, 3, 8))
        assert window() == march(4, 10)

    def test_the_longer_of_two_peaks_counts(self):
        peak()
        peak(factor="2")
        assert window() == march(4, 16)

    def test_a_peak_of_one_carrier_or_warehouse_is_no_others(self):
        warehouse(name="Hills", is_default=False, handling_days_max=2, working_days="1234567")
        service("rail", transit_days_min=2, transit_days_max=5, delivery_days="1234567", carrier="Red")
        peak(carrier=Carrier.objects.get(name="Blue"))
        assert window(service="rail") == march(4, 9)
        assert window() == march(4, 11)  # the way only: packing is none of the carrier's affairs
        Peak.objects.all().delete()
        peak(warehouse=warehouse(name="Coast", is_default=False, handling_days_max=2, working_days="1234567"))
        assert window(lines=lines("hills")) == march(4, 9)
        assert window(lines=lines("coast")) == march(4, 10)


@pytest.mark.parametrize(("first", "last", "day", "repeats", "expected"), [
    (date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 10), False, True),
    (date(2026, 11, 1), date(2026, 11, 10), date(2027, 11, 5), False, False),
    (date(2026, 11, 1), date(2026, 11, 10), date(2027, 11, 5), True, True),
    (date(2026, 11, 1), date(2026, 11, 10), date(2025, 11, 5), True, False),  # before it was announced
    (date(2026, 12, 20), date(2027, 1, 5), date(2028, 1, 5), True, True),
    (date(2026, 12, 20), date(2027, 1, 5), date(2028, 12, 20), True, True),
    (date(2026, 12, 20), date(2027, 1, 5), date(2028, 1, 6), True, False),
    (date(2028, 2, 29), date(2028, 3, 2), date(2029, 2, 28), True, True),
])
def test_a_peak_repeats_on_the_same_days_of_later_years(first, last, day, repeats, expected):
    assert is_in(Peak(day=first, last_day=last, repeats=repeats), day) is expected
