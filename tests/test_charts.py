"""Pictures that work under the strictest policy, whatever is put into them."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_comms import charts
from ecommerce_comms.charts import Bar, Column, Dot, Line, Spot, Told, Words
from ecommerce_comms.charts.axes import day_axis, number_axis, percent, share_axis, short

SVG = "{http://www.w3.org/2000/svg}"
NASTY = """</text><script>alert(1)</script>" onload="x" 'y' & \x00 \ud800 ]]>"""
ELEMENTS = {"svg", "title", "desc", "g", "text", "line", "path", "rect", "circle"}
MONTHS = [date(2025, month, 1) for month in range(1, 13)]


def every_kind(said: str) -> dict[str, str]:
    """One picture of each kind in which every text is ``said``."""
    words = Words(title=said, about=said, x=said, y=said, empty=said)
    spots = [Spot(day, 0.9, 0.85, 0.93, said) for day in MONTHS]
    return {
        "lines": charts.lines([Line(said, spots), Line(said, spots)], words, is_share=True, goal=0.9, name_day=lambda day: said),
        "bars": charts.bars([Bar(said, 9, 10, said), Bar(said, 0, 0)], words, goal=0.95),
        "calibration": charts.calibration([Told(0.9, 85, 100, said)], words, level=0.9),
        "scatter": charts.scatter([Dot(0.2, 0.9, said, True, said), Dot(0.3, 0.8, said)], words, y_share=True, joined=True),
        "histogram": charts.histogram([Column(said, 3, "good", said), Column(said, 5, "bad", said)], words),
        "nothing": charts.lines([], words),
    }


def texts(picture: str) -> list[str]:
    """What is written in a picture."""
    return [str(element.text) for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def marks(picture: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(f"{SVG}{name}"))


WORDS = Words(title="Promises kept")


# ---- every picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, picture", every_kind(NASTY).items())
def test_text_cannot_break_out_of_its_place(kind, picture):
    root = ElementTree.fromstring(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or name in ("style", "href")]
    assert picture.encode()


@pytest.mark.parametrize("kind, picture", every_kind("plain").items())
def test_nothing_asks_for_an_exception_from_the_policy(kind, picture):
    assert not re.search(r"<style|<script|\sstyle=|javascript:|@import|url\(|https?://(?!www\.w3\.org/2000/svg)", picture)


@pytest.mark.parametrize("kind, picture", every_kind("plain").items())
def test_who_cannot_see_is_told_what_the_picture_shows(kind, picture):
    root = ElementTree.fromstring(picture)
    assert (root.get("role"), root.get("aria-label")) == ("img", "plain. plain")
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]


@pytest.mark.parametrize("kind", every_kind(""))
def test_same_data_make_the_same_picture(kind):
    assert every_kind("one")[kind] == every_kind("one")[kind]


@pytest.mark.parametrize("kind, picture", every_kind("plain").items())
def test_texts_are_readable_on_a_phone_of_320_pixels(kind, picture):
    root = ElementTree.fromstring(picture)
    shrunk = 320 / float(root.get("viewBox").split()[2])
    assert float(root.get("font-size")) * shrunk >= 10
    assert all(element.get("font-size") is None for element in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("kind, picture", every_kind("plain").items())
def test_texts_take_the_colour_of_the_page(kind, picture):
    assert {element.get("fill") for element in marks(picture, "text")} == {"currentColor"}


@given(st.text())
def test_any_text_makes_a_picture(said):
    for picture in every_kind(said).values():
        ElementTree.fromstring(picture)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), min_size=1, max_size=40))
def test_any_numbers_stay_inside_the_picture(values):
    line = Line("a", [Spot(date(2026, 1, 1) + timedelta(days=number), value) for number, value in enumerate(values)])
    for mark in marks(charts.lines([line], WORDS), "circle"):
        assert 0 <= float(mark.get("cx")) <= 360 and 0 <= float(mark.get("cy")) <= 220


@pytest.mark.parametrize("made", [
    lambda: charts.lines([], WORDS), lambda: charts.lines([Line("a", [])], WORDS),
    lambda: charts.lines([Line("a", [Spot(MONTHS[0], None)])], WORDS),
    lambda: charts.bars([], WORDS), lambda: charts.calibration([], WORDS), lambda: charts.calibration([Told(0.9, 0, 0)], WORDS),
    lambda: charts.scatter([], WORDS), lambda: charts.histogram([], WORDS), lambda: charts.histogram([Column("0", 0)], WORDS),
])
def test_without_data_the_picture_says_so(made):
    assert texts(made()) == ["Nothing to show yet."]


@pytest.mark.parametrize("made, said", [
    (lambda: charts.lines([Line("a", [Spot(MONTHS[0], math.nan)])], WORDS), "value of 2025-01-01 must be a finite number"),
    (lambda: charts.lines([Line("a", [Spot(MONTHS[0], 1.2)])], WORDS, is_share=True), "must lie between 0 and 1, got 1.2"),
    (lambda: charts.lines([Line("a", [Spot(MONTHS[0], 1, 2, 0)])], WORDS), "a lower and a higher one"),
    (lambda: charts.lines([Line("a", [Spot(MONTHS[0], 1, 0, None)])], WORDS), "a lower and a higher one"),
    (lambda: charts.lines([Line("a", [Spot("January", 1)])], WORDS), "needs days, got 'January'"),
    (lambda: charts.bars([Bar("a", 3, 2)], WORDS), "got 3 of 2"),
    (lambda: charts.bars([], WORDS, goal=90), "The goal must lie between 0 and 1"),
    (lambda: charts.calibration([Told(90, 1, 2)], WORDS), "A confidence must lie between 0 and 1, got 90"),
    (lambda: charts.calibration([Told(0.9, 3, 2)], WORDS), "got 3 of 2"),
    (lambda: charts.scatter([Dot(math.inf, 1, "early")], WORDS), "x of early must be a finite number"),
    (lambda: charts.scatter([Dot("many", 1)], WORDS), "x of a point must be a number, got 'many'"),
    (lambda: charts.histogram([Column("3", -1)], WORDS), "count of 3 must not be below 0"),
    (lambda: charts.histogram([Column("3", 1, "red")], WORDS), "has the tone 'red'; choose one of"),
])
def test_bad_data_are_refused_in_words(made, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        made()


def test_style_sheet_names_every_class_of_the_pictures():
    classes = {name for picture in every_kind("plain").values() for element in ElementTree.fromstring(picture).iter()
               for name in element.get("class", "").split() if re.search(r"-(\d|good|bad)$", name)}
    assert all(f".{name}" in charts.stylesheet() for name in classes)


# ---- what each kind tells -----------------------------------------------------------------------------------------------


def test_line_has_a_gap_where_nothing_is_known():
    spots = [Spot(day, None if day.month == 6 else 1.0) for day in MONTHS]
    assert len(marks(charts.lines([Line("a", spots)], WORDS), "path")) == 2


def test_line_goes_by_the_days_whatever_their_order():
    spots = [Spot(day, day.month) for day in MONTHS]
    assert charts.lines([Line("a", spots[::-1])], WORDS) == charts.lines([Line("a", spots)], WORDS)


def test_bar_that_misses_the_goal_for_certain_is_told_as_bad():
    picture = charts.bars([Bar("sure", 70, 100), Bar("by chance", 7, 9)], WORDS, goal=0.9)
    assert ["comms-chart-bad" in bar.get("class") for bar in marks(picture, "rect")] == [True, False]


def test_bar_tells_share_and_number():
    assert "66.7 % · 3" in texts(charts.bars([Bar("a", 2, 3)], WORDS))


def test_long_name_is_cut_and_told_in_full_when_pointed_at():
    name = "Speed post international parcel service with a long name"
    picture = charts.bars([Bar(name, 1, 2)], WORDS)
    assert any(said.endswith("…") for said in texts(picture))
    assert name in marks(picture, "title")[1].text


def test_promises_that_were_kept_less_often_than_told_are_bad():
    picture = charts.calibration([Told(0.9, 80, 100), Told(0.9, 88, 100), Told(0.9, 99, 100)], WORDS)
    assert ["comms-chart-bad" in point.get("class") for point in marks(picture, "circle")] == [True, False, False]


def test_names_of_points_do_not_cover_each_other():
    picture = charts.scatter([Dot(0.5, 0.5, "first policy"), Dot(0.501, 0.5, "second policy"), Dot(0.9, 0.9, "far")], WORDS)
    first, second = (text for text in marks(picture, "text") if "policy" in text.text)
    assert abs(float(first.get("y")) - float(second.get("y"))) > 10 or abs(float(first.get("x")) - float(second.get("x"))) > 60


def test_columns_stand_as_high_as_their_counts():
    heights = [float(column.get("height")) for column in marks(charts.histogram([Column("0", 50), Column("1", 100)], WORDS), "rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.02)


# ---- axes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values, ticks", [
    ([0, 97], ["0", "25", "50", "75", "100"]),
    ([3, 3], ["2.0", "2.5", "3.0", "3.5", "4.0"]),
    ([-2, 9], ["-5", "0", "5", "10"]),
    ([0, 0.004], ["0.000", "0.001", "0.002", "0.003", "0.004"]),
    ([0, 1_200_000], ["0", "500k", "1M", "1.5M"]),
])
def test_ticks_are_round_numbers(values, ticks):
    assert [name for _, name in number_axis(values).ticks] == ticks


def test_shares_begin_where_something_is_to_be_seen():
    assert [name for _, name in share_axis([0.93, 0.97], floor=0.9).ticks] == ["90 %", "95 %", "100 %"]
    assert share_axis([0.05]).low == 0


def test_two_years_are_told_by_months_and_two_weeks_by_days():
    assert [name for _, name in day_axis([date(2024, 1, 1), date(2025, 12, 31)]).ticks] == ["2024-01", "2024-07", "2025-01", "2025-07"]
    assert [name for _, name in day_axis([date(2026, 2, 20), date(2026, 3, 5)]).ticks] == ["02-20", "02-27"]


@pytest.mark.parametrize("value, said", [(0.9, "90 %"), (0.8765, "87.6 %"), (1, "100 %"), (0, "0 %")])
def test_shares_are_told_in_percent(value, said):
    assert percent(value) == said


@pytest.mark.parametrize("value, said", [(9999, "9999"), (12_345, "12.35k"), (2e6, "2M"), (-0.001, "0")])
def test_large_numbers_are_told_in_short(value, said):
    assert short(value) == said


# ---- bounds -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hits, of, low, high", [
    # From R: prop.test(hits, of, correct = FALSE)$conf.int
    (9, 10, 0.5958, 0.9821), (90, 100, 0.8256, 0.9448), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055),
])
def test_bounds_are_those_of_wilson(hits, of, low, high):
    assert charts.wilson(hits, of) == pytest.approx((low, high), abs=0.0001)


def test_nothing_known_is_anything_possible():
    assert charts.wilson(0, 0) == (0, 1)


@pytest.mark.parametrize("hits, of", [(3, 2), (-1, 2), (0, -1)])
def test_more_hits_than_cases_are_refused(hits, of):
    with pytest.raises(ValueError, match="between 0 and all of its cases"):
        charts.wilson(hits, of)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_bounds_surround_the_share(one, other):
    hits, of = min(one, other), max(one, other, 1)
    low, high = charts.wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
