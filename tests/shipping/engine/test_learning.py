"""What is learnt, from what, and from nothing that had not happened yet."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ecommerce_comms.shipping.engine import Columns, EngineSettings, Prior, State, StateError, arrival, arrivals, grounds, learn
from ecommerce_comms.shipping.estimators.shipments import Shipment
from tests.shipping.engine.market import START, UNTIL, ZONE, known, order, parcels, told

SUMMER = timezone(timedelta(hours=-2))
MIDDLE = UNTIL - timedelta(days=40)


def plain(state: State) -> dict[str, Any]:
    """Everything in it, as JSON gives it back."""
    return json.loads(json.dumps(state.to_json()))  # type: ignore[no-any-return]


def test_later_facts_change_nothing() -> None:
    everything = parcels()
    then = [known(one, MIDDLE) for one in everything if one.ordered_at <= MIDDLE]
    assert len(then) < len(everything)
    assert plain(learn(everything, MIDDLE)) == plain(learn(then, MIDDLE))


def test_later_facts_change_nothing_across_zones() -> None:
    far = timezone(timedelta(hours=13))
    moved = [replace(one, shipped_at=one.shipped_at and one.shipped_at.astimezone(far)) for one in parcels()]
    then = [known(one, MIDDLE) for one in moved if one.ordered_at <= MIDDLE]
    assert plain(learn(moved, MIDDLE)) == plain(learn(then, MIDDLE))


def test_columns_are_made_once_for_many_learnings() -> None:
    columns = Columns(parcels())
    for day in (20, 60):
        until = UNTIL - timedelta(days=day)
        assert told(learn(columns, until), order()) == told(learn(parcels(), until), order())


def test_open_parcels_count() -> None:
    """A region from which nothing has come back for weeks is slower than what was delivered there tells."""
    day = UNTIL - timedelta(days=1)
    days = [day - timedelta(days=ago) for ago in range(8, 24)] * 5
    silent = [replace(order(one, destination_region="AA"), shipped_at=one) for one in days]
    with_, without = learn([*parcels(), *silent], UNTIL), learn(parcels(), UNTIL)
    assert told(with_, order(destination_region="AA")).quantile(0.9) > told(without, order(destination_region="AA")).quantile(0.9)  # type: ignore[operator]


def test_parcels_that_never_arrive_do_not_stretch_the_others() -> None:
    poisoned = [replace(one, delivered_at=None) if index % 20 == 0 else one for index, one in enumerate(parcels())]
    found = [told(learn(history, UNTIL), order()) for history in (parcels(), poisoned)]
    clean, other = found
    day = clean.quantile(0.9 * sum(clean.chances))
    assert day is not None
    assert other.chance_by(day) / sum(other.chances) > 0.85
    assert sum(other.chances) < sum(clean.chances) - 0.02


def test_slow_week_is_seen_at_once() -> None:
    usual = parcels()
    slow = [
        replace(one, delivered_at=one.delivered_at + timedelta(days=9))
        if one.delivered_at and one.delivered_at > UNTIL - timedelta(days=8) else one for one in usual
    ]
    assert told(learn(slow, UNTIL), order()).chance_by(UNTIL.date() + timedelta(days=12)) < told(
        learn(usual, UNTIL), order()).chance_by(UNTIL.date() + timedelta(days=12)) - 0.05


def test_yesterdays_state_leads_to_the_same() -> None:
    before = learn(parcels(), UNTIL - timedelta(days=1))
    warm, cold = learn(parcels(), UNTIL, before=before), learn(parcels(), UNTIL)
    day = UNTIL.date() + timedelta(days=12)
    assert told(warm, order()).chance_by(day) == pytest.approx(told(cold, order()).chance_by(day), abs=0.03)


def test_too_little_is_no_date() -> None:
    state = learn(parcels(25), UNTIL)
    assert arrival(state, order(), UNTIL) is None
    assert list(arrivals(state, [order()], UNTIL)) == [None]
    assert grounds(state, order(), UNTIL) == ()
    assert arrival(learn([], UNTIL), order(), UNTIL) is None


@pytest.mark.parametrize("number", [0, 1, 10])
def test_shops_own_figures_stand_in_at_the_start(number: int) -> None:
    settings = EngineSettings(prior=Prior(handling=(0, 1), transit=(2, 4)))
    history = parcels(number) if number else []
    found = told(learn(history, UNTIL, settings=settings), order())
    middle = found.quantile(0.5)
    assert middle is not None
    assert 2 <= (middle - UNTIL.date()).days <= 9
    assert found.quantile(0.9) is not None


def test_shops_own_figures_fade_with_experience() -> None:
    far_off = EngineSettings(prior=Prior(handling=(8, 9), transit=(30, 31)))
    with_, without = told(learn(parcels(), UNTIL, settings=far_off), order()), told(learn(parcels(), UNTIL), order())
    assert abs((with_.quantile(0.5) - without.quantile(0.5)).days) <= 1  # type: ignore[operator]


def bare(parcel: Shipment) -> Shipment:
    """Of which nobody knows more than the times."""
    return Shipment(ordered_at=parcel.ordered_at, shipped_at=parcel.shipped_at, delivered_at=parcel.delivered_at)


BROKEN = {
    "nothing but times": bare,
    "one seller": lambda one: replace(one, origin="only"),
    "shipping unknown": lambda one: replace(one, shipped_at=None) if one.ordered_at.day % 2 else one,
    "delivered before it left": lambda one: replace(one, delivered_at=one.ordered_at) if one.ordered_at.day == 3 else one,
    "shipped before it was ordered": lambda one: replace(one, shipped_at=START) if one.ordered_at.day == 3 else one,
    "cancelled": lambda one: replace(one, cancelled_at=one.ordered_at + timedelta(days=2)) if one.ordered_at.day == 3 else one,
    "all the same": lambda one: replace(bare(one), ordered_at=START, shipped_at=START, delivered_at=START + timedelta(days=3)),
    "summer and winter": lambda one: replace(one, ordered_at=one.ordered_at.astimezone(SUMMER if one.ordered_at.month % 2 else ZONE)),
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_flawed_history_still_gives_a_date(flaw: str) -> None:
    state = learn([BROKEN[flaw](one) for one in parcels(300)], UNTIL)
    found = told(State.from_json(plain(state)), order())
    assert found.quantile(0.9) is not None
    assert found.first == UNTIL.date()


def test_unknown_seller_and_place_get_the_usual_date() -> None:
    state = learn(parcels(), UNTIL)
    assert told(state, Shipment(ordered_at=UNTIL)).quantile(0.9) is not None


def test_state_survives_json() -> None:
    state = learn(parcels(), UNTIL)
    again = State.from_json(plain(state))
    assert told(again, order()) == told(state, order())
    assert (again.until, again.parcels) == (UNTIL, 1500)


@pytest.mark.parametrize("data", [{}, {"version": 1}, {"version": State.VERSION}, [], None, {"version": State.VERSION, "handling": 3}])
def test_other_states_are_refused(data: Any) -> None:
    with pytest.raises(StateError, match="earn anew"):
        State.from_json(data)


def test_many_at_once_are_told_what_one_is_told() -> None:
    state = learn(parcels(), UNTIL)
    some = [known(one, UNTIL) for one in parcels(400, seed=3) if one.delivered_at is None or one.delivered_at > UNTIL]
    some += [order(), order(), order(START), replace(order(START), shipped_at=START)]
    together = list(arrivals(state, some, UNTIL))
    for one, found in zip(some, together, strict=True):
        alone = told(state, one, UNTIL)
        assert found is not None and found.first == alone.first
        assert found.chances == pytest.approx(alone.chances, abs=1e-6)


def test_grounds_name_what_is_special() -> None:
    state = learn(parcels(), UNTIL)
    found = {one.kind: one for one in grounds(state, order(origin="tardy", destination_region="DD"), UNTIL + timedelta(hours=11))}
    assert found["origin"].factor < 0.8 and found["origin"].name == "tardy" and found["origin"].parcels > 300
    assert found["destination"].factor < 0.8 and found["destination"].name == "DD"
    assert not {"origin", "hour"} & {one.kind for one in grounds(state, replace(order(), shipped_at=UNTIL), UNTIL)}


def test_half_of_what_is_promised_by_the_median_holds() -> None:
    """Walk forward over a month: shares of the quantiles are kept, within what chance allows."""
    columns, later = Columns(parcels(3000)), [one for one in parcels(3000) if one.ordered_at > MIDDLE and one.delivered_at]
    state = learn(columns, MIDDLE)
    asked = [one for one in later if one.ordered_at < MIDDLE + timedelta(days=10)]
    for share in (0.5, 0.8, 0.9):
        days = [told(state, known(one, one.ordered_at)).quantile(share) for one in asked]
        kept = sum(one.delivered_at.date() <= day for one, day in zip(asked, days, strict=True) if one.delivered_at and day) / len(asked)
        assert share - 0.08 <= kept <= share + 0.16


def test_reads_without_numpy_and_says_what_learning_needs() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "from datetime import datetime, timezone\n"
        "from ecommerce_comms.shipping import engine\n"
        "print(list(engine.arrivals(engine.State(until=datetime.now(timezone.utc), parcels=0), [], datetime.now(timezone.utc))))\n"
        "engine.learn([], datetime.now(timezone.utc))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]"
    assert "pip install numpy" in done.stderr


def test_time_zone_of_until_does_not_matter() -> None:
    utc = UNTIL.astimezone(timezone.utc)
    assert told(learn(parcels(), utc), order()) == told(learn(parcels(), UNTIL), order())
    assert datetime(2026, 3, 2, tzinfo=ZONE) == UNTIL
