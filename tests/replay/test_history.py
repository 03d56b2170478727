"""Reading a history: what is good is read, what is not is reported by its line."""

from __future__ import annotations

import gzip
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_comms.exceptions import HistoryError
from ecommerce_comms.replay import history
from tests.replay import rows


def read(tmp_path: Path, content: str | bytes) -> history.History:
    path = tmp_path / "orders.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return history.read(path)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_a_row_is_read_from_plain_and_packed_files(tmp_path: Path, name: str) -> None:
    [order] = history.read(rows.write(tmp_path / name, [rows.row()])).orders
    assert (order.order_id, order.items, order.value, order.promised_by) == ("a1", 2, Decimal("90.50"), date(2018, 1, 12))
    assert order.ordered_at == datetime(2018, 1, 8, 12, tzinfo=timezone.utc)


def test_packed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert len(read(tmp_path, gzip.compress(rows.text([rows.row()]).encode())).orders) == 1


def test_empty_times_and_amounts_are_unknown_and_not_bad(tmp_path: Path) -> None:
    unknown = ("paid_at", "shipped_at", "delivered_at", "promised_by", "items", "value", "freight", "currency", "category")
    found = read(tmp_path, rows.text([rows.row(**dict.fromkeys(unknown, ""))]))
    assert found.bad == []
    assert (found.orders[0].paid_at, found.orders[0].value, found.orders[0].items) == (None, None, 1)


def test_extra_columns_are_ignored_and_optional_ones_are_taken(tmp_path: Path) -> None:
    [order] = read(tmp_path, rows.text([rows.row(email="asha@shop.example", weight_kg="3.0")], ["email", "weight_kg"])).orders
    assert order.email == "asha@shop.example"


@pytest.mark.parametrize(("cells", "reason"), [
    ({"order_id": ""}, "order_id is empty"),
    ({"order_id": "x" * 191}, "order_id has 191 characters, more than 190"),
    ({"customer_id": "  "}, "customer_id is empty"),
    ({"ordered_at": ""}, "ordered_at is empty"),
    ({"ordered_at": "2018-01-08"}, "ordered_at has no offset from UTC: '2018-01-08'"),
    ({"ordered_at": "2018-01-08T10:00:00"}, "ordered_at has no offset from UTC: '2018-01-08T10:00:00'"),
    ({"ordered_at": "2018-02-30T10:00:00-02:00"}, "ordered_at is not a date and time: '2018-02-30T10:00:00-02:00'"),
    ({"ordered_at": "0001-01-01T00:00:00+14:00"}, "ordered_at is not in the years 1970 to 2099: '0001-01-01T00:00:00+14:00'"),
    ({"delivered_at": "soon"}, "delivered_at is not a date and time: 'soon'"),
    ({"promised_by": "12/01/2018"}, "promised_by is not a date: '12/01/2018'"),
    ({"status": "lost"}, "status is unknown: 'lost'"),
    ({"value": "-1"}, "value is not an amount of money: '-1'"),
    ({"freight": "NaN"}, "freight is not an amount of money: 'NaN'"),
    ({"value": "1e400"}, "value is not an amount of money: '1e400'"),
    ({"value": "R$ 5"}, "value is not an amount: 'R$ 5'"),
    ({"items": "1.5"}, "items is not a whole number: '1.5'"),
    ({"items": "0"}, "items is not a number of items: '0'"),
    ({"currency": "Real"}, "currency is not a currency: 'Real'"),
    ({"category": "x" * 1001}, "category has 1001 characters, more than 1000"),
    ({"category": "a\0b"}, "category has a NUL character"),
])
def test_bad_row_is_reported_with_line_and_reason_and_the_rest_is_read(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    found = read(tmp_path, rows.text([rows.row(order_id="first"), rows.row(**cells), rows.row(order_id="last")]))
    assert found.bad == [(3, reason)]
    assert [order.order_id for order in found.orders] == ["first", "last"]


def test_second_row_of_an_order_is_bad(tmp_path: Path) -> None:
    found = read(tmp_path, rows.text([rows.row(), rows.row(status="shipped")]))
    assert found.bad == [(3, "order_id 'a1' stands in the file twice")]
    assert found.orders[0].status == "delivered"


def test_row_after_a_bad_one_of_the_same_order_is_good(tmp_path: Path) -> None:
    found = read(tmp_path, rows.text([rows.row(status="lost"), rows.row()]))
    assert [bad.line for bad in found.bad] == [2] and len(found.orders) == 1


def test_wrong_number_of_columns_is_bad(tmp_path: Path) -> None:
    found = read(tmp_path, rows.text([rows.row()]) + "a2,c2\n")
    assert found.bad == [(3, "has 2 columns instead of 16")]


def test_bytes_that_are_not_utf8_spoil_only_their_row(tmp_path: Path) -> None:
    content = rows.text([rows.row(destination_city="S?o Paulo"), rows.row(order_id="a2", destination_city="São Paulo")])
    found = read(tmp_path, content.encode().replace(b"?", b"\xe3"))
    assert found.bad == [(2, "destination_city is not UTF-8")]
    assert found.orders[0].destination_city == "São Paulo"


def test_quoted_cell_may_run_over_lines(tmp_path: Path) -> None:
    found = read(tmp_path, rows.text([rows.row(category="one\ntwo"), rows.row(order_id="a2", status="lost")]))
    assert found.orders[0].category == "one\ntwo"
    assert found.bad[0].line == 4


def test_open_quotation_mark_does_not_swallow_the_file(tmp_path: Path) -> None:
    others = [rows.row(order_id=f"b{number}") for number in range(50)]
    broken = ",".join(rows.row(order_id="broken", customer_id='"c1').values())
    lines = rows.text(others).splitlines()
    found = read(tmp_path, "\n".join([*lines[:10], broken, *lines[10:]]))
    assert found.bad == [(11, "has a quotation mark that is never closed")]
    assert len(found.orders) == 50


def test_blank_lines_and_a_byte_order_mark_and_carriage_returns_do_no_harm(tmp_path: Path) -> None:
    found = read(tmp_path, ("\ufeff" + rows.text([rows.row()]) + "\n\n").replace("\n", "\r\n"))
    assert (len(found.orders), found.bad) == (1, [])


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "The file is empty."),
    (b"\n\n", "The file is empty."),
    (b"order_id,customer_id\n", "The file has no column ordered_at, paid_at, shipped_at"),
    (b"\x89PNG\r\n\x1a\n\0\0\0", "The file has no column order_id"),
    (gzip.compress(rows.text([rows.row()] * 99).encode(), mtime=0)[:80], "is damaged"),
])
def test_file_without_a_history_is_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(HistoryError, match=sentence):
        read(tmp_path, content)


def test_name_that_promises_gzip_is_held_to_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv.gz"
    path.write_text(rows.text([rows.row()]))
    with pytest.raises(HistoryError, match="is not a gzip file"):
        history.read(path)


@pytest.mark.parametrize("name", ["", "nowhere.csv"])
def test_directory_or_missing_file_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(HistoryError, match="cannot be read"):
        history.read(tmp_path / name)
