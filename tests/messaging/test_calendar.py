"""The window as a file for calendars: valid, the same on every try, replaced by a later one and taken back with the order."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime, timedelta, timezone

import pytest

from ecommerce_comms.messaging.editing.linting import SAMPLE
from ecommerce_comms.messaging.speaking.calendar import attachments, escape, fold
from ecommerce_comms.messaging.speaking.rendering import parts_of

NOW = datetime(2026, 12, 1, 10, tzinfo=timezone.utc)


def facts(**groups):
    """The sample facts, some groups of them changed."""
    given = deepcopy(SAMPLE)
    for group, changes in groups.items():
        given[group].update(changes)
    return given


def file(kind="order_placed", language="en", at=NOW, **changes):
    """The file that goes with the mail."""
    made = attachments(parts_of(kind, language, facts(**changes), "UTC", made_at=at))
    return made[0] if made else None


def event(*args, **kwargs):
    """What a calendar reads from it: properties by name, with their parameters cut off."""
    text = file(*args, **kwargs).content.decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    lines = re.sub(r"\r\n[ \t]", "", text).strip().split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    return {line.partition(":")[0].partition(";")[0]: line.partition(":")[2] for line in lines}


def test_whole_days_from_the_first_to_the_last():
    found = event()
    assert (found["DTSTART"], found["DTEND"]) == ("20261203", "20261206")  # the end is not included
    assert b"DTSTART;VALUE=DATE:20261203\r\n" in file().content
    assert found["METHOD"] == "PUBLISH" and found["TRANSP"] == "TRANSPARENT" and found["STATUS"] == "CONFIRMED"
    assert found["SUMMARY"] == "Delivery from Lotus House" and found["URL"] == "https://shop.example/orders/1001"
    assert file().name == "delivery.ics" and file().content_type == "text/calendar; charset=utf-8; method=PUBLISH"


@pytest.mark.parametrize("name", ["UID", "DTSTAMP", "SEQUENCE", "DTSTART", "SUMMARY", "ORGANIZER", "VERSION", "PRODID"])
def test_it_has_what_rfc_5546_requires_of_a_published_event(name):
    assert event()[name]


def test_a_second_try_carries_the_same_file():
    assert file().content == file().content
    assert event()["DTSTAMP"] == "20261201T100000Z"


def test_a_new_window_replaces_the_old():
    placed = event("order_placed")
    shipped = event("order_shipped", at=NOW + timedelta(hours=5))
    late = event("order_delayed", at=NOW + timedelta(days=1))
    assert placed["UID"] == shipped["UID"] == late["UID"]
    assert int(placed["SEQUENCE"]) < int(shipped["SEQUENCE"]) < int(late["SEQUENCE"]) < 2**31


def test_second_parcel_has_a_day_of_its_own():
    second = event("order_shipped", parcel={"number": 2, "reference": "2"})["UID"]
    assert second != event("order_shipped")["UID"] == event("order_placed")["UID"]
    assert second == event("order_delayed", parcel={"number": 2, "reference": "2"})["UID"]


def test_other_orders_have_other_events():
    assert event(order={"number": "1002"})["UID"] != event()["UID"] != event(shop={"name": "Other"})["UID"]


def test_cancelled_order_takes_the_event_back():
    found = event("order_cancelled", at=NOW + timedelta(days=1))
    assert (found["METHOD"], found["STATUS"], found["UID"]) == ("CANCEL", "CANCELLED", event()["UID"])
    assert "method=CANCEL" in file("order_cancelled").content_type


def test_without_a_window_nothing_is_taken_back():
    assert attachments(parts_of("order_cancelled", "en", {**facts(), "promise": {}}, "UTC", made_at=NOW)) == ()


@pytest.mark.parametrize("changes", [
    {"at": NOW + timedelta(days=9)}, {"promise": {"earliest": "x", "latest": "y"}}, {"order": {"number": ""}}, {"at": None},
    {"kind": "order_paid"}, {"kind": "order_delivered"},
])
def test_no_file_for_a_window_that_has_passed_or_is_unknown(changes):
    assert file(**changes) is None


def test_last_day_of_a_window_is_still_to_come():
    assert file(at=datetime(2026, 12, 5, 23, tzinfo=timezone.utc))


@pytest.mark.parametrize("language", ["en", "hi", "bn"])
def test_lines_are_short_and_letters_whole(language):
    content = file("order_shipped", language, shop={"name": "দোকান 🌸 " * 20}, order={"url": "https://shop.example/" + "x" * 500}).content
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert content.decode() and "\ufffd" not in content.decode()


def test_text_is_escaped_so_that_it_cannot_be_a_line_of_its_own():
    assert escape("a,b;c\\d\nBEGIN:VALARM") == "a\\,b\\;c\\\\d\\nBEGIN:VALARM"
    text = file(shop={"name": 'A"\r\nATTACH:x;y,z', "email": "a@b.example\r\nATTACH:x"}, parcel={"carrier": "C\nX:1"}).content.decode()
    assert not re.search(r"^(ATTACH|X):", text, re.MULTILINE)


@pytest.mark.parametrize("line", ["", "a" * 75, "a" * 76, "é" * 200, "🌸" * 50, "a" * 74 + "🌸"])
def test_folding_can_be_undone(line):
    folded = list(fold(line))
    assert folded[0] + "".join(part[1:] for part in folded[1:]) == line
    assert all(len(part.encode()) <= 75 for part in folded) and all(part[0] == " " for part in folded[1:])


def test_end_of_the_calendar_is_no_end_of_the_mail():
    assert event(promise={"earliest": "9999-12-31", "latest": "9999-12-31"})["DTEND"] == "99991231"


@pytest.mark.parametrize("language, note", [
    ("en", "This date may still change."), ("hi", "यह तारीख बदल सकती है।"), ("bn", "এই তারিখ বদলাতে পারে।"),
])
def test_who_did_not_order_is_not_sent_to_the_orders_page(language, note):
    found = event("order_shipped.others", language)
    assert "URL" not in found and found["DESCRIPTION"].endswith(rf"\n{note}")
