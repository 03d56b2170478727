"""Counting working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_comms.shipping import calendars
from ecommerce_comms.shipping.calendars import Calendar, NoOpenDay, public_holidays, weekdays

FRIDAY = date(2026, 3, 6)
OFFICE = Calendar(weekdays("12345"))


@pytest.mark.parametrize(
    ("digits", "closed", "start", "n", "expected"),
    [
        ("12345", (), FRIDAY, 0, FRIDAY),
        ("12345", (), FRIDAY, 1, date(2026, 3, 9)),
        ("123456", (), FRIDAY, 1, date(2026, 3, 7)),  # Saturday delivery
        ("12347", (), date(2026, 3, 5), 1, date(2026, 3, 8)),  # Bangladesh: Thursday, then Sunday
        ("1234567", (), date(2028, 2, 28), 1, date(2028, 2, 29)),  # leap day
        ("1234567", (), date(2026, 2, 28), 1, date(2026, 3, 1)),  # none in 2026
        ("12345", (date(2027, 1, 1),), date(2026, 12, 31), 2, date(2027, 1, 5)),  # year end: Friday 1 January, then the weekend
        ("12345", (date(2026, 3, 9),), FRIDAY, 1, date(2026, 3, 10)),
    ],
)
def test_open_days_are_counted_over_weekends_and_closed_days(digits, closed, start, n, expected):
    assert Calendar(weekdays(digits), frozenset(closed)).add_open_days(start, n) == expected


def test_a_closed_day_is_not_open_and_the_next_open_day_of_an_open_day_is_itself():
    calendar = Calendar(weekdays("12345"), frozenset({FRIDAY}))
    assert not calendar.is_open(FRIDAY)
    assert calendar.next_open(FRIDAY) == date(2026, 3, 9)
    assert OFFICE.next_open(FRIDAY) == FRIDAY


def test_a_calendar_that_is_never_open_is_refused_instead_of_counting_for_ever():
    with pytest.raises(NoOpenDay):
        Calendar(frozenset()).next_open(FRIDAY)


def test_a_count_of_thousands_of_days_ends():
    with pytest.raises(NoOpenDay):
        OFFICE.add_open_days(FRIDAY, calendars.MAX_DAYS)


def test_letters_among_the_weekday_digits_are_ignored():
    assert weekdays("1, 2 and 9") == {1, 2}


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), n=st.integers(0, 30),
    closed=st.frozensets(st.integers(0, 60), max_size=20), extra=st.integers(0, 60),
)
def test_another_closed_day_never_makes_it_sooner(start, n, closed, extra):
    days = frozenset(start + timedelta(days=offset) for offset in closed)
    before = Calendar(weekdays("12345"), days).add_open_days(start, n)
    after = Calendar(weekdays("12345"), days | {start + timedelta(days=extra)}).add_open_days(start, n)
    assert after >= before


def test_public_holidays_are_those_of_the_country_and_the_region():
    pytest.importorskip("holidays")
    assert date(2026, 1, 26) in public_holidays("IN", "", 2026)  # Republic Day
    assert date(2026, 2, 21) in public_holidays("BD", "", 2026)  # Language Martyrs' Day
    assert date(2026, 3, 17) in public_holidays("GB", "NIR", 2026)
    assert date(2026, 3, 17) not in public_holidays("GB", "ENG", 2026)


@pytest.mark.parametrize(("country", "region", "day", "is_closed"), [
    ("IN", "", date(2026, 8, 15), True),  # Independence Day
    ("IN", "Maharashtra", date(2026, 5, 1), True),
    ("IN", "WB", date(2026, 5, 9), True),  # the birthday of Tagore
    ("IN", "KL", date(2026, 5, 9), False),
    ("BD", "", date(2026, 12, 16), True),  # Victory Day
    ("BR", "", date(2027, 9, 7), True),
    ("BR", "Bahia", date(2026, 7, 2), True),
    ("BR", "BA", date(2026, 7, 2), True),
    ("BR", "São Paulo", date(2026, 7, 2), False),
    ("BR", "São Paulo", date(2026, 7, 9), True),
    ("US", "", date(2026, 11, 26), True),  # Thanksgiving
    ("US", "Massachusetts", date(2027, 4, 19), True),  # Patriots' Day
    ("US", "TX", date(2027, 4, 19), False),
    ("US", "", date(2028, 7, 4), True),
])
def test_holidays_of_many_lands_and_their_regions_by_code_or_name(country, region, day, is_closed):
    pytest.importorskip("holidays")
    assert (day in public_holidays(country, region, day.year)) is is_closed


@pytest.mark.parametrize(("week", "start", "n", "expected"), [
    ("12347", date(2026, 12, 31), 2, date(2027, 1, 4)),  # the Gulf: Friday and Saturday are free, Friday is 1 January
    ("123457", date(2026, 12, 31), 2, date(2027, 1, 4)),  # Nepal: Saturday only
])
def test_the_year_ends_in_every_week(week, start, n, expected):
    assert Calendar(weekdays(week), frozenset({date(2027, 1, 1)})).add_open_days(start, n) == expected


def test_slow_days_count_for_less_and_never_end_a_later_start_earlier():
    slow = Calendar().add_open_days
    assert slow(FRIDAY, 10, lambda day: 1.3) == FRIDAY + timedelta(days=13)
    assert slow(FRIDAY, 0, lambda day: 9.0) == FRIDAY
    ends = [slow(FRIDAY + timedelta(days=start), 4, lambda day: 3.0 if day.day % 2 else 1.0) for start in range(20)]
    assert ends == sorted(ends)


def test_an_unknown_region_has_the_holidays_of_its_country_and_an_unknown_country_none():
    pytest.importorskip("holidays")
    assert public_holidays("IN", "ATLANTIS", 2026) == public_holidays("IN", "", 2026) != frozenset()
    assert public_holidays("ZZ", "", 2026) == frozenset()


def test_without_the_holidays_package_there_are_no_public_holidays(monkeypatch):
    monkeypatch.setattr(calendars, "holidays", None)
    assert calendars.holiday_names.__wrapped__("IN", "", 2026) == {}
