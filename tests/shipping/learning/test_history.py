"""Arrival dates from the shop's own deliveries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from ecommerce_comms.shipping import engine, learning, options, promises
from ecommerce_comms.shipping.estimators.base import estimate, estimate_many
from ecommerce_comms.shipping.history import HistoryEstimator
from ecommerce_comms.shipping.models import ClosedDay, Knowledge, Peak, Rate, Warehouse
from ecommerce_comms.shipping.tables import forget_tables
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from tests.shipping.learning import past
from tests.shipping.learning.past import NOW
from tests.shipping.making import KOLKATA, LONDON, local, order, request, service, warehouse

pytestmark = pytest.mark.django_db
MONDAY_10 = local(KOLKATA, 2026, 3, 2, 10)
DAY = timedelta(days=1)
DAILY = "1234567"
VARIED = {
    "handling": (0, 1, 1, 2, 0, 1, 3, 1, 4, 1, 2, 1, 6, 0, 1, 1, 9), "transit": (2, 3, 3, 4, 5, 3, 7, 4, 9, 3, 2, 14, 3, 4, 5, 6, 3, 4, 25),
    "apart": 7,
}
"""Parcels of many ways and speeds."""


def learnt(**how):
    """A shop with one option, brought every day, in whose past parcels left after a day and took three more."""
    warehouse(working_days=DAILY)
    service(delivery_days=DAILY)
    past.sell(200, **({"transit": (3,), "apart": 5} | how))
    return learning.learn(NOW)


def ask(ordered_at=MONDAY_10, **fields):
    return HistoryEstimator().estimate(request(ordered_at, **fields))


def window(*args, **fields):
    told = ask(*args, **fields)
    return told and (told.earliest, told.latest)


def march(*days):
    return tuple(date(2026, 3, day) for day in days)


# ---- where dates come from --------------------------------------------------------------------------------------


def test_dates_come_from_the_shops_own_deliveries_not_from_its_table():
    learnt()
    told = ask()
    assert (told.source, told.earliest) == ("history", date(2026, 3, 6))  # the table says 4 to 6 March
    assert told.latest <= date(2026, 3, 9)
    assert 0.9 <= told.confidence <= 1
    assert told.confidence == pytest.approx(told.distribution.chance_by(told.latest))


def test_shop_without_a_past_goes_by_its_table():
    warehouse()
    service()
    assert (window(), ask().source) == (march(4, 6), "rule")


def test_shop_with_neither_past_nor_table_gives_no_date():
    assert ask() is None


def test_shop_without_a_table_goes_by_its_past():
    past.sell(200, transit=(3,))
    learning.learn(NOW)
    assert (ask().source, ask().earliest) == ("history", date(2026, 3, 6))


def test_option_by_which_nothing_was_sent_goes_by_the_table_and_slowly_turns_to_the_past():
    learnt()
    service("slow", transit_days_min=10, transit_days_max=14, delivery_days=DAILY)
    assert (window(service="slow"), ask(service="slow").source) == ((date(2026, 3, 12), date(2026, 3, 17)), "rule")
    fast = ask()
    past.sell(5, shipping_option="slow", transit=(12,), ago=20)
    learning.learn(NOW)
    few = ask(service="slow")
    assert few.source == "history"
    assert few.latest > fast.latest + 5 * DAY
    assert few.confidence is not None


def test_figures_that_the_merchant_changes_count_at_once_and_give_way_again():
    learnt()
    fast = window()
    Rate.objects.all().update(transit_days_min=8, transit_days_max=9)
    forget_tables()
    assert (ask().source, window()) == ("rule", march(10, 12))
    learning.learn(NOW + DAY)
    assert window() == march(10, 12)  # what is learnt meanwhile left under the old figures
    past.sell(60, until=NOW + 60 * DAY, ago=20, apart=12, transit=(8,), handling=(1,))
    learning.learn(NOW + 60 * DAY)
    assert ask(NOW + 60 * DAY).source == "history"
    Rate.objects.all().update(transit_days_min=2, transit_days_max=3)
    forget_tables()
    assert ask().source == "history" and window()[0] <= fast[0] + 5 * DAY  # the old figures have their past


def test_zone_that_is_added_with_figures_of_its_own_goes_by_them():
    learnt()
    service(country="BD", transit_days_min=9, transit_days_max=11)
    assert (ask().source, ask(country="BD").source) == ("history", "rule")


def test_table_that_is_made_after_the_past_takes_nothing_from_it():
    past.sell(200, transit=(3,))
    learning.learn(NOW)
    warehouse(working_days=DAILY)
    service(delivery_days=DAILY)
    assert ask().source == "history"
    learning.learn(NOW)
    assert ask().source == "history"


def test_parcels_without_an_option_speak_for_the_only_one():
    learnt(shipping_option="")
    assert ask().source == "history"
    service("slow", transit_days_min=10, transit_days_max=14)
    assert ask().source == "rule"


def test_engine_that_knows_too_little_leaves_it_to_the_table(monkeypatch):
    learnt()
    monkeypatch.setattr(engine, "arrival", lambda *_args: None)
    assert (window(), ask().source) == (march(4, 6), "rule")


def test_promise_level_is_the_shops_to_choose(settings):
    learnt(transit=(2, 3, 4, 5, 6, 7, 8, 9))
    days = []
    for level in (0.6, 0.8, 0.95):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "PROMISE_LEVEL": level}
        told = ask()
        assert told.confidence >= level
        days.append(told.latest)
    assert days == sorted(set(days))


# ---- days -------------------------------------------------------------------------------------------------------


def test_no_date_falls_on_a_day_when_nothing_is_delivered():
    learnt()
    ClosedDay.objects.create(day=date(2026, 3, 6))
    Rate.objects.update(delivery_days="12345")
    told = ask()
    assert (told.earliest, told.latest) == march(9, 9)
    assert all(not chance for number, chance in enumerate(told.distribution.chances)
               if (told.distribution.first + number * DAY).isoweekday() in (6, 7))


def test_order_after_the_cut_off_cannot_come_as_early():
    warehouse(working_days=DAILY, handling_days_max=0)
    service(delivery_days=DAILY)
    past.sell(100, handling=(0,), transit=(1,), apart=24)  # at half past three each night
    past.sell(100, handling=(1,), transit=(1,), apart=24, until=NOW + timedelta(hours=14))
    learning.learn(NOW)
    before, after = ask(local(KOLKATA, 2026, 3, 2, 14)), ask(local(KOLKATA, 2026, 3, 2, 14, 1))
    assert (before.earliest, after.earliest) == march(3, 4)
    assert before.order_by == local(KOLKATA, 2026, 3, 2, 14)
    assert after.order_by == local(KOLKATA, 2026, 3, 3, 14)


def test_order_of_a_long_holiday_is_as_quick_as_any_once_that_is_over():
    learnt(**VARIED)
    ClosedDay.objects.create(day=date(2026, 3, 2), last_day=date(2026, 3, 16), warehouse=Warehouse.objects.get())
    usual = ask(local(KOLKATA, 2026, 3, 17, 10))
    during = ask(local(KOLKATA, 2026, 3, 4, 10))
    assert during.source == "history"
    assert usual.earliest >= during.earliest >= date(2026, 3, 18)
    assert abs(during.latest - usual.latest) <= 5 * DAY  # and not by the 13 days for which it lay there


def test_cut_off_that_is_moved_moves_the_dates():
    learnt()
    early = window(local(KOLKATA, 2026, 3, 2, 13))
    house = Warehouse.objects.get()
    house.cut_off = time(12)
    house.save()
    late = window(local(KOLKATA, 2026, 3, 2, 13))
    assert late > early or late == early  # what left after a day leaves tomorrow, as it did
    house.working_days = "2345"
    house.save()
    assert window(local(KOLKATA, 2026, 3, 6, 13))[0] >= date(2026, 3, 10)  # a Friday: packed on Tuesday


def test_holiday_that_is_added_never_makes_a_date_earlier():
    learnt()
    plain = window()
    for number in range(1, 6):
        ClosedDay.objects.create(day=date(2026, 3, 2 + number))
        assert window() >= plain


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_dates_move_by_whole_days_where_the_clocks_change(day):
    warehouse(time_zone=LONDON, working_days=DAILY, cut_off=time(1, 30))
    service(delivery_days=DAILY)
    until = local(LONDON, day.year, day.month, day.day) - 12 * DAY
    past.sell(200, until=until, transit=(3,), zone=LONDON)
    learning.learn(until)
    midnight = local(LONDON, day.year, day.month, day.day)
    firsts = [window(midnight + timedelta(minutes=30 * step), zone=LONDON)[0] for step in range(48)]
    assert firsts == sorted(firsts)
    assert firsts[0] >= day + 3 * DAY


def test_day_counts_at_the_destination():
    learnt()
    assert ask(zone="Pacific/Auckland").earliest >= ask(zone="Pacific/Honolulu").earliest


# ---- what is known meanwhile ------------------------------------------------------------------------------------


def test_parcel_that_left_is_estimated_from_its_departure():
    learnt()
    told = ask(shipped_at=MONDAY_10 + 4 * DAY)
    assert date(2026, 3, 8) <= told.earliest <= date(2026, 3, 9) <= told.latest
    assert told.order_by is None


def test_parcel_that_is_still_on_its_way_is_not_expected_in_the_past():
    learnt(transit=(2, 3, 4, 5, 6, 7, 8, 9))
    shipped_at = MONDAY_10 + DAY
    for days in range(10):
        told = ask(shipped_at=shipped_at, now=shipped_at + days * DAY)
        assert told is None or told.earliest >= (shipped_at + days * DAY).date()


def test_parcel_that_may_never_come_has_no_date():
    """A table would tell the next days, day after day."""
    learnt(transit=(2, 3, 4))
    assert ask(shipped_at=MONDAY_10, now=MONDAY_10 + 70 * DAY) is None


def test_order_that_has_not_left_is_not_expected_before_it_can_arrive():
    learnt(handling=(1, 2, 3, 4, 5))
    told = ask(now=MONDAY_10 + 4 * DAY)
    assert told.earliest >= date(2026, 3, 9)


def test_many_are_estimated_as_each_alone():
    learnt(transit=(2, 3, 4, 5))
    service("slow", transit_days_min=10, transit_days_max=14)
    asked = [request(MONDAY_10 + hours * timedelta(hours=1)) for hours in range(0, 40, 7)]
    asked += [request(MONDAY_10, service="slow"), request(MONDAY_10, shipped_at=MONDAY_10 + DAY, now=MONDAY_10 + 3 * DAY)]
    together, alone = estimate_many(asked), [estimate(each) for each in asked]
    plain = [[(each.earliest, each.latest, each.source, each.reason, each.order_by) for each in some] for some in (together, alone)]
    assert plain[0] == plain[1]
    assert [each.confidence for each in together] == pytest.approx([each.confidence for each in alone])


# ---- the promise ------------------------------------------------------------------------------------------------


def test_estimate_at_the_checkout_is_the_promise_that_is_kept():
    learnt(transit=(2, 3, 4, 5))
    Rate.objects.update(price=40)
    forget_tables()
    place = AddressSnapshot(country="IN", region="WB")
    [option] = options.quote(place, at=MONDAY_10, time_zone=KOLKATA)
    of = order(address=place, promised_earliest=option.earliest, promised_latest=option.latest)
    shown = promises.at_order(of, of.as_snapshot)
    assert (shown.earliest, shown.latest, shown.source) == (option.earliest, option.latest, "shop")
    untold = order("A2", address=place, shipping_price=option.price)
    made = promises.at_order(untold, untold.as_snapshot)
    assert (made.earliest, made.latest, made.confidence) == (option.earliest, option.latest, option.confidence)
    assert (made.source, made.reason) == ("history", option.reason)


def test_order_from_two_places_is_there_when_the_last_parcel_is():
    warehouse(working_days=DAILY)
    warehouse(name="Far", code="far", working_days=DAILY, is_default=False)
    service(delivery_days=DAILY)
    line = {"reference": "1", "sku": "tea", "quantity": 1, "price": "7.00"}
    past.sell(150, transit=(2,), lines=[line])
    past.sell(150, transit=(2,), handling=(6,), lines=[line | {"origin": "far"}])
    learning.learn(NOW)
    near, far = LineSnapshot(reference="1"), LineSnapshot(reference="2", origin="far")
    one, other, both = (estimate(request(MONDAY_10, lines=lines)) for lines in ((near,), (far,), (near, far)))
    assert one.latest < other.latest <= both.latest
    assert both.confidence >= 0.9
    assert both.reason.startswith("It comes in 2 parcels")


def test_estimator_asks_the_database_nothing(django_assert_num_queries):
    learnt()
    ask()
    with django_assert_num_queries(0):
        ask()
        ask(shipped_at=MONDAY_10 + DAY)


def test_lesson_of_another_process_is_used_within_a_minute(monkeypatch):
    learnt()
    ask()
    Knowledge.objects.filter().update(parcels=0)  # as another process would: without a signal
    assert ask().source == "history"
    kept = learning.knowing._kept
    monkeypatch.setattr(kept, "_now", lambda moment=kept._now: moment() + timedelta(seconds=61))
    assert ask().source == "rule"


def test_reason_tells_from_how_many_deliveries():
    learnt()
    assert ask().reason.endswith("rom 200 deliveries.")


def test_hour_of_the_order_does_not_leak_into_the_day():
    learnt()
    assert isinstance(ask().earliest, date) and not isinstance(ask().earliest, datetime)


# ---- what slows the shop down never makes a date earlier ----------------------------------------------------------


@pytest.fixture
def latest():
    """A shop of many ways and speeds; gives the windows for orders of some moments."""
    warehouse()
    service()
    past.sell(400, **VARIED)
    learning.learn(NOW)
    return lambda: [window(MONDAY_10 + timedelta(hours=hours)) for hours in range(0, 24 * 7, 17)]


def none_is_earlier(after, before):
    return all(one >= other for windows in zip(after, before, strict=True) for one, other in zip(*windows, strict=True))


def test_closed_day_makes_no_date_earlier(latest):
    plain = latest()
    for number in (0, 2, 3, 4, 7, 9, 12, 14, 18):
        closed = ClosedDay.objects.create(day=MONDAY_10.date() + number * DAY)
        assert none_is_earlier(latest(), plain), closed
        closed.delete()


@pytest.mark.parametrize("slows", Peak.Slows.values)
def test_peak_makes_dates_later_and_none_earlier(latest, slows):
    plain = latest()
    Peak.objects.create(name="Holi", day=date(2026, 3, 4), last_day=date(2026, 3, 14), factor=Decimal("1.8"), slows=slows)
    peak = latest()
    assert none_is_earlier(peak, plain)
    assert peak != plain


def test_earlier_cut_off_makes_no_date_earlier(latest):
    house, before = Warehouse.objects.get(), latest()
    for hour in (12, 9, 1):
        house.cut_off = time(hour)
        house.save()
        after = latest()
        assert none_is_earlier(after, before)
        before = after


def test_later_order_is_never_promised_earlier(latest):
    ClosedDay.objects.create(day=date(2026, 3, 9), last_day=date(2026, 3, 17), warehouse=Warehouse.objects.get())
    windows = [window(MONDAY_10 + timedelta(hours=hours)) for hours in range(0, 24 * 18, 5)]
    assert none_is_earlier(windows[1:], windows[:-1])


def test_longer_figures_make_no_date_earlier_though_the_past_is_slower_than_both():
    learnt(transit=(9, 11))
    before = window()
    Rate.objects.update(transit_days_min=3, transit_days_max=4)  # the past knows 2 to 3
    forget_tables()
    after = window()
    assert none_is_earlier([after], [before])
    Rate.objects.update(transit_days_min=20, transit_days_max=24)
    forget_tables()
    assert none_is_earlier([window()], [after])
    assert ask().source == "rule"
