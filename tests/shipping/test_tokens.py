"""What was quoted is what is promised, if it can be believed."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ecommerce_comms import testing
from ecommerce_comms.models import Promise
from ecommerce_comms.shipping import promises, tokens
from ecommerce_comms.shipping.estimators.base import Estimate, ShippingEstimator
from ecommerce_comms.shipping.options import quote
from ecommerce_comms.snapshots import AddressSnapshot
from tests.shipping.making import KOLKATA, local, order, service, warehouse

pytestmark = pytest.mark.django_db
ORDERED = local(KOLKATA, 2026, 3, 2, 10)
MARCH_5 = Estimate(
    earliest=date(2026, 3, 5), latest=date(2026, 3, 7), confidence=0.91, source="history", reason="From 412 deliveries: the lane is slow."
)
IN = AddressSnapshot(country="IN")


class Sure(ShippingEstimator):
    """Says what a learning estimator might."""

    def estimate(self, request):
        return MARCH_5


@pytest.fixture
def sure(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ESTIMATOR": f"{__name__}.Sure"}


def token(code="post", country="IN", told=MARCH_5, quoted_at=ORDERED):
    return tokens.make(code, country, told, quoted_at)


def promised(quote="", **fields):
    of = order(quote=quote, address=fields.pop("address", IN), **fields)
    return promises.at_order(of, of.as_snapshot)


def test_a_token_says_what_was_quoted():
    quoted = tokens.read(token())
    assert (quoted.code, quoted.country, quoted.estimate, quoted.quoted_at) == ("post", "IN", MARCH_5, ORDERED)


def test_the_window_of_the_checkout_is_the_promise_with_all_that_was_known_of_it(sure):
    warehouse(country="IN")
    service()
    shown, = quote(IN, at=ORDERED - timedelta(minutes=10))
    made = promised(shown.token, placed_at=ORDERED)
    assert (made.earliest, made.latest, made.confidence, made.source, made.reason) == (
        shown.earliest, shown.latest, 0.91, "history", "From 412 deliveries: the lane is slow.")
    assert (made.quoted_at, made.made_at) == (ORDERED - timedelta(minutes=10), ORDERED)


def test_the_token_counts_before_plain_dates_and_before_what_an_estimator_says_now():
    warehouse()
    service()
    made = promised(token(), promised_earliest=date(2026, 3, 3), promised_latest=date(2026, 3, 4))
    assert (made.earliest, made.source) == (date(2026, 3, 5), "history")


def test_an_option_without_a_date_has_no_token():
    service()
    assert quote(IN, at=ORDERED)[0].token == ""


@pytest.mark.parametrize(("bad", "why"), [
    (token()[:-3] + "AAA", "not one of ours"),
    ("nonsense", "not one of ours"),
    ("x" * 5000, "not one of ours"),
    (token("express"), "about express, and the customer chose post"),
    (token(country="BD"), "about BD, and the order goes to IN"),
    (token(quoted_at=ORDERED - timedelta(days=3)), "quoted at 2026-02-27"),
    (token(quoted_at=ORDERED + timedelta(hours=1)), "quoted at 2026-03-02"),
])
def test_a_token_that_cannot_be_believed_is_ignored_and_the_plain_dates_count(bad, why, caplog):
    with caplog.at_level(logging.WARNING, logger="ecommerce_comms"):
        made = promised(bad, promised_earliest=date(2026, 3, 3), promised_latest=date(2026, 3, 4))
    assert (made.earliest, made.latest, made.source, made.quoted_at) == (date(2026, 3, 3), date(2026, 3, 4), "shop", None)
    assert why in caplog.text


def test_without_plain_dates_the_estimator_counts_instead_of_a_forged_token():
    warehouse(country="IN")
    service()
    assert promised("forged").source == Promise.Source.RULE


def test_a_token_whose_window_has_passed_is_ignored():
    past = replace(MARCH_5, earliest=date(2026, 2, 27), latest=date(2026, 2, 28))
    assert promised(token(told=past)) is None


@pytest.mark.parametrize("says", [
    [], [2, "post", "IN", "2026-03-05", 2, 0.9, "history", "", 1772424000],
    [1, "post", "IN", "yesterday", 2, 0.9, "history", "", 1772424000],
    [1, "post", "IN", "2026-03-05", -2, 0.9, "history", "", 1772424000], [1, "post", "IN", "2026-03-05", 2, 0.9, "gossip", "", 1772424000],
    [1, "post", "IN", "2026-03-05", 10**9, 0.9, "rule", "", 1772424000], {"code": "post"}, "text", 7,
])
def test_a_signed_token_of_another_form_is_not_read(says):
    assert tokens.read(tokens._signer().sign_object(says)) is None


def test_a_key_that_was_replaced_still_reads_its_tokens(settings):
    before = token()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert tokens.read(before).code == "post"
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read(before) is None


def test_a_token_may_come_with_the_event(fake_shop, clock):
    placed = testing.order("7", address=IN, shipping_option="post")
    testing.tell("order_placed", placed, data={"quote": token(quoted_at=clock())})
    made = Promise.objects.get()
    assert (made.source, made.latest) == ("history", date(2026, 3, 7))
