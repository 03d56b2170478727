"""On each day only what had happened before it began is known."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from ecommerce_comms.backtest.walk import Day, as_known, as_ordered, walk
from ecommerce_comms.shipping.estimators.shipments import Shipment
from tests.backtest import making

HERE = timezone(timedelta(hours=-3))


def at(day: int, hour: int = 12, zone: timezone = HERE) -> datetime:
    return datetime(2023, 3, day, hour, tzinfo=zone)


def parcel(ordered: datetime, shipped: datetime | None = None, delivered: datetime | None = None) -> Shipment:
    return Shipment(ordered_at=ordered, shipped_at=shipped, delivered_at=delivered)


def days(*parcels: Shipment, first: int = 1, last: int = 9) -> dict[int, Day]:
    found = walk(sorted(parcels, key=lambda each: each.ordered_at), date(2023, 3, first), date(2023, 3, last))
    return {day.date.day: day for day in found}


def test_life_becomes_known_on_the_day_after_it_happened() -> None:
    whole = parcel(at(2), at(3), at(5))
    known = {number: [(each.shipped_at is not None, each.delivered_at is not None) for each in making.known([whole], day.began)]
             for number, day in days(whole).items()}
    assert known[2] == []
    assert known[3] == [(False, False)]
    assert known[4] == known[5] == [(True, False)]
    assert known[6] == [(True, True)]


def test_what_happens_at_midnight_belongs_to_the_day_that_begins() -> None:
    whole = parcel(at(2), at(4, 0), at(4, 0))
    found = days(whole, parcel(at(4)))
    assert making.known([whole], found[4].began) == [parcel(at(2))]
    assert (list(found[4].arrived), list(found[5].arrived)) == ([], [whole])


def test_arrival_is_told_once_and_on_the_first_day_all_of_them() -> None:
    parcels = [parcel(at(1), at(2), at(3)), parcel(at(1), at(2), at(6))]
    assert [len(day.arrived) for day in days(*parcels, first=5).values()] == [1, 0, 1, 0, 0]


def test_orders_of_a_day_come_with_their_whole_lives() -> None:
    assert [each.delivered_at for each in days(parcel(at(2), at(3), at(5)))[2].ordered] == [at(5)]


def test_delivery_before_shipping_is_known_when_it_happened() -> None:
    whole = parcel(at(2), at(6), at(4))
    assert as_known(whole, at(5, 0)) == parcel(at(2), None, at(4))
    assert list(days(whole)[5].arrived) == [whole]


@pytest.mark.parametrize("hour", [0, 1, 23])
def test_day_begins_at_the_first_midnight_of_those_who_order_on_it(hour: int) -> None:
    east, west = timezone(timedelta(hours=5.5)), timezone(timedelta(hours=-8))
    delivered = parcel(at(1, 0, west), None, datetime(2023, 3, 3, hour, tzinfo=west))
    found = days(delivered, parcel(at(4, 12, west)), parcel(at(4, 12, east)))
    assert found[4].began == at(4, 0, east)
    assert list(found[4].arrived) == ([delivered] if delivered.delivered_at < at(4, 0, east) else [])


def test_day_of_the_change_to_summer_time_begins_by_its_own_clock() -> None:
    found = days(parcel(at(4)), parcel(datetime(2023, 3, 5, 12, tzinfo=timezone(timedelta(hours=-2)))))
    assert (found[4].began, found[5].began) == (at(4, 0), at(5, 0, timezone(timedelta(hours=-2))))
    assert found[6].began.utcoffset() == timedelta(hours=-2)


def test_parcel_is_asked_about_without_what_becomes_of_it() -> None:
    whole = parcel(at(2), at(3), at(5))
    assert as_ordered(whole) == parcel(at(2))
    assert as_known(whole, at(4)) == parcel(at(2), at(3))
    assert as_known(whole, at(9)) is whole
