"""Who is told what, and how it is counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.backtest.notices import Story
from ecommerce_comms.backtest.verdicts import Reliability, Verdicts
from ecommerce_comms.shipping.estimators.distribution import Distribution
from ecommerce_comms.shipping.policy import HELD, POLICIES, Policy

PROMISED = date(2023, 3, 10)
POLICY = Policy(at=0.8, soon=0.6, soon_days=1)
END = date(2023, 6, 1)


def day(shift: int) -> date:
    return PROMISED + timedelta(days=shift)


class TestPolicy:
    @pytest.mark.parametrize(("chance", "days_left", "speaks"), [
        (0.8, 9, True), (0.79, 9, False), (0.79, 2, False), (0.6, 1, True), (0.59, 1, False), (0.6, 0, True), (0.0, -1, True),
    ])
    def test_it_speaks_sooner_near_the_date_and_always_after_it(self, chance: float, days_left: int, speaks: bool) -> None:
        assert POLICY.speaks(chance, days_left) is speaks

    def test_merchant_may_wait_until_the_date_has_passed(self) -> None:
        assert not POLICIES["when_passed"].speaks(1.0, 0)
        assert POLICIES["when_passed"].speaks(0.0, -1)

    @pytest.mark.parametrize("days_left", range(-1, 12))
    @pytest.mark.parametrize("chance", [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.99])
    def test_who_is_told_by_a_careful_policy_is_told_by_every_bolder_one(self, chance: float, days_left: int) -> None:
        said = [POLICIES[name].speaks(chance, days_left) for name in ("when_passed", "careful", "default", "early")]
        assert said == sorted(said)


def arrival(late: float, *, today: date, new: int = 5) -> Distribution:
    """Comes today, or else, with the chance ``late``, ``new`` days after the promised day."""
    return Distribution(today, (1 - late, *[0.0] * ((day(new) - today).days - 1), late))


class TestNewDate:
    def test_most_of_those_who_are_late_come_by_it(self) -> None:
        spread = Distribution(PROMISED, (0.5, *[0.05] * 10))
        assert spread.quantile_after(PROMISED, HELD) == day(8)
        assert spread.quantile(0.8) == day(6)

    def test_date_that_has_passed_leaves_the_plain_quantile(self) -> None:
        spread = Distribution(day(1), (0.1,) * 10)
        assert spread.quantile_after(PROMISED, HELD) == spread.quantile(0.8) == day(8)

    def test_where_many_get_lost_it_is_the_day_for_those_that_come_at_all(self) -> None:
        assert Distribution(PROMISED, (0.1, *[0.05] * 10)).quantile_after(PROMISED, HELD) == day(8)

    @pytest.mark.parametrize("chances", [(), (0.4,), (0.2, 0.1, 0.0)])
    def test_nothing_known_after_the_date_gives_none(self, chances: tuple[float, ...]) -> None:
        assert Distribution(day(-1), chances).quantile_after(PROMISED, HELD) is None


class TestStory:
    def test_first_notice_comes_when_the_policy_speaks(self) -> None:
        story = Story(PROMISED)
        story.consider(POLICY, day(-5), arrival(0.7, today=day(-5), new=2))
        story.consider(POLICY, day(-4), arrival(0.85, today=day(-4), new=3))
        assert (story.days, story.told, story.first_new) == ([day(-4)], day(3), day(3))

    def test_second_notice_comes_only_when_the_new_date_has_passed(self) -> None:
        story = Story(PROMISED)
        for shift in range(-3, 8):
            story.consider(POLICY, day(shift), arrival(0.95, today=day(shift), new=max(2, shift + 5)))
        assert story.days == [day(-3), day(3)]
        assert (story.first_new, story.told) == (day(2), day(8))

    def test_notice_with_no_later_date_is_none(self) -> None:
        story = Story(PROMISED)
        story.consider(Policy(at=0.0, soon=0.0), day(-2), Distribution(day(-2), (1.0,)))
        assert story.days == []

    def test_passed_date_is_told_once_even_if_nobody_knows_another(self) -> None:
        story = Story(PROMISED)
        for shift in range(-2, 3):
            story.consider(POLICY, day(shift), None)
        assert (story.days, story.told) == ([day(1)], None)


def told(shift: int | None, new: int = 4) -> Story:
    story = Story(PROMISED)
    if shift is not None:
        story.days, story.told, story.first_new = [day(shift)], day(new), day(new)
    return story


class TestVerdicts:
    def test_everything_is_counted(self) -> None:
        verdicts = Verdicts()
        verdicts.add(told(-3), day(2), END)  # right, three days ahead, new date held
        verdicts.add(told(0), day(6), END)  # right, on the day itself, new date missed
        verdicts.add(told(1), day(3), END)  # told when it had passed
        verdicts.add(told(-1), day(0), END)  # needless
        for _ in range(4):
            verdicts.add(told(None), day(-1), END)
        assert verdicts.measured() == {
            "precision": 0.6667, "recall": 0.6667, "recall_day_ahead": 0.3333, "median_lead_days": 0, "needless_per_100_on_time": 20.0,
            "new_date_held": 0.6667, "notices_per_order": 0.5,
        }

    def test_parcel_that_never_came_is_late_and_breaks_its_new_date(self) -> None:
        verdicts = Verdicts()
        verdicts.add(told(-1), None, END)
        assert (verdicts.late, verdicts.dated, verdicts.held) == (1, 1, 0)

    def test_new_date_after_the_end_of_the_file_is_not_judged_whatever_came(self) -> None:
        verdicts = Verdicts()
        for delivered_on in (None, day(2)):
            verdicts.add(told(-1, new=9), delivered_on, day(8))
        assert (verdicts.late, verdicts.dated) == (2, 0)

    def test_nothing_gives_no_figures(self) -> None:
        assert set(Verdicts().measured().values()) == {None}


def test_chances_are_gathered_in_bins() -> None:
    seen = Reliability()
    for chance, late in ((0.71, True), (0.73, False), (1.0, True)):
        seen.add(chance, late)
    assert seen.bins() == [(pytest.approx(0.72), 1, 2), (1.0, 1, 1)]
