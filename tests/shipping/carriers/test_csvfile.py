"""Scans from a file: what is wrong is said by line, the rest is taken, and nothing is taken twice."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from ecommerce_comms import testing
from ecommerce_comms.shipping.carriers import csvfile
from ecommerce_comms.shipping.models import Scan
from ecommerce_comms.zones import zone
from tests.shipping.carriers.story import mails, shipped, tracking

pytestmark = pytest.mark.django_db
KOLKATA = zone("Asia/Kolkata")
GOOD = """tracking_number,status,occurred_at,place
RR123456785IN,in_transit,2026-03-02 08:00,Pune
RR123456785IN,out_for_delivery,2026-03-02 09:30,Kolkata
"""


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    return clock


def read(text):
    return list(csvfile.lines(text, KOLKATA))


def track(tmp_path, text, *options):
    path = tmp_path / "scans.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("comms_track", str(path), *options, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


def test_file_is_taken_once(tmp_path, clock):
    shipped()
    assert track(tmp_path, GOOD) == ("2 scans read, 2 new, 0 known, 0 about numbers that no parcel has.\n", "")
    testing.settle()
    assert (tracking().status, tracking().place, mails()) == ("out_for_delivery", "Kolkata", ["order_out_for_delivery"])
    assert track(tmp_path, GOOD)[0].startswith("2 scans read, 0 new, 2 known")


@pytest.mark.parametrize("text", [
    GOOD.replace(",", ";"), GOOD.replace(",", "\t"), "\ufeff" + GOOD, GOOD.replace("tracking_number", '"AWB Number"'), GOOD + "\n\n  \n",
    GOOD.replace("occurred_at", "Date"), GOOD.replace("\n", "\r\n"), GOOD.replace("place", "Location"),
])
def test_file_is_read_however_it_was_saved(text):
    lines = read(text)
    assert [line.sighting.status for line in lines] == ["in_transit", "out_for_delivery"]
    assert {line.sighting.place for line in lines} == {"Pune", "Kolkata"}


def test_utf_16_of_a_spreadsheet_is_read(tmp_path):
    assert "2 new" in track(tmp_path, GOOD.encode("utf-16"))[0]


@pytest.mark.parametrize(("line", "says"), [
    (",in_transit,2026-03-02,x", "no tracking number"), ("RR1,,2026-03-02,x", "no status"), ("RR1,in_transit,31/02/26,x", "“31/02/26”"),
    ("RR1,in_transit", "cannot be read"), ("RR1,in_transit,yesterday", "“yesterday” cannot be read; write it as 2026-03-02 14:30"),
])
def test_error_is_told_by_its_line(tmp_path, line, says):
    out, err = track(tmp_path, GOOD + line + "\n")
    assert "2 new" in out
    assert "Line 4: " in err
    assert says in err
    assert "1 lines could not be taken" in err
    assert Scan.objects.count() == 2


def test_day_that_is_none_is_told():
    [line] = read("number,status,time,eta\nRR1,in_transit,2026-03-02 10:00,soon\n")
    assert "“soon” cannot be read" in line.error


@pytest.mark.parametrize(("text", "says"), [
    ("", "no tracking_number, status, occurred_at"), ("a,b,c\n1,2,3\n", "no tracking_number"), (b"\xff\xfe\xfax", "UTF-8"),
    (b"tracking_number,status,occurred_at\nRR1,\xe9,2026\n", "UTF-8"),
])
def test_file_that_is_none_is_refused_in_words(tmp_path, text, says):
    assert says in track(tmp_path, text)[1] or "first line has to name" in track(tmp_path, text)[1]
    assert not Scan.objects.exists()


def test_missing_file_is_told(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("comms_track", str(tmp_path / "nowhere.csv"))


def test_nothing_is_taken_when_only_asked_what_is_wrong(tmp_path):
    assert track(tmp_path, GOOD, "--dry-run")[0].startswith("2 scans read, 0 new")
    assert not Scan.objects.exists()


def test_zone_of_the_times_can_be_given(tmp_path, clock):
    track(tmp_path, GOOD, "--zone", "UTC")
    assert Scan.objects.order_by("occurred_at").first().occurred_at == clock()  # 08:00 UTC is yet to come
    assert "no time zone 'Mars/Base'" in track(tmp_path, GOOD, "--zone", "Mars/Base")[1]


@pytest.mark.parametrize("text", [GOOD + "RR1,\x00,2026-03-02", GOOD + 'RR1,"' + "x" * 200_000 + '",2026-03-02', GOOD + '"' * 999])
def test_nonsense_in_a_line_never_fails(text):
    assert len(read(text)) >= 2
