"""What becomes of what was told: when it is judged, against what, and that it follows whatever happens later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms import sweeping, testing
from ecommerce_comms.insights import scoring
from ecommerce_comms.insights.models import Score
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.orders.models import Order, Parcel
from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.snapshots import ParcelSnapshot
from tests.insights.making import KOLKATA, delivery, noon, score
from tests.shipping.making import local

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DUE = date(2026, 2, 10)
TODAY = date(2026, 3, 2)


def scored(**fields) -> Score:
    """The one row of a delivery with these ``fields``."""
    delivery(**fields)
    score()
    return Score.objects.get()


def said(reference: str = "1001", **changes):
    """An order whose customer was told 3 to 5 March."""
    return testing.order(reference, promised_earliest=date(2026, 3, 3), promised_latest=date(2026, 3, 5), **changes)


# ---- kept or broken -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived, kept, late", [(date(2026, 2, 9), True, -1), (DUE, True, 0), (date(2026, 2, 11), False, 1)])
def test_promise_is_kept_up_to_its_last_day(arrived, kept, late):
    row = scored(due=DUE, arrived=arrived)
    assert (row.first_kept, row.first_late, row.last_kept, row.arrived_on) == (kept, late, kept, arrived)


def test_day_is_that_of_the_destination():
    order = delivery(due=DUE, arrived=DUE)
    # Half an hour before midnight in Kolkata; in London the day is far from over, in Tokyo the next one has begun.
    moment = local(KOLKATA, 2026, 2, 10, 23, 30)
    Parcel.objects.update(delivered_at=moment)
    Order.objects.update(delivered_at=moment)
    promises.settle(Order.objects.get(pk=order.pk))
    score()
    assert Score.objects.get().first_late == 0


def test_promise_whose_day_is_to_come_is_not_judged():
    delivery(due=TODAY, arrived=None)
    score()
    assert not Score.objects.exists()


def test_promise_is_judged_on_the_day_after(clock):
    delivery(due=TODAY, arrived=None)
    clock.advance(days=1)
    score()
    row = Score.objects.get()
    assert (row.first_kept, row.first_late, row.arrived_on, row.telling) == (False, None, None, "untold")


def test_early_arrival_is_judged_at_once():
    row = scored(due=TODAY + timedelta(days=3), arrived=TODAY)
    assert (row.first_kept, row.first_late) == (True, -3)


def test_arrival_after_the_day_brings_the_days_late():
    order = delivery(due=DUE, arrived=None)
    score()
    Parcel.objects.update(delivered_at=noon(TODAY))
    promises.settle(Order.objects.get(pk=order.pk))
    score()
    assert (Score.objects.get().first_late, Score.objects.get().first_kept) == (20, False)


def test_first_and_last_promise_are_judged_apart():
    row = scored(due=DUE, arrived=date(2026, 2, 12), told=date(2026, 2, 9), new_due=date(2026, 2, 13))
    assert (row.first_kept, row.last_kept, row.first_late, row.last_late, row.revisions) == (False, True, 2, -1, 1)


def test_last_promise_stays_open_while_its_day_is_to_come():
    row = scored(due=DUE, arrived=None, told=date(2026, 2, 9), new_due=TODAY + timedelta(days=1))
    assert (row.first_kept, row.last_kept, row.new_kept) == (False, None, None)


def test_what_was_cancelled_in_time_was_never_late():
    delivery(due=DUE, arrived=None, cancelled=DUE)
    score()
    assert not Score.objects.exists()


def test_what_was_cancelled_after_its_day_was_late():
    assert scored(due=DUE, arrived=None, cancelled=date(2026, 2, 20)).first_kept is False


def test_what_waits_at_a_pick_up_point_is_not_late():
    delivery(due=DUE, arrived=None)
    Parcel.objects.update(status=Parcel.Status.READY_FOR_PICKUP)
    score()
    assert not Score.objects.exists()


def test_measures_tell_window_and_lead():
    row = scored(due=DUE)
    assert (row.first_days, row.first_lead, row.first_confidence, row.first_source) == (3, 6, 0.92, "history")


def test_way_is_that_of_the_parcel_and_its_order():
    row = scored(carrier=" Blue Dart ", service="express", origin="pune", region="AS")
    assert (row.carrier, row.service, row.origin, row.country, row.region) == ("Blue Dart", "express", "pune", "IN", "AS")


# ---- told ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived, told, telling", [
    (date(2026, 2, 12), date(2026, 2, 9), "ahead"), (date(2026, 2, 12), DUE, "same_day"), (date(2026, 2, 12), date(2026, 2, 11), "after"),
    (date(2026, 2, 12), None, "untold"), (DUE, date(2026, 2, 9), "needless"), (DUE, None, ""),
])
def test_notice_is_held_against_the_first_promise(arrived, told, telling):
    assert scored(due=DUE, arrived=arrived, told=told).telling == telling


def test_notice_that_was_not_sent_told_nobody():
    delivery(due=DUE, arrived=date(2026, 2, 12), told=date(2026, 2, 9))
    Message.objects.update(state=Message.State.SKIPPED)
    score()
    assert Score.objects.get().telling == "untold"


def test_notice_about_the_whole_order_is_not_about_what_has_arrived():
    delivery(due=DUE, arrived=date(2026, 2, 8), told=date(2026, 2, 9))
    assert Message.objects.get().parcel is not None
    score()
    assert Score.objects.get().telling == "needless"
    Message.objects.update(parcel=None)
    scoring.score_again()
    score()
    assert Score.objects.get().telling == ""


def test_stage_is_what_had_been_found_out():
    assert scored(arrived=date(2026, 2, 12), told=date(2026, 2, 9), stage="stalled").told_stage == "stalled"


@pytest.mark.parametrize("arrived, held", [(date(2026, 2, 13), True), (date(2026, 2, 14), False)])
def test_new_date_is_held_or_not(arrived, held):
    assert scored(due=DUE, arrived=arrived, told=date(2026, 2, 9), new_due=date(2026, 2, 13)).new_kept is held


# ---- whole orders and parcels -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake_shop")
class TestStory:
    """The way a shop's facts go."""

    def test_order_is_scored_once_its_only_parcel_arrives(self, clock):
        order = said()
        for kind in ("order_placed", "order_shipped", "order_delivered"):
            clock.advance(days=1)
            testing.tell(kind, order)
        sweeping.sweep()
        row = Score.objects.get()
        assert (row.parcel is not None, row.first_due, row.first_kept, row.first_source) == (True, date(2026, 3, 5), True, "shop")

    def test_order_that_never_left_is_scored_as_a_whole(self, clock):
        testing.tell("order_placed", said())
        clock.advance(days=4)
        testing.settle()
        sweeping.sweep()
        row = Score.objects.get()
        assert (row.parcel, row.first_kept, row.arrived_on) == (None, False, None)

    def test_parcels_are_scored_apart_and_the_whole_order_goes(self, clock):
        order = said()
        testing.tell("order_placed", order)
        clock.advance(days=1)
        testing.tell("order_shipped", order, parcel=ParcelSnapshot(reference="a", carrier="Delhivery", of=2))
        clock.advance(days=4)
        testing.settle()
        sweeping.sweep()
        assert sorted(row.slot > 0 for row in Score.objects.all()) == [False, True]
        testing.tell("order_shipped", order, parcel=ParcelSnapshot(reference="b", carrier="India Post", of=2))
        for parcel in ("a", "b"):
            testing.tell("order_delivered", order, parcel=ParcelSnapshot(reference=parcel, of=2))
        sweeping.sweep()
        assert sorted(Score.objects.values_list("carrier", "first_kept")) == [("Delhivery", False), ("India Post", False)]

    def test_correction_of_an_arrival_takes_the_score_back(self, clock):
        order = said()
        testing.tell("order_placed", order)
        testing.tell("order_shipped", order)
        testing.tell("order_delivered", order)
        sweeping.sweep()
        assert Score.objects.exists()
        clock.advance(hours=1)
        testing.tell("delivery_failed", order)
        sweeping.sweep()
        assert not Score.objects.exists()

    def test_facts_told_twice_and_late_end_in_the_same_row(self, clock):
        order = said()
        told = [("order_placed", clock()), ("order_shipped", clock() + timedelta(days=1)), ("order_delivered", clock() + timedelta(days=2))]
        clock.advance(days=9)
        for kind, at in [*told[::-1], *told]:
            testing.tell(kind, order, occurred_at=at)
            sweeping.sweep()
        row = Score.objects.get()
        assert (row.first_kept, row.arrived_on) == (True, date(2026, 3, 4))


# ---- keeping up ---------------------------------------------------------------------------------------------------------


def test_nothing_is_looked_at_twice_without_need():
    delivery(due=DUE)
    assert scoring.score_due() == 1
    assert scoring.score_due() == 0


def test_scores_can_be_made_anew():
    before = scored(due=DUE, arrived=date(2026, 2, 12), told=date(2026, 2, 9), new_due=date(2026, 2, 13))
    Score.objects.update(carrier="wrong", first_kept=True)
    Score.objects.filter(pk=before.pk).delete()
    scoring.score_again()
    score()
    after = Score.objects.get()
    assert [getattr(after, field.name) for field in Score._meta.fields if field.name != "id"] == [
        getattr(before, field.name) for field in Score._meta.fields if field.name != "id"]


def test_promise_written_by_other_hands_is_judged_when_its_day_has_passed(clock):
    delivery(due=TODAY, arrived=None)
    Promise.objects.update(score_at=clock())
    assert scoring.score_due() == 1
    assert Promise.objects.get().score_at == Promise.objects.get().overdue_at


def test_what_changes_while_it_is_scored_is_scored_again(monkeypatch):
    order = delivery(due=DUE, arrived=None)
    judge = scoring.scores

    def meanwhile(facts, now):
        rows = list(judge(facts, now))
        Parcel.objects.update(delivered_at=noon(TODAY))
        promises.settle(Order.objects.get(pk=order.pk))
        monkeypatch.setattr(scoring, "scores", judge)
        return rows

    monkeypatch.setattr(scoring, "scores", meanwhile)
    score()
    assert Score.objects.get().arrived_on == TODAY


def test_order_that_cannot_be_scored_does_not_keep_the_others_from_it(monkeypatch, clock):
    bad = delivery(reference="bad", due=DUE)
    delivery(reference="good", due=DUE)
    judge = scoring.scores
    monkeypatch.setattr(scoring, "scores", lambda facts, now: 1 / 0 if facts.order.pk == bad.pk else judge(facts, now))
    assert scoring.score_due() == 2
    assert Score.objects.get().order.reference == "good"
    assert scoring.score_due() == 0
    monkeypatch.undo()
    clock.advance(hours=1)
    assert scoring.score_due() == 1
    assert Score.objects.count() == 2
