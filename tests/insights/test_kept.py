"""How many promises were kept, by whatever one likes to know it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.charts import wilson
from ecommerce_comms.insights import kept, tallying, told
from ecommerce_comms.insights.chosen import Chosen
from ecommerce_comms.insights.models import Score, Tally, TallyMonth
from tests.insights.making import delivery, score, year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = date(2026, 3, 2)
LATE = date(2026, 2, 12)
FEBRUARY = date(2026, 2, 1)


def deliveries(*many: dict) -> None:
    """Deliveries with these fields, scored and added up."""
    for number, fields in enumerate(many):
        delivery(reference=f"D{number}", **fields)
    score()


def shares(grouping: str, **chosen) -> dict:
    """Kept and all, by group."""
    return {row.names if len(row.names) > 1 else row.names[0]: (row.hits, row.of) for row in kept.by(grouping, **chosen)}


@pytest.fixture
def mixed() -> None:
    """Three deliveries in February and one in January."""
    deliveries(
        {"carrier": "Delhivery", "region": "WB"}, {"carrier": "Delhivery", "region": "AS", "arrived": LATE, "origin": "pune"},
        {"carrier": "Blue Dart", "service": "express", "told": date(2026, 2, 9), "arrived": LATE, "new_due": date(2026, 2, 13)},
        {"carrier": "Blue Dart", "service": "express", "due": date(2026, 1, 31), "arrived": date(2026, 1, 30)},
    )


@pytest.mark.usefixtures("mixed")
class TestGroups:
    @pytest.mark.parametrize("grouping, found", [
        ("carrier", {"Delhivery": (1, 2), "Blue Dart": (1, 2)}), ("service", {"standard": (1, 2), "express": (1, 2)}),
        ("warehouse", {"": (2, 3), "pune": (0, 1)}), ("country", {"IN": (2, 4)}), ("source", {"history": (2, 4)}),
        ("month", {date(2026, 1, 1): (1, 1), FEBRUARY: (1, 3)}), ("lane", {("", "IN", "WB"): (2, 3), ("pune", "IN", "AS"): (0, 1)}),
    ])
    def test_every_grouping_counts_every_delivery_once(self, grouping, found):
        assert shares(grouping) == found

    def test_last_promise_is_another_question(self):
        assert shares("carrier", judged="last") == {"Delhivery": (1, 2), "Blue Dart": (2, 2)}
        assert shares("source", judged="last") == {"history": (2, 3), "rule": (1, 1)}

    def test_months_count_as_a_whole(self):
        assert shares("country", since=date(2026, 2, 20), until=date(2026, 2, 1)) == {"IN": (1, 3)}
        assert shares("country", until=date(2026, 1, 5)) == {"IN": (1, 1)}

    def test_ways_narrow_it_down(self):
        assert shares("month", ways={"carrier": "Blue Dart", "country": "IN"}) == {date(2026, 1, 1): (1, 1), FEBRUARY: (0, 1)}
        assert shares("month", ways={"country": "US"}) == {}

    def test_row_tells_days_and_bounds(self):
        [row] = kept.by("country", since=FEBRUARY)
        assert (row.window_days, row.lead_days, row.days_late, row.days_early, row.missing) == (3, 6, 2, 1, 0)
        assert row.bounds == wilson(1, 3)

    def test_whole_is_what_its_parts_are(self):
        assert (kept.total(Chosen()).hits, kept.total(Chosen()).of) == (2, 4)

    def test_worst_lane_is_that_of_which_one_can_be_least_sure(self):
        assert [row.names for row in kept.worst(Chosen(), least=1)] == [("pune", "IN", "AS"), ("", "IN", "WB")]
        assert kept.worst(Chosen(), least=2)[0].names == ("", "IN", "WB")
        assert kept.worst(Chosen(), least=4) == []

    def test_days_late_are_counted(self):
        assert kept.lateness(Chosen()) == {-1: 2, 2: 2}


@pytest.mark.parametrize("ask, said", [
    (lambda: kept.by("weather"), "cannot be put together by 'weather'; choose from carrier"),
    (lambda: kept.by("carrier", judged="second"), "not by 'second'"),
    (lambda: kept.by("carrier", ways={"colour": "red"}), "cannot be chosen by colour"),
    (lambda: kept.by("carrier", date(2026, 3, 1), date(2026, 2, 1)), "The last month, 2026-02, is before the first, 2026-03"),
])
def test_questions_that_make_no_sense_are_refused_in_words(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()


def test_nothing_is_known_before_anything_was_due():
    assert all(kept.by(grouping) == [] for grouping in kept.GROUPINGS)
    assert (kept.total(Chosen()).of, kept.calibration(Chosen()), kept.lateness(Chosen()), told.by_stage(Chosen())) == (0, [], {}, {})


def test_early_arrival_counts_only_once_its_day_is_over(clock):
    """What arrives early is known sooner than what does not, and would make its day look better than it is."""
    deliveries({"due": TODAY + timedelta(days=1), "arrived": TODAY})
    assert kept.by("carrier") == []
    clock.advance(days=2)
    tallying.tally_stale()
    assert shares("carrier") == {"Delhivery": (1, 1)}


def test_what_is_open_still_is_in_no_share():
    deliveries({"due": TODAY, "arrived": None}, {"arrived": None, "told": date(2026, 2, 9), "new_due": TODAY})
    assert (shares("carrier"), shares("carrier", judged="last")) == ({"Delhivery": (0, 1)}, {})


def test_confidence_is_compared_with_what_arrived():
    deliveries({"confidence": 0.9}, {"confidence": 0.91, "arrived": LATE}, {"confidence": 0.95}, {"confidence": None}, {"confidence": 1.0})
    found = kept.calibration(Chosen())
    assert [(each.low, each.high, round(each.nominal, 3), each.hits, each.of) for each in found] == [
        (0.9, 0.92, 0.905, 1, 2), (0.94, 0.96, 0.95, 1, 1), (0.98, 1.0, 1.0, 1, 1)]


def test_notices_are_held_against_what_happened():
    deliveries(
        {"arrived": LATE, "told": date(2026, 2, 9), "stage": "will_miss", "new_due": date(2026, 2, 13)},
        {"arrived": LATE, "told": date(2026, 2, 11), "stage": "missed", "new_due": date(2026, 2, 11)},
        {"told": date(2026, 2, 9), "stage": "will_miss", "new_due": date(2026, 2, 11)}, {"arrived": LATE}, {},
    )
    stages = told.by_stage(Chosen())
    whole = told.whole(stages.values())
    assert (whole.deliveries, whole.late, whole.ahead, whole.after, whole.untold, whole.unannounced) == (5, 3, 1, 1, 1, 2)
    assert (whole.told, whole.notices, whole.needless, whole.renewed, whole.held, whole.needless_per_100) == (3, 3, 1, 3, 2, 50)
    assert (stages["will_miss"].told, stages["will_miss"].needless, stages["missed"].needless) == (2, 1, 0)


# ---- adding up ----------------------------------------------------------------------------------------------------------


def test_tallies_are_the_scores_added_up():
    year(60)
    for judged in ("first", "last"):
        over = Score.objects.filter(**{f"{judged}_due__lt": TODAY, f"{judged}_kept__isnull": False})
        total = kept.total(Chosen(judged=judged))
        assert (total.of, total.hits) == (over.count(), over.filter(**{f"{judged}_kept": True}).count())
        assert sum(row.of for row in kept.of("lane", Chosen(judged=judged))) == total.of
        assert sum(kept.lateness(Chosen(judged=judged)).values()) == over.exclude(arrived_on=None).count()


def test_corrected_score_moves_from_month_to_month():
    deliveries({"due": date(2026, 1, 31), "arrived": date(2026, 1, 30)})
    Score.objects.update(first_due=FEBRUARY)
    tallying.mark({("first", date(2026, 1, 1)), ("first", FEBRUARY)})
    tallying.tally_stale(at_once=True)
    assert shares("month") == {FEBRUARY: (1, 1)}


def test_month_without_changes_is_left_alone():
    deliveries({"due": date(2025, 6, 10), "arrived": date(2025, 6, 9)})
    assert tallying.tally_stale() == 0


def test_month_that_took_long_is_not_added_up_all_the_time(clock):
    deliveries({})
    TallyMonth.objects.update(is_stale=True, seconds=3.0)
    clock.advance(minutes=4)
    assert tallying.tally_stale() == 0
    clock.advance(minutes=2)
    assert tallying.tally_stale() == 2


def test_month_is_not_added_up_by_two_at_once(clock):
    deliveries({})
    TallyMonth.objects.update(is_stale=True)
    rows = list(TallyMonth.objects.all())
    assert [tallying._tally(row, clock()) for row in rows] == [True, True]
    assert [tallying._tally(row, clock()) for row in rows] == [False, False]
    assert Tally.objects.filter(kind="way").count() == 2
