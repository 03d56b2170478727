"""Hours of the week, and the next one at which both sides can talk."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ecommerce_comms.contact import hours, slots

pytestmark = pytest.mark.usefixtures("shop")
INDIA, BERLIN, NEW_YORK = "Asia/Kolkata", "Europe/Berlin", "America/New_York"


@pytest.fixture
def hours_of(settings):
    """Sets ``CALL_HOURS`` and other settings."""

    def put(value, **others):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CALL_HOURS": value, **others}

    return put


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def told(slot, zone):
    """A slot as people of ``zone`` say it."""
    start, end = (each.astimezone(ZoneInfo(zone)) for each in slot)
    return f"{start:%a %H:%M}-{end:%a %H:%M}"


@pytest.mark.parametrize(("now", "zone", "wishes", "expected"), [
    ("2026-03-02T10:00", INDIA, "", "Mon 10:00-Mon 18:00"),
    ("2026-03-02T06:00", INDIA, "", "Mon 09:00-Mon 18:00"),
    ("2026-03-02T17:50", INDIA, "", "Tue 09:00-Tue 18:00"),  # ten minutes are no slot
    ("2026-03-06T19:00", INDIA, "", "Mon 09:00-Mon 18:00"),  # over the weekend
    ("2026-03-02T10:00", INDIA, "17:00-20:00", "Mon 17:00-Mon 18:00"),
    ("2026-03-02T10:00", INDIA, "07:00-09:30, 16:00-17:00", "Mon 16:00-Mon 17:00"),
    ("2026-03-02T10:00", INDIA, "07:00-09:30; 16:00-17:00", "Mon 16:00-Mon 17:00"),  # as it may be written in the customer's row
    ("2026-03-02T10:00", INDIA, "19:00-20:00", "Mon 10:00-Mon 18:00"),  # fits nowhere: any waking hour
    ("2026-03-02T10:00", INDIA, "after tea", "Mon 10:00-Mon 18:00"),  # nobody can read it
    ("2026-03-02T10:00", BERLIN, "", "Mon 12:30-Mon 18:00"),  # eight o'clock in Berlin
    ("2026-03-30T10:00", BERLIN, "", "Mon 11:30-Mon 18:00"),  # its clocks were put forward on Sunday
])
def test_next_slot(hours_of, now, zone, wishes, expected):
    hours_of({"mon-fri": "09:00-18:00"})
    assert told(slots.next_slot(local(now, INDIA), time_zone=zone, wishes=wishes), INDIA) == expected


def test_nobody_is_called_at_night(hours_of):
    hours_of({"mon-fri": "09:00-17:00"})  # 22:30 to 06:30 in New York
    assert slots.next_slot(local("2026-03-02T10:00", INDIA), time_zone=NEW_YORK) is None


def test_without_quiet_hours_any_hour_of_the_shop_will_do(hours_of):
    hours_of({"mon-fri": "09:00-17:00"}, QUIET_HOURS="")
    assert told(slots.next_slot(local("2026-03-02T10:00", INDIA), time_zone=NEW_YORK), INDIA) == "Mon 10:00-Mon 17:00"


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(hours_of):
    hours_of({"mon": "22:00-02:00"}, QUIET_HOURS="")
    assert told(slots.next_slot(local("2026-03-03T00:30", INDIA), time_zone=INDIA), INDIA) == "Tue 00:30-Tue 02:00"


def test_choice_for_a_customer_begins_now_and_leaves_out_the_weekend(hours_of):
    hours_of({"mon-fri": "09:00-12:00, 13:00-18:00"})
    found = [told(each, INDIA) for each in slots.upcoming(local("2026-03-06T11:00", INDIA), time_zone=INDIA)]
    assert found[:3] == ["Fri 11:00-Fri 12:00", "Fri 13:00-Fri 18:00", "Mon 09:00-Mon 12:00"]


@pytest.mark.parametrize("value", ["", "09:00-12:00", {"mon-fri": "09:00-18:00", "sat": "10:00-13:00"}, {"sat-mon": "10:00-24:00"}, {}])
def test_hours_that_can_be_read(value):
    assert len(hours.week(value)) == 7


@pytest.mark.parametrize("value", [
    "9-18", "25:00-26:00", "09:00-09:00", "24:00-01:00", "24:30-25:00", {"monday": "09:00-18:00"}, {"mon": "x"},
])
def test_hours_that_cannot_be_read(value):
    with pytest.raises(ValueError, match=r"is not written|is no "):
        hours.week(value)


def test_days_may_run_over_the_weekend():
    week = hours.week({"sat-mon": "10:00-12:00"})
    assert [bool(day) for day in week] == [True, False, False, False, False, True, True]


def test_hours_that_touch_are_one_stretch():
    found = hours.stretches(hours.week("00:00-24:00"), ZoneInfo(INDIA), date(2026, 3, 2), 3)
    assert len(found) == 1


def test_shop_that_calls_day_and_night_has_slots_that_end(hours_of):
    hours_of("00:00-24:00", QUIET_HOURS="")
    assert told(slots.next_slot(local("2026-03-02T10:00", INDIA), time_zone=INDIA), INDIA) == "Mon 10:00-Mon 22:00"
