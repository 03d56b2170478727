"""What is told at once, and where the clock starts and stops."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ecommerce_comms.orders import events
from ecommerce_comms.replay import facts, history, plan
from ecommerce_comms.replay.facts import World
from tests.replay import rows


def orders(tmp_path: Path, *some: dict[str, str]) -> list[history.PastOrder]:
    return history.read(rows.write(tmp_path / "orders.csv", some)).orders


def test_batch_has_no_order_twice_and_stays_in_one_stride(tmp_path: Path) -> None:
    times = ["09:00", "09:05", "09:50", "13:10"]
    some = [rows.row(order_id=f"a{at}", ordered_at=f"2018-01-08T{at}:00-02:00", paid_at="2018-01-08T10:59:00-02:00") for at in times]
    waiting = facts.steps(orders(tmp_path, *some))
    found = list(plan.batches(waiting))
    assert [step for batch in found for step in batch] == waiting
    for batch in found:
        assert len({step.order_id for step in batch}) == len(batch)
        assert len({plan.floor(step.occurred_at) for step in batch}) == 1


def test_batch_is_bounded(tmp_path: Path) -> None:
    some = [rows.row(order_id=f"a{number}", paid_at="", shipped_at="", delivered_at="") for number in range(plan.MOST_IN_A_BATCH + 1)]
    assert [len(batch) for batch in plan.batches(facts.steps(orders(tmp_path, *some)))] == [plan.MOST_IN_A_BATCH, 1]


@pytest.mark.django_db
def test_nothing_selected_is_nothing_to_do() -> None:
    assert plan.make([], "America/Sao_Paulo") is None


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "end"), [
    ("America/Sao_Paulo", datetime(2018, 1, 13, 3, tzinfo=timezone.utc)),
    ("Asia/Kolkata", datetime(2018, 1, 13, 21, tzinfo=timezone.utc)),
])
def test_story_ends_with_the_last_day_in_its_own_zone(tmp_path: Path, zone: str, end: datetime) -> None:
    todo = plan.make(orders(tmp_path, rows.row()), zone)
    assert todo is not None
    assert (todo.start, todo.end) == (datetime(2018, 1, 8, 12, tzinfo=timezone.utc), end)


@pytest.mark.django_db
def test_what_was_told_is_not_told_again_and_the_clock_starts_where_it_stopped(tmp_path: Path) -> None:
    past = orders(tmp_path, rows.row())
    every = facts.steps(past)
    events.record_facts([facts.fact(step, World()) for step in every[:2]])
    todo = plan.make(past, "America/Sao_Paulo")
    assert todo is not None
    assert (todo.waiting, todo.told, todo.start) == (every[2:], 2, every[1].occurred_at)


@pytest.mark.django_db
def test_story_goes_on_to_the_end_of_what_was_replayed_before(tmp_path: Path) -> None:
    [early, late] = orders(tmp_path, rows.row(), rows.row(order_id="a2", ordered_at="2018-03-01T10:00:00-02:00"))
    alone = plan.make([early], "America/Sao_Paulo")
    events.record_facts([facts.fact(facts.steps([late])[-1], World())])
    beside = plan.make([early], "America/Sao_Paulo")
    assert alone is not None and beside is not None
    assert beside.end - alone.end > timedelta(days=40)
