"""What will be late is told before its date, once, and only if that is likely and the date really moves."""

from __future__ import annotations

import random
from datetime import date

import pytest

from ecommerce_comms.shipping.models import Lateness, Outlook, Promise, Watch
from tests.shipping.delays.scripted import DUE, Scripted, look, place, promised, scan, ship, tell, told, watches


def test_what_will_most_likely_be_late_is_told_with_the_date_by_which_eight_in_ten_arrive(shop):
    place()
    ship()
    Scripted.chance = 0.85
    shop.advance(hours=2)
    assert look() == 1
    [event] = told()
    assert (event.data["latest"], event.data["was_latest"], event.data["stage"]) == ("2026-03-13", "2026-03-10", "will_miss")
    assert (event.data["chance"], event.data["reason_kind"], event.parcel["reference"]) == (0.85, "slow_carrier", "1")
    assert promised() == [("2026-03-10", "shop"), ("2026-03-10", "shop"), ("2026-03-13", "history")]


def test_what_is_hardly_late_is_not_told(shop):
    place()
    ship()
    Scripted.chance = 0.44
    for _day in range(8):  # up to the promised day itself
        assert look() == 0
        shop.advance(days=1)


def test_close_to_the_date_a_smaller_chance_is_enough(shop):
    place()
    ship()
    Scripted.chance = 0.65
    days = []
    for _day in range(8):
        if look():
            days.append(shop().date())
        shop.advance(days=1)
    assert days == [date(2026, 3, 9)]


def test_a_second_notice_comes_only_when_the_new_date_has_passed(shop):
    place()
    ship()
    Scripted.chance = 0.95
    days = []
    for _day in range(14):
        if look():
            days.append(shop().date().isoformat())
        shop.advance(days=1)
    assert days == ["2026-03-03", "2026-03-14"]


def test_what_is_out_for_delivery_is_not_told_late(shop):
    place()
    ship()
    tell("order_out_for_delivery", parcel="1")
    Scripted.chance = 1.0
    for _day in range(12):
        assert look() == 0
        shop.advance(days=1)


@pytest.mark.parametrize("status", ["out_for_delivery", "ready_for_pickup", "delivered"])
def test_nor_is_what_the_carrier_has_on_its_last_mile(shop, status):
    place()
    box = ship()
    scan(box, status)
    Scripted.chance = 1.0
    for _day in range(12):
        assert look() == 0
        shop.advance(days=1)


def test_what_could_not_be_handed_over_can_be_late_again(shop):
    place()
    ship()
    tell("order_out_for_delivery", parcel="1")
    shop.advance(hours=5)
    tell("delivery_failed", parcel="1")
    Scripted.chance = 0.9
    shop.advance(hours=1)
    assert look() == 1


def test_a_window_that_moves_by_less_than_a_day_is_not_told(shop):
    place(latest=date(2026, 3, 13))
    ship()
    Scripted.chance, Scripted.then = 0.9, date(2026, 3, 13)
    assert look() == 0


def test_a_new_date_is_a_day_of_delivery(shop):
    place()
    ship()
    Scripted.chance, Scripted.then = 0.9, date(2026, 3, 15)  # a Sunday
    shop.advance(hours=1)
    look()
    assert told()[0].data["latest"] == "2026-03-16"


def test_each_parcel_is_told_by_itself_and_the_order_follows_the_last(shop):
    order = place()
    ship(parcel="1"), ship(parcel="2")
    Scripted.chance = 0.9
    shop.advance(hours=1)
    assert look() == 2
    assert {event.parcel["reference"] for event in told()} == {"1", "2"}
    order.refresh_from_db()
    assert order.delayed_at is not None


def test_the_carriers_later_date_counts_though_nobody_knows_chances(shop):
    Scripted.chance = None
    place()
    box = ship()
    shop.advance(days=1)
    scan(box, estimate_latest=date(2026, 3, 12), estimated_at=shop())
    assert look() == 1
    [event] = told()
    assert (event.data["latest"], event.data["window_source"], event.data["reason_kind"]) == ("2026-03-12", "carrier", "carrier_says")
    assert promised()[-1] == ("2026-03-12", "carrier")


def test_a_date_that_the_carrier_gave_before_the_promise_says_nothing_new(shop):
    Scripted.chance = None
    place()
    earlier = shop()
    shop.advance(hours=3)
    box = ship()
    scan(box, estimate_latest=date(2026, 3, 12), estimated_at=earlier)
    Promise.objects.update(made_at=shop())
    assert look() == 0


@pytest.mark.parametrize("latest", [date(2026, 3, 1), date(2028, 3, 1)])
def test_a_carriers_date_in_the_past_or_years_ahead_is_no_evidence(shop, latest):
    Scripted.chance = None
    place()
    box = ship()
    shop.advance(days=1)
    scan(box, estimate_latest=latest, estimated_at=shop())
    assert look() == 0


# ---- back on track --------------------------------------------------------------------------------------------


def test_what_will_after_all_be_in_time_is_back_on_track_once(shop):
    order = place()
    box = ship()
    Scripted.chance = 0.9
    shop.advance(hours=1)
    look()
    Scripted.chance = 0.1
    shop.advance(days=1)
    scan(box)
    assert look() == 1
    [event] = told("order_back_on_track")
    assert (event.data["latest"], event.data["was_latest"]) == ("2026-03-10", "2026-03-13")
    order.refresh_from_db()
    assert order.delayed_at is None
    assert promised()[-1] == ("2026-03-10", "history")
    assert not Lateness.objects.filter(ended_at=None).exists()


def test_a_chance_in_between_changes_nothing(shop):
    place()
    ship()
    Scripted.chance = 0.9
    shop.advance(hours=1)
    look()
    Scripted.chance = 0.45
    for _day in range(6):
        shop.advance(days=1)
        assert look() == 0


def test_the_carriers_earlier_date_brings_it_back_on_track(shop):
    Scripted.chance = None
    place()
    box = ship()
    shop.advance(days=1)
    scan(box, estimate_latest=date(2026, 3, 12), estimated_at=shop())
    look()
    shop.advance(days=1)
    scan(box, estimate_latest=date(2026, 3, 10), estimated_at=shop())
    assert look() == 1
    assert told("order_back_on_track")[0].data["window_source"] == "carrier"


def test_a_delay_that_the_merchant_told_is_not_ours_to_clear(shop):
    place()
    ship()
    shop.advance(hours=1)
    tell("order_delayed", parcel="1", data={"latest": "2026-03-20"})
    for _day in range(5):
        shop.advance(days=1)
        assert look() == 0


@pytest.mark.parametrize("seed", range(12))
def test_noisy_chances_make_one_notice_and_one_good_news_at_most(shop, seed):
    noise = random.Random(seed)
    place()
    ship()
    for _hour in range(8 * 12):
        Scripted.chance = noise.random()
        look()
        shop.advance(hours=2)
    early = [event for event in told() if event.data["stage"] != "missed"]
    assert len(early) <= 1
    assert len(told("order_back_on_track")) <= 1


# ---- what is kept ---------------------------------------------------------------------------------------------


def test_two_looks_at_once_leave_one_of_each(shop):
    place()
    ship()
    Scripted.chance = 0.9
    shop.advance(hours=1)
    look()
    before = list(Watch.objects.values())
    look()
    Watch.objects.update(look_at=shop(), stages="", told=0, is_told=False)  # as another process saw it that is late
    assert look() == 0
    assert Lateness.objects.filter(stage="will_miss").count() == 1
    assert len(told()) == 1
    assert before[0]["stages"] == "w"


def test_what_arrives_or_is_cancelled_is_watched_no_more_and_its_spells_end(shop):
    place("A"), place("B")
    ship("A"), ship("B")
    assert watches() == [("A", "1"), ("B", "1")]
    Scripted.chance = 0.9
    shop.advance(hours=1)
    look()
    assert Lateness.objects.filter(ended_at=None).count() == 2
    tell("order_delivered", "A", "1")
    tell("order_cancelled", "B")
    assert watches() == []
    assert not Lateness.objects.filter(ended_at=None).exists()


def test_the_chance_is_kept_where_it_moved_by_a_twentieth(shop):
    place()
    ship()
    for chance in (0.1, 0.41, 0.43, 0.2, 0.2):
        Scripted.chance = chance
        look()
        shop.advance(days=1)
    assert list(Outlook.objects.order_by("day").values_list("chance", flat=True)) == [0.4, 0.0]


def test_a_thousand_alike_are_one_question(shop):
    for number in range(20):
        place(f"N{number}")
    Scripted.asked.clear()
    shop.advance(hours=2)
    look()
    assert len(Scripted.asked) == 1
    assert Watch.objects.filter(due_on=DUE).count() == 20
