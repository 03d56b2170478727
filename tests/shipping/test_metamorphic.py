"""Whatever slows a shop down never makes a date earlier: rules over thousands of made-up shops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_comms.shipping.estimators.base import EstimateRequest
from ecommerce_comms.shipping.estimators.table import from_table
from ecommerce_comms.shipping.models import ClosedDay, Peak, Rate, Service, Warehouse
from ecommerce_comms.shipping.offers import Group
from ecommerce_comms.shipping.tables import Tables
from ecommerce_comms.snapshots import AddressSnapshot
from ecommerce_comms.zones import zone

ZONES = ["Asia/Kolkata", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Dhaka", "Pacific/Auckland", "America/Sao_Paulo"]
COUNTRIES = ["", "IN", "BD", "BR", "US", "GB"]
WEEKS = ["12345", "123456", "1234567", "12347", "6", "157"]
START = datetime(2026, 12, 20, tzinfo=timezone.utc)
DAYS = 120
"""From before the year's end over the changes of the clocks in March."""

moments = st.integers(0, DAYS * 24 * 4).map(lambda quarters: START + timedelta(minutes=15 * quarters))
days = st.integers(0, DAYS + 40).map(lambda number: START.date() + timedelta(days=number))
spans = st.tuples(st.integers(0, 5), st.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))
closed_days = st.builds(lambda day, length, country: ClosedDay(day=day, last_day=day + timedelta(days=length), country=country),
                        days, st.integers(0, 6), st.sampled_from(COUNTRIES))
peaks = st.builds(lambda day, length, factor, slows: Peak(
    day=day, last_day=day + timedelta(days=length), factor=Decimal(factor) / 10, slows=slows, repeats=False,
), days, st.integers(0, 40), st.integers(11, 40), st.sampled_from(Peak.Slows.values))


@st.composite
def shops(draw):
    """A shop with one warehouse and one option."""
    house, way = draw(spans), draw(spans)
    warehouse = Warehouse(
        pk=1, name="Depot", country=draw(st.sampled_from(COUNTRIES)), time_zone=draw(st.sampled_from(ZONES)),
        cut_off=time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))), working_days=draw(st.sampled_from(WEEKS)),
        handling_days_min=house[0], handling_days_max=house[1], short_days=draw(st.sampled_from(["", "6", "5"])),
        short_cut_off=time(draw(st.integers(0, 23))),
    )
    rate = Rate(pk=1, service_id=1, transit_days_min=way[0], transit_days_max=way[1])
    return Tables(
        warehouses=(warehouse,), services={"post": Service(pk=1, code="post", name="Post", delivery_days=draw(st.sampled_from(WEEKS)))},
        groups={1: (Group((), (rate,)),)}, closed=tuple(draw(st.lists(closed_days, max_size=3))),
        peaks=tuple(draw(st.lists(peaks, max_size=2))),
    )


@st.composite
def requests(draw):
    """An order of that shop."""
    return EstimateRequest(
        ordered_at=draw(moments), service="post", destination=AddressSnapshot(country=draw(st.sampled_from(COUNTRIES))),
        time_zone=draw(st.sampled_from(ZONES)),
    )


def like(table, **changes):
    """The same shop, but for ``changes``, with nothing remembered of the old one."""
    kept = {name: getattr(table, name) for name in ("warehouses", "services", "groups", "closed", "peaks")}
    return Tables(**(kept | changes))


def house_like(table, **changes):
    old = table.warehouses[0]
    fields = {field.attname: getattr(old, field.attname) for field in Warehouse._meta.concrete_fields}
    return like(table, warehouses=(Warehouse(**(fields | changes)),))


def rate_like(table, **changes):
    old = table.groups[1][0].rates[0]
    fields = {field.attname: getattr(old, field.attname) for field in Rate._meta.concrete_fields}
    return like(table, groups={1: (Group((), (Rate(**(fields | changes)),)),)})


def window(table, request):
    told = from_table(table, request)
    assert told is not None
    return told.earliest, told.latest


def never_earlier(before, after):
    assert after[0] >= before[0]
    assert after[1] >= before[1]


@given(shops(), requests(), closed_days)
@settings(max_examples=150, deadline=None)
def test_another_holiday_never_makes_it_earlier(table, request, more):
    never_earlier(window(table, request), window(like(table, closed=(*table.closed, more)), request))


@given(shops(), requests(), st.integers(1, 23))
@settings(max_examples=150, deadline=None)
def test_an_earlier_cut_off_never_makes_it_earlier(table, request, hours):
    old = table.warehouses[0].cut_off
    never_earlier(window(table, request), window(house_like(table, cut_off=time(max(0, old.hour - hours), old.minute)), request))


@given(shops(), requests(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_more_handling_days_never_make_it_earlier(table, request, least, most):
    old = table.warehouses[0]
    slower = house_like(table, handling_days_min=old.handling_days_min + least, handling_days_max=old.handling_days_max + least + most)
    never_earlier(window(table, request), window(slower, request))


@given(shops(), requests(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_a_slower_carrier_never_makes_it_earlier(table, request, least, most):
    old = table.groups[1][0].rates[0]
    slower = rate_like(table, transit_days_min=old.transit_days_min + least, transit_days_max=old.transit_days_max + least + most)
    never_earlier(window(table, request), window(slower, request))


@given(shops(), requests(), peaks)
@settings(max_examples=150, deadline=None)
def test_another_peak_never_makes_it_earlier_and_moves_the_worst_case_only(table, request, more):
    before, after = window(table, request), window(like(table, peaks=(*table.peaks, more)), request)
    never_earlier(before, after)
    assert after[0] == before[0]


@given(shops(), requests(), moments)
@settings(max_examples=250, deadline=None)
def test_a_later_order_never_arrives_earlier(table, request, other):
    first, second = sorted((request.ordered_at, other))
    never_earlier(window(table, replace(request, ordered_at=first)), window(table, replace(request, ordered_at=second)))


@given(shops(), requests())
@settings(max_examples=250, deadline=None)
def test_no_date_is_in_the_past_or_on_a_day_without_delivery(table, request):
    today = request.ordered_at.astimezone(zone(request.time_zone)).date()
    for day in window(table, request):
        assert day >= today
        assert str(day.isoweekday()) in table.services["post"].delivery_days
        assert not table.is_closed(request.destination.country, "", day)


@given(shops(), requests())
@settings(max_examples=150, deadline=None)
def test_ordering_until_the_cut_off_that_is_told_keeps_the_window(table, request):
    told = from_table(table, request)
    assert told.order_by >= request.ordered_at
    assert window(table, replace(request, ordered_at=told.order_by)) == (told.earliest, told.latest)


@given(shops(), requests(), st.integers(0, 90), st.booleans())
@settings(max_examples=200, deadline=None)
def test_asked_later_nothing_is_promised_for_the_past(table, request, later, has_left):
    now = request.ordered_at + timedelta(days=later)
    asked = replace(request, now=now, shipped_at=request.ordered_at if has_left else None)
    told = from_table(table, asked)
    if told is not None:
        assert told.earliest >= now.astimezone(zone(request.time_zone)).date()


def test_a_leap_day_counts_like_any_other():
    table = Tables(
        warehouses=(Warehouse(pk=1, name="D", time_zone="UTC", working_days="1234567", handling_days_min=0, handling_days_max=0),),
        services={"post": Service(pk=1, code="post", name="Post", delivery_days="1234567")},
        groups={1: (Group((), (Rate(pk=1, transit_days_min=1, transit_days_max=2),)),)},
    )
    asked = EstimateRequest(
        ordered_at=datetime(2028, 2, 28, 10, tzinfo=timezone.utc), service="post", destination=AddressSnapshot(), time_zone="UTC"
    )
    assert window(table, asked) == (date(2028, 2, 29), date(2028, 3, 1))
    assert window(table, replace(asked, ordered_at=asked.ordered_at.replace(year=2027))) == (date(2027, 3, 1), date(2027, 3, 2))
