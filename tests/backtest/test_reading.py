"""What a history may look like, and what becomes of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ecommerce_comms.backtest.reading import Past, Place, read
from ecommerce_comms.exceptions import HistoryError
from ecommerce_comms.shipping.estimators.shipments import Shipment
from tests.backtest import making

NEEDED = ("order_id", "ordered_at", "delivered_at")
ROW = {
    "order_id": "a1", "ordered_at": "2023-03-01T10:00:00-03:00", "shipped_at": "2023-03-02T10:00:00-03:00",
    "delivered_at": "2023-03-05T10:00:00-03:00", "promised_by": "2023-03-09", "status": "delivered", "seller_id": "s1",
    "origin_region": "SP", "destination_region": "BA", "currency": "BRL", "weight_kg": "1.5",
}


def past(tmp_path: Path, *rows: dict[str, str], place: Place = Place(), columns: tuple[str, ...] | None = None) -> Past:  # noqa: B008
    return read(making.write(tmp_path / "orders.csv", rows, columns or tuple(dict.fromkeys(name for row in rows for name in row))), place)


def one(tmp_path: Path, place: Place = Place(), **cells: str) -> Shipment:  # noqa: B008
    [parcel] = past(tmp_path, {**ROW, **cells}, place=place).parcels
    return parcel


def test_three_columns_are_enough(tmp_path: Path) -> None:
    [parcel] = past(tmp_path, ROW, columns=NEEDED).parcels
    assert (parcel.ordered_at.day, parcel.promised_by, parcel.origin, parcel.destination_country) == (1, None, "", "")


def test_file_that_never_says_when_a_parcel_left_tells_of_one_leg(tmp_path: Path) -> None:
    cancelled = {**ROW, "order_id": "b1", "delivered_at": "", "status": "canceled"}
    found = past(tmp_path, {**ROW, "shipped_at": ""}, {**cancelled, "shipped_at": ""})
    assert all(parcel.shipped_at == parcel.ordered_at for parcel in found.parcels)
    assert found.cancelled == {id(found.parcels[1])}
    assert past(tmp_path, ROW, {**cancelled, "shipped_at": ""}).parcels[1].shipped_at is None


def test_empty_cells_are_unknown(tmp_path: Path) -> None:
    found = past(tmp_path, {**dict.fromkeys(making.COLUMNS, ""), "order_id": "a1", "ordered_at": ROW["ordered_at"]})
    assert found.bad == []
    assert (found.parcels[0].weight_kg, found.parcels[0].value, found.parcels[0].items) == (None, None, 1)


@pytest.mark.parametrize("missing", NEEDED)
def test_file_without_a_needed_column_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(HistoryError, match=f"no column {missing}"):
        past(tmp_path, ROW, columns=tuple(name for name in ROW if name != missing))


@pytest.mark.parametrize(("cells", "reason"), [
    ({"ordered_at": ""}, "ordered_at is empty"),
    ({"ordered_at": "soon"}, "ordered_at is not a date and time: 'soon'"),
    ({"delivered_at": "2023-02-27T10:00:00-03:00"}, "delivered_at is a day before ordered_at"),
    ({"weight_kg": "heavy"}, "weight_kg is not a number: 'heavy'"),
    ({"weight_kg": "nan"}, "weight_kg is not a number: 'nan'"),
    ({"promised_by": "03/09/2023"}, "promised_by is not a date: '03/09/2023'"),
    ({"order_id": "b1"}, "order_id 'b1' stands in the file twice"),
])
def test_bad_row_is_named_and_the_rest_is_read(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    found = past(tmp_path, {**ROW, "order_id": "b1"}, {**ROW, **cells}, {**ROW, "order_id": "c1"})
    assert found.bad == [(3, reason)]
    assert len(found.parcels) == 2


def test_file_of_bad_rows_only_is_refused_with_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"no order that can be read\. Line 2: ordered_at is empty"):
        past(tmp_path, {**ROW, "ordered_at": ""})


def test_file_with_nothing_but_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="a header and nothing else"):
        past(tmp_path, columns=NEEDED)


def test_orders_come_in_true_time_order_whatever_their_rows_and_offsets(tmp_path: Path) -> None:
    rows = [{**ROW, "order_id": name, "ordered_at": at, "delivered_at": ""} for name, at in (
        ("third", "2023-03-01T12:00:00-08:00"), ("first", "2023-03-01T13:00:00+05:30"), ("second", "2023-03-01T10:00:00Z"))]
    hours = [parcel.ordered_at.utcoffset() / timedelta(hours=1) for parcel in past(tmp_path, *rows).parcels]
    assert hours == [5.5, 0, -8]


class TestDays:
    def test_days_are_those_that_are_written(self, tmp_path: Path) -> None:
        assert one(tmp_path, delivered_at="2023-03-05T23:30:00-03:00").delivered_at.date() == date(2023, 3, 5)

    def test_zone_that_is_named_counts_the_days(self, tmp_path: Path) -> None:
        parcel = one(tmp_path, Place(zone=ZoneInfo("Asia/Kolkata")), delivered_at="2023-03-05T20:00:00Z")
        assert parcel.delivered_at.date() == date(2023, 3, 6)

    @pytest.mark.parametrize(("zone", "offset"), [(None, 0), (ZoneInfo("Asia/Dhaka"), 6)])
    def test_time_without_offset_is_wall_time(self, tmp_path: Path, zone: ZoneInfo | None, offset: int) -> None:
        parcel = one(tmp_path, Place(zone=zone), ordered_at="2023-03-01 23:30:00", shipped_at="", delivered_at="2023-03-05")
        assert parcel.ordered_at == datetime(2023, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=offset)))
        assert parcel.delivered_at.date() == date(2023, 3, 5)

    def test_hour_that_comes_twice_keeps_its_order(self, tmp_path: Path) -> None:
        place = Place(zone=ZoneInfo("America/New_York"))
        rows = [{**ROW, "order_id": name, "ordered_at": at, "delivered_at": ""} for name, at in
                (("late", "2023-11-05T06:20:00Z"), ("early", "2023-11-05T05:40:00Z"))]
        early, late = past(tmp_path, *rows, place=place).parcels
        assert (early.ordered_at.hour, early.ordered_at.minute, late.ordered_at.hour) == (1, 40, 1)
        assert early.ordered_at < late.ordered_at


class TestPlaces:
    @pytest.mark.parametrize(("cells", "place", "country"), [
        ({}, Place(), "BR"),
        ({"currency": "INR"}, Place(), "IN"),
        ({"currency": "EUR"}, Place(), ""),
        ({"currency": "BRL", "destination_country": "pt"}, Place(), "PT"),
        ({"destination_country": "PT"}, Place(country="BD"), "BD"),
        ({"currency": "", "origin_country": "US"}, Place(), "US"),
    ])
    def test_country_is_what_is_said_else_what_the_row_says_else_what_it_is_paid_in(
        self, tmp_path: Path, cells: dict[str, str], place: Place, country: str,
    ) -> None:
        assert one(tmp_path, place, **cells).destination_country == country

    @pytest.mark.parametrize("cells", [{"origin_lat": "95"}, {"origin_lng": "-181"}, {"origin_lat": ""}])
    def test_place_that_is_not_on_earth_is_unknown(self, tmp_path: Path, cells: dict[str, str]) -> None:
        assert one(tmp_path, **{"origin_lat": "-23.5", "origin_lng": "-46.6", **cells}).origin_point is None
        assert one(tmp_path, origin_lat="-23.5", origin_lng="-46.6").origin_point == (-23.5, -46.6)

    def test_weight_of_nothing_is_unknown(self, tmp_path: Path) -> None:
        assert one(tmp_path, weight_kg="0").weight_kg is None


@pytest.mark.parametrize(("status", "delivered_at", "called_off"), [
    ("canceled", "", True), ("Unavailable", "", True), ("canceled", ROW["delivered_at"], False), ("shipped", "", False),
])
def test_order_is_called_off_if_its_status_says_so_and_it_never_came(
    tmp_path: Path, status: str, delivered_at: str, called_off: bool,
) -> None:
    found = past(tmp_path, {**ROW, "status": status, "delivered_at": delivered_at})
    assert bool(found.cancelled) is called_off


def test_end_is_the_day_of_the_last_fact(tmp_path: Path) -> None:
    later = {**ROW, "order_id": "b1", "ordered_at": "2023-03-08T10:00:00-03:00", "delivered_at": ""}
    assert past(tmp_path, ROW, later).end == date(2023, 3, 8)
