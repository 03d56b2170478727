"""The losses are those of the books: each is held against the plain sum that defines it."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from ecommerce_comms.backtest.frontier import STEPS, Frontier
from ecommerce_comms.backtest.losses import cumulated, pinball, window
from ecommerce_comms.shipping.estimators.distribution import Distribution

ORDERED = date(2023, 3, 1)


def told(*chances: float, first: int = 2) -> Distribution:
    return Distribution(ORDERED + timedelta(days=first), chances)


def some(number: int) -> list[tuple[Distribution, int]]:
    """Distributions and the days that came, of every kind: too early, within, beyond the last day; some with chances left over."""
    random = Random(5)
    found = []
    for _ in range(number):
        weights = [random.random() ** 3 for _ in range(random.randint(1, 12))]
        total = sum(weights) * random.choice((1.0, 1.02, 1.3))
        found.append((told(*(weight / total for weight in weights), first=random.randint(0, 4)), random.randint(0, 18)))
    return found


@pytest.mark.parametrize(("share", "said", "came", "loss"), [
    (0.9, 5, 7, 1.8),  # two days late costs nine times as much …
    (0.9, 7, 5, 0.2),  # … as two days early
    (0.5, 5, 7, 1.0),
    (0.1, 5, 5, 0.0),
])
def test_pinball_weighs_late_against_early(share: float, said: int, came: int, loss: float) -> None:
    assert pinball(share, said, came) == pytest.approx(loss)


@pytest.mark.parametrize(("distribution", "came"), some(60))
def test_crps_is_the_squared_distance_summed_over_days(distribution: Distribution, came: int) -> None:
    days = cumulated(distribution, ORDERED)
    last = days.first + len(days.by)
    steps = range(-5, 40)
    by = [sum(distribution.chances[: max(0, step - days.first + 1)]) if step < last else 1.0 for step in steps]
    assert days.crps(came) == pytest.approx(sum((chance - (step >= came)) ** 2 for chance, step in zip(by, steps, strict=True)))


def test_crps_of_certainty_is_the_days_that_it_is_wrong() -> None:
    assert cumulated(told(1.0, first=3), ORDERED).crps(9) == 6
    assert cumulated(told(1.0, first=9), ORDERED).crps(3) == 6
    assert cumulated(told(1.0, first=3), ORDERED).crps(3) == 0


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_quantile_is_that_of_the_distribution_and_else_the_day_after_its_last(share: float) -> None:
    for distribution, _ in some(40):
        day = distribution.quantile(share) or distribution.first + timedelta(days=len(distribution.chances))
        assert cumulated(distribution, ORDERED).quantile(share) == (day - ORDERED).days


def test_window_that_no_days_hold_is_all_of_them_and_one_more() -> None:
    assert window(told(0.3, 0.3), 0.8) == (date(2023, 3, 3), date(2023, 3, 5))


class TestFrontier:
    def test_each_level_has_the_length_and_the_lateness_that_its_quantiles_have(self) -> None:
        frontier, orders = Frontier(), [(cumulated(distribution, ORDERED), came) for distribution, came in some(80)]
        for days, came in orders:
            frontier.add(days, came)
        for step in (1, 400, 1000, 1501, 1800, STEPS - 1):
            quantiles = [days.quantile(step / STEPS) for days, _ in orders]
            assert frontier.lengths()[step - 1] == pytest.approx(sum(quantiles) / len(orders))
            late = sum(came > day for day, (_, came) in zip(quantiles, orders, strict=True))
            assert frontier.late()[step - 1] == pytest.approx(late / len(orders))

    def test_lateness_at_a_length_lies_between_the_levels_around_it(self) -> None:
        frontier = Frontier()
        for came in range(10):
            frontier.add(cumulated(told(*[0.1] * 10, first=0), ORDERED), came)
        assert frontier.late_at(4) == pytest.approx(0.5)
        assert 0.4 <= frontier.late_at(4.5) <= 0.5

    @pytest.mark.parametrize(("length", "late"), [(-5, 0.9), (99, 0.0)])
    def test_length_that_no_level_has_takes_the_nearest(self, length: int, late: float) -> None:
        frontier = Frontier()
        for came in range(10):
            frontier.add(cumulated(told(*[0.1] * 10, first=0), ORDERED), came)
        assert frontier.late_at(length) == pytest.approx(late)
