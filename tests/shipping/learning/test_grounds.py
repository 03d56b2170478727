"""Why a date is what it is, in a sentence."""

from __future__ import annotations

import pytest

from ecommerce_comms.shipping.engine import Ground
from ecommerce_comms.shipping.learning.grounds import in_words
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from tests.shipping.making import LONDON, local, request

BAHIA = AddressSnapshot(region="Bahia", country="BR")
ASKED = request(local(LONDON, 2026, 3, 2, 10), lines=(LineSnapshot(origin="S7"),), destination=BAHIA)


def words(*grounds, parcels=4000):
    return in_words([Ground(kind, "x", factor, known) for kind, factor, known in grounds], ASKED, parcels)


def test_the_strongest_reasons_are_told_first_and_from_how_many_deliveries():
    told = words(("origin", 1.3, 412), ("lane", 0.6, 530), ("network", 0.8, 4000))
    assert told.split("; ") == [
        "The lane to Bahia is slow", "S7 ships faster than average", "the carrier runs at 0.8× its usual speed this week",
        "from 412 deliveries.",
    ]


def test_what_hardly_matters_is_not_told():
    assert words(("origin", 1.05, 412), ("lane", 0.95, 12)) == "From 4,000 deliveries."


def test_no_more_than_three_reasons_are_told():
    many = [(kind, 2.0, 50) for kind in ("origin", "lane", "carrier", "weight", "hour", "weekday")]
    assert words(*many).count(";") == 3


@pytest.mark.parametrize("ground", [("moon", 2.0, 9), ("lane", 0.0, 9)])
def test_ground_of_which_nothing_can_be_said_is_left_out(ground):
    assert words(ground, parcels=1) == "From 1 delivery."
