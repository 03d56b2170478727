"""Zones by names that come from anywhere."""

from __future__ import annotations

import pytest

from ecommerce_comms.zones import is_zone, zone


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "America", "\0", "\ud800", "x" * 5000])
def test_a_name_of_no_zone_is_the_shops_zone(name):
    assert zone(name).key == "Asia/Kolkata"
    assert not is_zone(name)


@pytest.mark.parametrize("name", ["Europe/London", "EST5EDT", "UTC"])
def test_a_zone_is_itself(name):
    assert zone(name).key == name
    assert is_zone(name)


def test_a_shop_with_an_unknown_zone_of_its_own_lives_in_utc(settings):
    settings.ECOMMERCE_COMMS = {"TIME_ZONE": "Mars/Base"}
    assert zone("").key == "UTC"
