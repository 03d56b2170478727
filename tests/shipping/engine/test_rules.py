"""What must hold whatever was learnt: a change for the worse is never promised earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_comms.shipping.engine import EngineSettings, State, learn
from ecommerce_comms.shipping.estimators.shipments import Shipment
from tests.shipping.engine.market import UNTIL, holiday, never_earlier, order, parcels, told

HOURS = st.integers(0, 24 * 20)


@pytest.fixture(scope="module")
def state() -> State:
    """Half a year of the market."""
    return learn(parcels(), UNTIL)


def asked(hours: int) -> Shipment:
    """An order so many hours after the learning."""
    return order(UNTIL + timedelta(hours=hours))


@settings(deadline=None, max_examples=60)
@given(hours=HOURS, closed=st.sets(st.integers(0, 40), max_size=8), more=st.integers(0, 40))
def test_closed_day_never_makes_it_earlier(state: State, hours: int, closed: set[int], more: int) -> None:
    days = {UNTIL.date() + timedelta(days=number) for number in closed}
    before = told(state, asked(hours), settings=holiday(*days))
    after = told(state, asked(hours), settings=holiday(*days, UNTIL.date() + timedelta(days=more)))
    assert never_earlier(after, before, slack=1e-4)


@settings(deadline=None, max_examples=40)
@given(hours=HOURS, first=st.integers(0, 30), length=st.integers(1, 20), factor=st.floats(0.5, 4))
def test_peak_never_makes_it_earlier(state: State, hours: int, first: int, length: int, factor: float) -> None:
    begin = UNTIL.date() + timedelta(days=first)
    peak = EngineSettings(slowdown=lambda shipment, day: factor if begin <= day < begin + timedelta(days=length) else 1.0)
    assert never_earlier(told(state, asked(hours), settings=peak), told(state, asked(hours)), slack=1e-4)


@settings(deadline=None, max_examples=80)
@given(hours=HOURS, later=st.integers(1, 24 * 9))
def test_later_order_is_never_promised_earlier(state: State, hours: int, later: int) -> None:
    assert never_earlier(told(state, asked(hours + later)), told(state, asked(hours)), slack=1e-4)


@settings(deadline=None, max_examples=60)
@given(hours=HOURS, later=st.integers(0, 24 * 9), ready=st.integers(0, 40), more=st.integers(0, 9))
def test_order_that_is_ready_later_is_never_promised_earlier(state: State, hours: int, later: int, ready: int, more: int) -> None:
    first, second = asked(hours), asked(hours + later)
    day = first.ordered_at.date() + timedelta(days=ready)
    soon = replace(first, ready_on=day)
    late = replace(second, ready_on=max(second.ordered_at.date(), day + timedelta(days=more)))
    assert never_earlier(told(state, late), told(state, soon), slack=1e-4)
    assert told(state, soon).chance_by(day - timedelta(days=1)) == 0
    assert never_earlier(told(state, soon), told(state, first), slack=1e-4)


def test_long_holiday_is_no_waiting(state: State) -> None:
    before = order(UNTIL + timedelta(hours=10))
    day = before.ordered_at.date() + timedelta(days=21)
    after = order(before.ordered_at + timedelta(days=21))
    lay = told(state, replace(before, ready_on=day)).quantile(0.9)
    usual = told(state, after).quantile(0.9)
    assert lay is not None and usual is not None
    assert timedelta(0) <= usual - lay <= timedelta(days=4)


@settings(deadline=None, max_examples=60)
@given(hours=HOURS, wait=st.integers(0, 60), more=st.integers(1, 30), shipped=st.booleans())
def test_silence_never_makes_an_earlier_day_likelier(state: State, hours: int, wait: int, more: int, shipped: bool) -> None:
    parcel = asked(hours)
    if shipped:
        parcel = replace(parcel, shipped_at=parcel.ordered_at + timedelta(days=1))
        wait += 1
    now = parcel.ordered_at + timedelta(days=wait)
    assert never_earlier(told(state, parcel, now + timedelta(days=more)), told(state, parcel, now), slack=0.002)


@settings(deadline=None, max_examples=60)
@given(hours=HOURS, wait=st.integers(0, 500), left=st.integers(0, 500))
def test_chances_are_chances_and_lie_ahead(state: State, hours: int, wait: int, left: int) -> None:
    parcel = asked(hours)
    now = parcel.ordered_at + timedelta(days=wait)
    for one in (parcel, replace(parcel, shipped_at=parcel.ordered_at + timedelta(days=left))):
        found = told(state, one, now)
        assert all(0 <= chance <= 1 for chance in found.chances)
        assert sum(found.chances) <= 1 + 1e-9
        assert found.first >= now.date()


def test_parcel_never_arrives_before_it_left(state: State) -> None:
    parcel = asked(10)
    left = parcel.ordered_at + timedelta(days=4)
    assert told(state, replace(parcel, shipped_at=left), left).first == left.date()


def test_slower_past_makes_it_later() -> None:
    usual, slow = learn(parcels(), UNTIL), learn(parcels(slow=1.6), UNTIL)
    assert never_earlier(told(slow, asked(10)), told(usual, asked(10)), slack=0.02)
    assert told(slow, asked(10)).quantile(0.9) > told(usual, asked(10)).quantile(0.9)  # type: ignore[operator]


def test_tardy_seller_is_told_later_than_quick_one(state: State) -> None:
    quick, tardy = (told(state, order(origin=name)).quantile(0.5) for name in ("quick", "tardy"))
    assert quick is not None and tardy is not None
    assert tardy - quick >= timedelta(days=3)


def test_far_region_is_told_later(state: State) -> None:
    days = [told(state, order(destination_region=region)).quantile(0.9) for region in ("AA", "BB", "CC", "DD")]
    assert days == sorted(set(days))  # type: ignore[type-var]


def test_order_after_the_cut_off_leaves_later(state: State) -> None:
    early, late = (told(state, order(UNTIL + timedelta(hours=hour), destination_region="AA")) for hour in (9, 16))
    day = UNTIL.date() + timedelta(days=6)
    assert late.chance_by(day) < early.chance_by(day) - 0.03


def test_weekend_is_unlikely_where_nobody_delivers(state: State) -> None:
    found = told(state, order())
    chances = {found.first + timedelta(days=number): chance for number, chance in enumerate(found.chances)}
    assert sum(chance for day, chance in chances.items() if day.weekday() > 4) < 0.06


@pytest.mark.parametrize(("zone", "day"), [
    ("Europe/London", date(2026, 3, 28)),  # the clock goes forward in the night
    ("Europe/London", date(2026, 10, 24)),  # and back
    ("America/Sao_Paulo", date(2028, 2, 28)),  # a leap day lies ahead
    ("Asia/Kolkata", date(2026, 12, 30)),  # the year ends
    ("Pacific/Auckland", date(2026, 4, 4)),
])
def test_days_count_in_the_zone_of_the_order(state: State, zone: str, day: date) -> None:
    late = order(UNTIL.replace(year=day.year, month=day.month, day=day.day, hour=23, minute=30, tzinfo=ZoneInfo(zone)))
    found = told(state, late)
    assert found.first == day
    assert found.chances[0] < 0.01
    assert told(state, late, late.ordered_at + timedelta(hours=3)).first == day + timedelta(days=1)


def test_stuck_parcel_is_trusted_less_and_less(state: State) -> None:
    parcel = replace(order(), shipped_at=UNTIL + timedelta(days=1))
    trust = [sum(told(state, parcel, UNTIL + timedelta(days=days)).chances) for days in (1, 20, 40, 200)]
    assert trust == sorted(trust, reverse=True)
    assert trust[0] > 0.97
    assert trust[-1] < 0.5
