"""The ledger of what was told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ecommerce_comms.shipping import promises
from ecommerce_comms.shipping.estimators.base import ShippingEstimator
from ecommerce_comms.shipping.models import Promise
from ecommerce_comms.signals import promise_made
from tests.shipping.making import KOLKATA, local, order, parcel, promised, service, warehouse

pytestmark = pytest.mark.django_db
SHIPPED = local(KOLKATA, 2026, 3, 3, 18)


def march(*days):
    return tuple(date(2026, 3, day) for day in days)


def window(promise):
    return promise and (promise.earliest, promise.latest)


def told(of, box=None):
    return [(row.earliest.day, row.latest.day) for row in Promise.objects.filter(order=of, parcel=box).order_by("revision", "pk")]


def revise(of, box, earliest, latest, at=SHIPPED):
    return promises.revise(of, box, date(2026, 3, earliest), date(2026, 3, latest), source="merchant", reason="", made_at=at)


class Failing(ShippingEstimator):
    """An estimator with a mistake in it."""

    def estimate(self, request):
        raise RuntimeError("no model")


# ---- the first promise ----------------------------------------------------------------------------------------


def test_what_the_customer_was_shown_is_the_first_promise():
    warehouse()
    service()
    made = promises.at_order(of := promised(earliest=date(2026, 3, 9), latest=date(2026, 3, 11)), of.as_snapshot)
    assert (window(made), made.source, made.revision, made.made_at) == (march(9, 11), "shop", 0, of.placed_at)


def test_where_only_the_last_day_was_shown_the_window_begins_on_the_day_of_the_order():
    of = promised(earliest=None, latest=date(2026, 3, 11))
    assert window(promises.at_order(of, of.as_snapshot)) == march(2, 11)


@pytest.mark.parametrize("latest", [date(2026, 3, 1), date(9999, 12, 31), None])
def test_a_shown_window_that_makes_no_sense_gives_way_to_the_estimate(latest):
    warehouse()
    service()
    of = promised(earliest=None, latest=latest)
    made = promises.at_order(of, of.as_snapshot)
    assert (window(made), made.source) == (march(4, 6), "rule")


def test_nobody_knows_a_date_so_nothing_is_promised():
    of = order()
    assert promises.at_order(of, of.as_snapshot) is None
    assert not Promise.objects.exists()


def test_an_estimator_that_fails_never_stops_an_order(settings, caplog):
    settings.ECOMMERCE_COMMS = {"ESTIMATOR": f"{__name__}.Failing"}
    of = order()
    assert promises.at_order(of, of.as_snapshot) is None
    assert "Failing could not estimate" in caplog.text


def test_an_order_has_one_first_promise_at_the_price_of_two_queries(django_assert_num_queries):
    warehouse()
    service()
    of = order()
    snapshot = of.as_snapshot
    promises.at_order(order("warm"), snapshot)
    with django_assert_num_queries(2):
        assert promises.at_order(of, snapshot)
    assert promises.at_order(of, snapshot) is None
    assert told(of) == [(4, 6)]


def test_the_shop_hears_of_each_promise_and_its_receivers_cannot_harm_it():
    heard = []

    def listen(promise, **_kwargs):
        heard.append(promise)
        raise RuntimeError("not our affair")

    promise_made.connect(listen)
    try:
        of = promised()
        made = promises.at_order(of, of.as_snapshot)
    finally:
        promise_made.disconnect(listen)
    assert heard == [made]


# ---- shipping and revisions -----------------------------------------------------------------------------------


def test_a_parcel_that_left_in_time_takes_over_the_window_that_was_told():
    warehouse()
    service()
    of = promised()
    promises.at_order(of, of.as_snapshot)
    made = promises.at_shipping(of, box := parcel(of), SHIPPED)  # which may take until 6 March, too
    assert (window(made), made.source, made.revision, made.parcel) == (march(4, 6), "shop", 0, box)


def test_a_parcel_that_left_late_gets_a_later_window_as_a_revision():
    warehouse()
    service()
    of = promised()
    promises.at_order(of, of.as_snapshot)
    made = promises.at_shipping(of, parcel(of), local(KOLKATA, 2026, 3, 5, 18))
    assert (window(made), made.source, made.revision) == (march(7, 9), "rule", 1)
    assert window(promises.window_before(made)) == march(4, 6)


def test_shipping_told_twice_changes_nothing():
    warehouse()
    service()
    of = promised()
    promises.at_order(of, of.as_snapshot)
    box = parcel(of)
    promises.at_shipping(of, box, late := local(KOLKATA, 2026, 3, 5, 18))
    assert promises.at_shipping(of, box, late) is None
    assert told(of, box) == [(7, 9)]


def test_shipping_told_again_does_not_undo_better_news():
    warehouse()
    service()
    of = promised()
    promises.at_order(of, of.as_snapshot)
    box = parcel(of)
    promises.at_shipping(of, box, late := local(KOLKATA, 2026, 3, 5, 18))
    revise(of, box, 6, 7, late + timedelta(hours=1))
    assert promises.at_shipping(of, box, late) is None
    assert told(of, box) == [(7, 9), (6, 7)]


def test_a_window_that_has_passed_is_not_promised_again_at_shipping():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    assert promises.at_shipping(of, parcel(of), local(KOLKATA, 2026, 3, 7, 9)) is None


def test_the_ledger_keeps_every_promise_and_has_one_open():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    revise(of, None, 9, 12)
    revise(of, None, 13, 14, SHIPPED + timedelta(days=1))
    assert told(of) == [(4, 6), (9, 12), (13, 14)]
    assert [row.is_open for row in of.promises.order_by("revision")] == [False, False, True]
    assert window(promises.first(of)) == march(4, 6)
    assert window(promises.current(of)) == march(13, 14)


def test_the_same_revision_made_twice_is_one_row():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    assert revise(of, None, 9, 12) == revise(of, None, 9, 12)
    assert told(of) == [(4, 6), (9, 12)]


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="cannot end"):
        revise(order(), None, 9, 8)


def test_a_parcels_revision_leaves_the_promise_for_the_rest_of_the_order_open():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    box = parcel(of)
    revise(of, box, 9, 12)
    assert promises.newest(of).is_open
    assert window(promises.current(of, box)) == march(9, 12)
    assert window(promises.current(of, parcel(of, "2"))) == march(4, 6)


def test_the_orders_date_is_the_last_of_what_is_still_expected():
    of = promised()
    promises.at_order(of, of.as_snapshot)
    one, two = parcel(of), parcel(of, "2")
    revise(of, one, 9, 12)
    revise(of, two, 7, 8)
    assert window(promises.current(of)) == march(9, 12)
    one.delivered_at = SHIPPED
    one.save()
    assert window(promises.current(of)) == march(7, 8)


def test_once_all_has_left_the_orders_own_window_gives_way_to_its_parcels():
    of = promised(latest=date(2026, 3, 20))
    promises.at_order(of, of.as_snapshot)
    revise(of, parcel(of), 7, 8)
    assert window(promises.current(of)) == march(4, 20)
    of.status = "shipped"
    assert window(promises.current(of)) == march(7, 8)
