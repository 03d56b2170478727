"""Curves through a plane."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ecommerce_comms.charts import Words
from ecommerce_comms.charts.curves import Curve, Point, curves

WORDS = Words(title="Length <against> lateness", x="days", y="late")
ENGINE = Curve("engine", [Point(12, 0.3, "80 %"), Point(18, 0.12), Point(25, 0.04)])


def drawn(*data: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(curves(data, WORDS))


def found(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in picture.iter() if each.tag.endswith(f"}}{name}")]


def test_each_curve_is_a_line_with_its_dots_and_its_name() -> None:
    picture = drawn(ENGINE, Curve("lane table", [Point(13, 0.4), Point(20, 0.2)]))
    assert len(found(picture, "path")) == 2 and len(found(picture, "circle")) == 5
    assert {"engine", "lane table"} <= {each.text for each in found(picture, "text")}


def test_single_point_stands_alone_and_larger() -> None:
    picture = drawn(Curve("shop", [Point(23.5, 0.08)]))
    [dot] = found(picture, "circle")
    assert found(picture, "path") == [] and dot.get("r") == "6"


def test_further_right_is_longer_and_further_up_is_later() -> None:
    first, *_, last = found(drawn(ENGINE), "circle")
    assert float(first.get("cx")) < float(last.get("cx")) and float(first.get("cy")) < float(last.get("cy"))


def test_words_are_written_as_they_are_and_nothing_needs_a_lax_policy() -> None:
    picture = curves([ENGINE, Curve("<script>", [Point(1, 0)])], WORDS)
    assert "<script>" not in picture and "<title>Length &lt;against&gt; lateness</title>" in picture
    assert re.findall(r"style=|<style|\son\w+=", picture) == []


def test_nothing_says_so() -> None:
    assert "Nothing to show yet." in curves([], WORDS) and "Nothing to show yet." in curves([Curve("engine", [])], WORDS)


@pytest.mark.parametrize("point", [Point(1, 1.2), Point(1, -0.1), Point(float("nan"), 0.5), Point(float("inf"), 0.5)])
def test_bad_numbers_are_refused(point: Point) -> None:
    with pytest.raises(ValueError):
        curves([Curve("engine", [point])], WORDS)
