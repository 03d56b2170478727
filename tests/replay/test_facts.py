"""Rows become facts in true time order, and nothing is invented."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_comms.replay import facts, history
from ecommerce_comms.replay.facts import World
from tests.replay import rows


def orders(tmp_path: Path, *some: dict[str, str]) -> list[history.PastOrder]:
    return history.read(rows.write(tmp_path / "orders.csv", some, ["email"])).orders


def kinds(tmp_path: Path, **cells: str) -> list[str]:
    return [step.kind for step in facts.steps(orders(tmp_path, rows.row(**cells)))]


@pytest.mark.parametrize(("cells", "told"), [
    ({}, ["order_placed", "order_paid", "order_shipped", "order_delivered"]),
    ({"paid_at": "", "delivered_at": ""}, ["order_placed", "order_shipped"]),
    ({"shipped_at": "2018-01-20T10:00:00-02:00"}, ["order_placed", "order_paid", "order_delivered", "order_shipped"]),
    ({"paid_at": rows.ROW["ordered_at"]}, ["order_placed", "order_paid", "order_shipped", "order_delivered"]),
    ({"status": "canceled", "shipped_at": "", "delivered_at": ""}, ["order_placed", "order_paid", "order_cancelled"]),
    ({"status": "processing", "shipped_at": "", "delivered_at": ""}, ["order_placed", "order_paid"]),
])
def test_facts_are_told_in_the_order_in_which_they_happened(tmp_path: Path, cells: dict[str, str], told: list[str]) -> None:
    assert kinds(tmp_path, **cells) == told


def test_cancellation_comes_a_day_after_the_last_known_time(tmp_path: Path) -> None:
    step = facts.steps(orders(tmp_path, rows.row(status="unavailable", shipped_at="", delivered_at="")))[-1]
    assert step.occurred_at == datetime(2018, 1, 8, 12, 15, tzinfo=timezone.utc) + timedelta(days=1)
    assert facts.fact(step, World()).data == {"reason": "unavailable"}


def test_shuffled_rows_tell_the_same_story(tmp_path: Path) -> None:
    some = [rows.row(order_id=f"a{number}") for number in range(9)]
    told = facts.steps(orders(tmp_path, *some))
    random.Random(4).shuffle(some)
    assert facts.steps(orders(tmp_path, *some)) == told


def test_snapshot_says_what_the_row_says(tmp_path: Path) -> None:
    step = facts.steps(orders(tmp_path, rows.row()))[0]
    snapshot = facts.fact(step, World(language="pt-BR", email_domain="mail.example")).snapshot
    assert (snapshot.reference, snapshot.number) == ("a1", "a1")
    assert (snapshot.total, snapshot.shipping_price) == (Decimal("100.00"), Decimal("9.50"))
    assert (snapshot.promised_earliest, snapshot.promised_latest) == (None, date(2018, 1, 12))
    customer, [line] = snapshot.customer, snapshot.lines
    assert (customer.email, customer.language, customer.time_zone) == ("c1@mail.example", "pt-BR", "America/Sao_Paulo")
    assert (line.title, line.quantity, line.price) == ("Garden tools", 2, Decimal("90.50"))
    assert (snapshot.address.city, snapshot.address.country) == ("sao paulo", "BR")


def test_address_of_the_row_goes_before_the_made_one(tmp_path: Path) -> None:
    step = facts.steps(orders(tmp_path, rows.row(email="asha@shop.example")))[0]
    assert facts.fact(step, World()).snapshot.customer.email == "asha@shop.example"


@pytest.mark.parametrize("reference", ["two words", "a@b", "x" * 65, "শিউলি", "line\nbreak"])
def test_reference_that_no_address_may_hold_still_gives_one(tmp_path: Path, reference: str) -> None:
    step = facts.steps(orders(tmp_path, rows.row(customer_id=reference)))[0]
    local, _, domain = facts.fact(step, World()).snapshot.customer.email.partition("@")
    assert (len(local), local.isalnum(), domain) == (32, True, "customers.example")


def test_only_parcel_facts_have_a_parcel(tmp_path: Path) -> None:
    told = [facts.fact(step, World()) for step in facts.steps(orders(tmp_path, rows.row()))]
    assert [fact.parcel.reference if fact.parcel else None for fact in told] == [None, None, "1", "1"]
    assert len({fact.event_key for fact in told}) == 4
