"""When a call suits, by the customer's clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ecommerce_comms.customers import calling

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("text", "means"), [
    ("09:00-12:00, 18:00-20:00", "09:00-12:00, 18:00-20:00"),
    # in any order, with other dashes, blanks and separators
    (" 18:00 – 20:00;9:00-12:00 ", "09:00-12:00, 18:00-20:00"),
    ("20:00-24:00", "20:00-24:00"),
    ("", "None"),
])
def test_times_are_read_as_people_write_them(text, means):
    assert str(calling.parse(text)) == means


@pytest.mark.parametrize("text", [
    "evenings", "18-20", "25:00-26:00", "20:00-18:00", "18:00-18:00", "20:00-24:30", "09:00-12:00,11:00-13:00", "09:00-12:00,,18:00-20:00",
    ",".join(f"{hour:02}:00-{hour:02}:10" for hour in range(7)),
])
def test_odd_times_are_refused_with_what_was_wrong(text):
    with pytest.raises(ValueError, match=r"is not written like|does not end after|lies within|has more than"):
        calling.parse(text)


@pytest.mark.parametrize(("now", "opens"), [
    ("2026-03-02T10:00+05:30", None),
    ("2026-03-02T12:00+05:30", "2026-03-02T18:00+05:30"),  # the end of a window is outside of it
    ("2026-03-02T20:00+05:30", "2026-03-03T09:00+05:30"),
    ("2026-03-02T03:00+05:30", "2026-03-02T09:00+05:30"),
])
def test_next_window_is_found(now, opens):
    found = calling.parse("09:00-12:00, 18:00-20:00").opens_at(datetime.fromisoformat(now), KOLKATA)
    assert found == (datetime.fromisoformat(opens) if opens else None)


def test_window_that_the_clocks_leap_over_still_comes():
    found = calling.parse("02:15-02:45").opens_at(datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN), BERLIN)
    assert found is not None
    assert found > datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN)
