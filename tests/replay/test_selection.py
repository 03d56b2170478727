"""Which orders are played: days belong to the time zone of the story, and both bounds belong to the selection."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ecommerce_comms.replay import history
from ecommerce_comms.replay.selection import Selection, first_moment, last_moment
from tests.replay import rows

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TIMES = {
    "late": "2018-01-09T00:00:00-02:00",
    "early": "2018-01-08T00:00:00-02:00",
    "evening": "2018-01-08T23:59:59.999999-02:00",
}


@pytest.mark.parametrize(("since", "until", "limit", "expected"), [
    (None, None, None, ["early", "evening", "late"]),
    (None, None, 2, ["early", "evening"]),
    ("2018-01-08", "2018-01-08", None, ["early", "evening"]),
    ("2018-01-09", None, None, ["late"]),
    (None, "2018-01-07", None, []),
    ("2018-01-08T12:00:00", None, 1, ["evening"]),
    ("2018-01-08T02:00:00+00:00", "2018-01-08T02:00:00Z", None, ["early"]),
])
def test_bounds_are_inclusive_and_the_first_are_kept(tmp_path: Path, since: str, until: str, limit: int, expected: list[str]) -> None:
    past = history.read(rows.write(tmp_path / "orders.csv", [rows.row(order_id=name, ordered_at=at) for name, at in TIMES.items()]))
    selection = Selection(
        since=first_moment(since, SAO_PAULO) if since else None, until=last_moment(until, SAO_PAULO) if until else None, limit=limit,
    )
    assert [order.order_id for order in selection.of(past.orders)] == expected


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        first_moment("yesterday", SAO_PAULO)
