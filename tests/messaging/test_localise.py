"""Dates, windows and amounts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency

from ecommerce_comms import testing
from ecommerce_comms.messaging.speaking import localise, rendering
from ecommerce_comms.snapshots import AddressSnapshot


@pytest.mark.parametrize("earliest, latest, language, words", [
    ("2026-12-03", "2026-12-05", "en", "Thu 3 – Sat 5 Dec"),
    ("2026-12-03", "2026-12-03", "en", "Thu 3 Dec"),
    ("", "2026-12-03", "en", "Thu 3 Dec"),
    ("2026-12-05", "2026-12-03", "en", "Thu 3 – Sat 5 Dec"),  # the wrong way round
    ("2026-11-30", "2026-12-02", "en", "Mon 30 Nov – Wed 2 Dec"),
    ("2026-12-31", "2027-01-02", "en", "Thu 31 Dec – Sat 2 Jan 2027"),
    ("2027-01-04", "2027-01-06", "en", "Mon 4 – Wed 6 Jan 2027"),
    ("2025-12-30", "2026-01-02", "en", "Tue 30 Dec 2025 – Fri 2 Jan"),
    ("2026-12-03T09:00:00+05:30", "2026-12-05", "en", "Thu 3 – Sat 5 Dec"),
    ("2026-12-03", "2026-12-05", "hi", "गुरु, 3 – शनि, 5 दिसंबर"),
    ("2026-12-03", "2026-12-05", "bn", "বৃহস্পতি, 3 – শনি, 5 ডিসেম্বর"),
    ("soon", "", "en", ""),
])
def test_window(earliest, latest, language, words):
    assert localise.window(earliest, latest, language, 2026) == words


@pytest.mark.parametrize("amount, currency, language, words", [
    ("1499", "INR", "en", "₹1,499.00"),
    ("123456.5", "INR", "hi", "₹1,23,456.50"),
    ("123456.5", "INR", "bn", "₹1,23,456.50"),
    ("123456.5", "INR", "en-IN", "₹1,23,456.50"),
    ("123456.5", "BDT", "bn-BD", "৳1,23,456.50"),
    ("123456.5", "INR", "bn-BD", "₹1,23,456.50"),
    ("1499", "EUR", "bn", "€1,499.00"),
    ("123456.5", "BDT", "en", "BDT\u00a01,23,456.50"),
    ("123456.5", "USD", "en", "$123,456.50"),
    ("1499", "JPY", "en", "¥1,499"),
    ("1.25", "KWD", "en", "KWD\u00a01.250"),
    ("1.25", "KWD", "bn", "KWD\u00a01.250"),
    ("-1.25", "KWD", "bn", "-KWD\u00a01.250"),
    ("1.25", "KWD", "de", "1,250\u00a0KWD"),
    ("12.5", "", "en", "12.5"),  # nobody said which money
    ("12.5", "XXQ", "en", "12.5"),
    ("free", "INR", "en", ""),
    ("NaN", "INR", "en", ""),
    ("1e999999", "INR", "en", ""),
])
def test_money(amount, currency, language, words):
    assert localise.money(amount, currency, language) == words


def test_a_moment_is_the_day_it_was_at_the_customers_place():
    facts = {"order": {"placed_at": "2026-12-01T20:00:00+00:00"}}
    assert localise.present(facts, "en", "Asia/Kolkata")["order"]["placed_on"] == "Wed 2 Dec"
    assert localise.present(facts, "en", "Europe/London")["order"]["placed_on"] == "Tue 1 Dec"


def test_year_of_a_window_is_measured_against_the_event():
    def told(**facts):
        return localise.present({"promise": {"latest": "2027-01-04"}, **facts}, "en")["promise"]["window"]

    assert told(event={"occurred_at": "2027-01-02T00:00:00Z"}, order={"placed_at": "2026-12-28T00:00:00Z"}) == "Mon 4 Jan"
    assert told(order={"placed_at": "2026-12-28T00:00:00Z"}) == "Mon 4 Jan 2027"


@pytest.mark.parametrize("order, language, last", [
    ({"address": ["4 Lake Road", "IN"]}, "en", "India"),
    ({"address": ["4 Lake Road", "IN"], "country": "IN"}, "hi", "भारत"),
    ({"address": ["4 Lake Road", "BD"], "country": "BD"}, "bn-BD", "বাংলাদেশ"),
    ({"address": ["4 Lake Road", "CA"], "country": ""}, "en", "CA"),  # California, and no country
    ({"address": ["4 Lake Road", "CA"], "country": "US"}, "en", "CA"),
    ({"address": ["4 Lake Road", "ZZ"]}, "en", "ZZ"),
    ({"address": ["4 Lake Road", "QQ"]}, "en", "QQ"),
    ({"address": ["4 Lake Road", "India"]}, "hi", "India"),
])
def test_address_ends_with_the_name_of_its_country(order, language, last):
    assert localise.present({"order": order}, language)["order"] == {"address": ["4 Lake Road", last]}


def test_country_is_named_in_page_and_letter():
    rendered = rendering.render("order_placed", "hi", {"order": {"address": ["Asha Rao", "DE"], "country": "DE"}})
    assert "जर्मनी" in rendered.html and "जर्मनी" in rendered.text


@pytest.mark.django_db
@pytest.mark.parametrize("place, shown", [
    ({"region": "CA", "country": "US"}, ["Oakland, CA", "United States"]), ({"region": "CA"}, ["Oakland, CA"]),
])
def test_region_of_an_order_is_not_taken_for_its_country(fake_shop, place, shown):
    testing.tell("order_placed", testing.order(address=AddressSnapshot(city="Oakland", **place)))
    [mail] = testing.sent()
    lines = [line.strip() for line in mail.text.splitlines()]
    start = lines.index("Oakland, CA")
    assert [line for line in lines[start:start + 2] if line] == shown


def test_facts_are_not_changed():
    facts = {"order": {"total": "12.00", "currency": "EUR", "lines": [{"title": "Tea", "price": "3.00"}]}}
    assert localise.present(facts, "en")["order"]["total"] == "€12.00"
    assert facts == {"order": {"total": "12.00", "currency": "EUR", "lines": [{"title": "Tea", "price": "3.00"}]}}


def test_what_is_unknown_is_not_there():
    view = localise.present({"order": {"number": "", "total": "?", "lines": [], "address": "x"}, "parcel": {"of": "two"}}, "en")
    assert view["order"] == {} and view["parcel"] == {} and view["promise"] == {}


@pytest.mark.parametrize("junk", [
    None, 7, "text", [], [1], {"lines": "x"}, {"lines": [1, None, {"title": 3}]}, {"placed_at": [1], "earliest": {"a": 1}}, {"total": [1]},
])
def test_junk_where_facts_are_expected_is_left_out(junk):
    view = localise.present(dict.fromkeys(localise.GROUPS, junk), "en", "Nowhere/Else")
    assert all("lines" not in view[group] and "window" not in view[group] for group in ("order", "parcel"))


def test_a_long_order_is_cut_and_says_so():
    order = localise.present({"order": {"lines": [{"title": f"Cup {number}"} for number in range(25)], "more_lines": 3}}, "en")["order"]
    assert len(order["lines"]) == localise.MAX_LINES
    assert order["more_lines"] == 8


@pytest.mark.parametrize("language", ["en", "en-IN", "hi", "bn", "bn-BD", "de-CH", "fr", "pt-BR", "pl", "ar", "fa", "ja", "es", "ne", "my"])
@pytest.mark.parametrize("currency", ["INR", "EUR", "JPY", "KWD", "BDT", "CLF", "USD"])
def test_every_amount_is_written_as_babel_writes_it(language, currency):
    locale = localise.money_locale(currency, language)
    amounts = ["0", "0.005", "0.015", "1", "999.995", "1000", "12345.6", "99999.999", "100000", "1234567.891", "999999999.999", "1E+3",
               "1234567889.99", "1234567890", "98765432109.5", "1234567890123.5", "-1", "-12345.67", "-0.00"]
    for amount in amounts:
        expected = format_currency(Decimal(amount), currency, locale=locale)
        assert localise.money(amount, currency, language).replace("\u00a0", "") == expected.replace("\u00a0", "")
