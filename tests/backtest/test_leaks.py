"""The future does not leak: what happens later changes no earlier estimate."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from ecommerce_comms.backtest import reading
from ecommerce_comms.backtest.learning import Engine
from ecommerce_comms.backtest.methods import LaneTable, Method
from ecommerce_comms.backtest.reading import Past, Place
from ecommerce_comms.backtest.walk import as_ordered, walk
from ecommerce_comms.shipping import engine
from ecommerce_comms.shipping.estimators.distribution import Distribution
from tests.backtest import making
from tests.backtest.making import Row

FIRST, LAST = date(2023, 3, 20), date(2023, 3, 26)
ROWS = making.history()


def past(tmp_path: Path, rows: list[Row]) -> Past:
    return reading.read(making.write(tmp_path / "orders.csv", rows), Place())


def told(tmp_path: Path, rows: list[Row], name: str) -> list[tuple[str, Distribution | None]]:
    """What is said on each day about the orders of that day and about those still open, by when they were ordered."""
    read = past(tmp_path, rows)
    method: Method = Engine(read.parcels) if name == "engine" else LaneTable()
    said = []
    for day in walk(read.parcels, FIRST, LAST):
        method.learn(day)
        asked = [(f"{day.date} ordered", as_ordered(parcel), parcel.ordered_at) for parcel in day.ordered]
        known = making.known(read.parcels, day.began)
        asked += [(f"{day.date} open", parcel, day.began) for parcel in known if parcel.delivered_at is None]
        said += [(f"{what} {parcel.ordered_at}", method.arrival(parcel, now)) for what, parcel, now in asked]
    return sorted(said, key=lambda each: each[0])


@pytest.fixture(params=["engine", "lane_table"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_there_is_something_to_leak(tmp_path: Path, name: str) -> None:
    said = told(tmp_path, ROWS, name)
    assert sum(distribution is not None for _, distribution in said) > 50
    assert any(row["ordered_at"] > "2023-04" for row in ROWS)


def test_later_rows_change_no_earlier_estimate(tmp_path: Path, name: str) -> None:
    earlier = [row for row in ROWS if row["ordered_at"][:10] <= LAST.isoformat()]
    assert told(tmp_path, earlier, name) == told(tmp_path, ROWS, name)


def test_later_facts_of_earlier_orders_change_no_earlier_estimate(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, making.as_of(ROWS, LAST + timedelta(days=1)), name) == told(tmp_path, ROWS, name)


def test_what_becomes_of_the_orders_of_a_day_does_not_change_what_they_are_told(tmp_path: Path, name: str) -> None:
    def late(row: Row) -> Row:
        return {**row, "shipped_at": "2023-06-01T10:00:00-03:00", "delivered_at": "2023-06-20T10:00:00-03:00", "status": "shipped"}

    changed = [late(row) if row["ordered_at"][:10] == LAST.isoformat() else row for row in ROWS]
    assert told(tmp_path, changed, name) == told(tmp_path, ROWS, name)


def test_earlier_facts_do_change_estimates(tmp_path: Path, name: str) -> None:
    """Else the tests above would hold for something that learns nothing."""
    def slower(row: Row) -> Row:
        return {**row, "delivered_at": row["delivered_at"].replace("2023-01", "2023-02")}

    assert told(tmp_path, [slower(row) for row in ROWS], name) != told(tmp_path, ROWS, name)


def test_engine_learns_the_same_from_whole_lives_as_from_what_was_known(tmp_path: Path) -> None:
    read = past(tmp_path, ROWS)
    for day in walk(read.parcels, FIRST, FIRST + timedelta(days=1)):
        whole = engine.learn(engine.Columns(read.parcels), day.began)
        assert whole.to_json() == engine.learn(making.known(read.parcels, day.began), day.began).to_json()
