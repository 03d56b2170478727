"""What the compared methods say."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from ecommerce_comms.backtest.learning import is_closed
from ecommerce_comms.backtest.methods import LEAST_DELIVERIES, LaneTable
from ecommerce_comms.backtest.walk import Day
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.estimators.shipments import Shipment

NOW = datetime(2023, 3, 1, 12, tzinfo=timezone.utc)


def parcel(origin: str = "SP", destination: str = "BA", *, days: int | None = None) -> Shipment:
    delivered_at = None if days is None else NOW + timedelta(days=days)
    return Shipment(ordered_at=NOW, delivered_at=delivered_at, origin_region=origin, destination_region=destination)


def table(*arrived: Shipment) -> LaneTable:
    found = LaneTable()
    found.learn(Day(date=NOW.date(), began=NOW, arrived=arrived, ordered=()))
    return found


def test_lane_tells_the_shares_of_its_own_deliveries() -> None:
    told = table(*[parcel(days=2)] * 30, *[parcel(days=4)] * 10, *[parcel("PR", "SP", days=9)] * 60).arrival(parcel(), NOW)
    assert told == Distribution(NOW.date(), (0, 0, 0.75, 0, 0.25))


def test_thin_lane_falls_back_to_its_destination_and_then_to_everything() -> None:
    few, many = [parcel("PR", days=3)] * (LEAST_DELIVERIES - 1), [parcel(days=5)] * LEAST_DELIVERIES
    told = table(*few, *many)
    assert told.arrival(parcel("PR"), NOW).chances[3] == pytest.approx(29 / 59)
    assert told.arrival(parcel("PR", "AM"), NOW) == told.arrival(parcel("PR"), NOW)


def test_too_few_deliveries_give_no_date() -> None:
    assert table(*[parcel(days=2)] * (LEAST_DELIVERIES - 1)).arrival(parcel(), NOW) is None


def test_deliveries_add_up_day_by_day() -> None:
    found = table(*[parcel(days=2)] * 30)
    found.arrival(parcel(), NOW)
    found.learn(Day(date=NOW.date(), began=NOW, arrived=[parcel(days=1)] * 30, ordered=()))
    assert found.arrival(parcel(), NOW).chances == (0, 0.5, 0.5)


@pytest.mark.parametrize(("country", "region", "day", "closed"), [
    ("BR", "SP", date(2018, 9, 7), True), ("BR", "SP", date(2018, 9, 6), False), ("IN", "", date(2018, 8, 15), True),
    ("", "", date(2018, 12, 25), False), ("XX", "??", date(2018, 12, 25), False),
])
def test_public_holidays_are_closed_days(country: str, region: str, day: date, closed: bool) -> None:
    assert is_closed(country, region, day) is closed
