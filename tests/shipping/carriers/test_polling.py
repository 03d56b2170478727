"""Carriers that call nobody are asked: in batches, in turn, with a pause after each failure and an end to every wait."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from ecommerce_comms import plugins, sweeping, testing
from ecommerce_comms.checks.carriers import check_carriers
from ecommerce_comms.shipping.carriers import polling
from ecommerce_comms.shipping.models import PollTurn, Scan
from tests.shipping.carriers.story import BOX, mails, say, shipped, sighting, tracking

pytestmark = pytest.mark.django_db


class Post(polling.CarrierPoller):
    """A carrier that remembers what it was asked."""

    carriers = frozenset({"India Post"})
    at_once = 2
    every = timedelta(hours=2)
    seconds = 5.0
    asked: list[list[str]]
    answer = None

    def __init__(self):
        self.asked = []

    def ask(self, parcels, seconds):
        self.asked.append([parcel.tracking_number for parcel in parcels])
        return self.answer(parcels) if self.answer else []


@pytest.fixture
def post(fake_shop, clock, settings, monkeypatch):
    poller = Post()
    monkeypatch.setattr("tests.shipping.carriers.story.POST", poller, raising=False)
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_POLLERS": {"post": "tests.shipping.carriers.story.POST"}}
    plugins.forget()
    return poller


def ship(number, **parcel):
    shipped(number, parcel={**BOX, "tracking_number": f"N{number}", **parcel})


def test_answer_is_taken_like_any_other_news(post, clock):
    ship("1001")
    clock.advance(hours=1)
    post.answer = lambda parcels: [sighting("out_for_delivery", tracking_number=parcel.tracking_number) for parcel in parcels]
    assert sweeping.sweep().polled == 1
    testing.settle()
    assert (tracking(order="1001").status, mails()) == ("out_for_delivery", ["order_out_for_delivery"])
    assert Scan.objects.get().source == "post"


def test_every_parcel_is_asked_about_once_in_a_round(post, clock):
    for number in range(5):
        ship(f"100{number}")
    for _sweep in range(6):
        polling.poll_due()
    assert post.asked == [["N1000", "N1001"], ["N1002", "N1003"], ["N1004"]]
    clock.advance(hours=2)
    polling.poll_due()
    assert post.asked[3:] == [["N1000", "N1001"]]


def test_nobody_asks_about_what_is_at_rest_or_anothers(post, clock):
    ship("1001")
    say("delivered", manual=clock, tracking_number="N1001")
    ship("1002", carrier="DHL")
    ship("1003", tracking_number="")
    ship("1004")
    testing.tell("order_cancelled", testing.order("1004"))
    ship("1005")
    say("returned", manual=clock, tracking_number="N1005")
    ship("1006", carrier="india_post")
    polling.poll_due()
    assert post.asked == [["N1006"]]


def test_nobody_asks_for_ever(post, clock):
    ship("1001")
    clock.advance(days=91)
    polling.poll_due()
    assert post.asked == []


def test_carrier_that_fails_is_left_alone_for_longer_each_time(post, clock):
    ship("1001")
    post.answer = lambda parcels: 1 / 0
    waits = []
    for _time in range(12):
        polling.poll_due()
        turn = PollTurn.objects.get()
        waits.append(turn.next_at - clock())
        clock.set(turn.next_at)
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16)]
    assert waits[-1] == timedelta(hours=6)
    assert (turn.failures, "ZeroDivisionError" in turn.error) == (12, True)
    post.answer = None
    polling.poll_due()
    assert PollTurn.objects.get().failures == 0


def test_carrier_that_says_nothing_is_not_waited_for(post, clock):
    ship("1001")
    post.seconds = 0.05
    hung = threading.Event()
    post.answer = lambda parcels: hung.wait(5) and []
    polling.poll_due()
    hung.set()
    assert "no answer within" in PollTurn.objects.get().error


def test_of_two_that_sweep_at_once_one_asks(post, clock):
    ship("1001")
    PollTurn.objects.create(name="post", next_at=clock() + timedelta(minutes=1))
    polling.poll_due()
    assert post.asked == []


def test_poller_that_is_none_is_told_by_the_check(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CARRIER_POLLERS": {"x": "no.such.Poller"}}
    [message] = check_carriers()
    assert message.id == "ecommerce_comms.E023"
