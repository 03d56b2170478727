"""Times as carriers write them never fail: what can be read is read, what is doubtful is marked, what is nonsense is now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_comms.shipping.carriers import times
from ecommerce_comms.shipping.models import Scan
from tests.shipping.carriers import saying
from tests.shipping.carriers.story import read_time

UTC = timezone.utc
SEEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("told", [
    "2026-03-02T14:30:00+05:30", "2026-03-02T09:00:00Z", "2026-03-02 09:00:00+00:00", "2026-03-02T09:00:00.000000+00:00",
    1772442000, 1772442000.0, "1772442000", 1772442000000, "1772442000000", "Mon, 02 Mar 2026 14:30:00 +0530",
    "Mon, 02 Mar 2026 09:00:00 GMT",
])
def test_time_with_an_offset_is_sure(told):
    assert (read_time(told).at, read_time(told).is_sure) == (SEEN, True)


@pytest.mark.parametrize("told", [
    "2026-03-02T14:30:00", "2026-03-02 14:30", "02-Mar-2026 14:30:00", "20260302143000", "Mar 02, 2026 14:30",
])
def test_time_without_one_is_meant_in_the_accounts_zone_and_unsure(told):
    assert (read_time(told).at, read_time(told).is_sure) == (SEEN, False)


@pytest.mark.parametrize("told", [
    "0000-00-00", "0000-00-00 00:00:00", "2026-02-30", "2026-02-30T10:00:00", 1e18, "1e18", -1e18, "9" * 400, float("inf"), "NaN",
    "2026-03-02 14:30:00 EST", "Mon, 02 Mar 2026 14:30:00 EST", "02/03/26", "02/03/2026", "Mon, 02 Mar 26 10:30:00 +0000", "",
    None, True, [], {}, "25:61", "2026-13-01", 0, "1970-01-01", "9999-12-31T23:59:59-23:59", "\x00", "🙂" * 50,
])
def test_nonsense_is_no_time(told):
    assert read_time(told).at is None


def test_hour_that_a_clock_shows_twice_is_the_first():
    assert read_time("2026-10-25T01:30:00", "Europe/London").at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_time("2026-11-01 01:30", "America/New_York").at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_hour_that_a_clock_skips_is_moved_on():
    assert read_time("2027-03-28T01:30:00", "Europe/London").at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.datetimes().map(str), st.dates().map(str)))
def test_anything_can_be_read(told):
    moment = read_time(told)
    assert moment.at is None or moment.at >= times.EARLIEST


def test_future_is_now_and_unsure():
    assert times.settle(SEEN + timedelta(days=3), True, SEEN) == (SEEN, False)
    assert times.settle(SEEN + timedelta(minutes=3), True, SEEN) == (SEEN, True)
    assert times.settle(None, True, SEEN) == (SEEN, False)


@pytest.mark.parametrize("provider", saying.PROVIDERS, ids=lambda provider: provider.name)
@pytest.mark.parametrize("told", ["0000-00-00", "2026-02-30 10:00:00", "1e18", "2026-03-02 10:00:00 EST", "02/03/26", ""])
def test_scan_with_a_time_that_is_none_is_kept_with_the_time_of_its_arrival(provider, told, db, fake_shop, clock, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_WEBHOOKS": saying.accounts()}
    assert provider.post(provider.payload({"status": provider.words[0], "time": told})).json()["new"] == 1
    row = Scan.objects.get()
    assert (row.occurred_at, row.time_is_sure, row.status) == (clock(), False, "in_transit")
    clock.advance(hours=1)
    assert provider.post(provider.payload({"status": provider.words[0], "time": told})).json()["known"] == 1
