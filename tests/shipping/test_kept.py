"""Rows kept in memory."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction

from ecommerce_comms.clock import ManualClock
from ecommerce_comms.shipping.kept import MAX_AGE, Kept
from ecommerce_comms.shipping.models import ClosedDay

DAY = datetime(2026, 3, 2, tzinfo=timezone.utc)


@pytest.fixture
def now():
    return ManualClock(DAY)


@pytest.fixture
def days(now):
    return Kept(lambda: sorted(row.name for row in ClosedDay.objects.all()), (ClosedDay,), now)


@pytest.mark.django_db
def test_rows_are_read_once_and_again_after_a_minute(days, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        days.get()
        days.get()
    ClosedDay.objects.bulk_create([ClosedDay(day=DAY.date(), name="fair")])  # as another process would: without a signal
    now.advance(seconds=MAX_AGE.total_seconds() - 1)
    assert days.get() == []
    now.advance(seconds=1)
    assert days.get() == ["fair"]


@pytest.mark.django_db
def test_a_clock_that_was_put_back_does_not_keep_rows_for_ever(days, now):
    days.get()
    ClosedDay.objects.bulk_create([ClosedDay(day=DAY.date(), name="fair")])
    now.set(DAY - timedelta(hours=2))
    assert days.get() == ["fair"]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_kept_and_what_is_committed_is(days):
    with transaction.atomic():
        ClosedDay.objects.create(day=DAY.date(), name="fair")
        assert days.get() == ["fair"]
        transaction.set_rollback(True)
    assert days.get() == []
    with transaction.atomic():
        ClosedDay.objects.create(day=DAY.date(), name="fair")
    assert days.get() == ["fair"]


@pytest.mark.django_db
def test_a_change_while_rows_are_loaded_is_not_lost(now):
    """Another thread saves between the reading of the rows and their keeping."""
    loads = iter([["old"], ["new"]])

    def load():
        rows = next(loads)
        if rows == ["old"]:
            days.forget()
        return rows

    days = Kept(load, (ClosedDay,), now)
    assert days.get() == ["old"]
    assert days.get() == ["new"]
