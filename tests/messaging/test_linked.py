"""What programs read in a mail: valid data, with what Google asks for, and nothing a stranger could break out of."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import replace

import pytest

from ecommerce_comms.messaging.editing.linting import SAMPLE
from ecommerce_comms.messaging.speaking.layout.shapes import SHAPES, shape_of
from ecommerce_comms.messaging.speaking.linked import LARGEST, linked
from ecommerce_comms.messaging.speaking.rendering import parts_of, render

POSTAL = {"name": "Asha Rao", "street": "12 Lake Road", "postcode": "700001", "city": "Kolkata", "region": "West Bengal", "country": "IN"}
HOSTILE = "</script><script>alert(1)</script><!--\u2028\"\\ & {{ x }}"


def facts(**groups):
    """The sample facts with a postal address, some groups of them changed."""
    given = deepcopy(SAMPLE)
    given["order"]["postal"] = POSTAL
    for group, changes in groups.items():
        given[group].update(changes)
    return given


def script(kind, language="en", **changes):
    """The script in the mail's head."""
    parts = parts_of(kind, language, facts(**changes), "UTC")
    return linked(replace(parts, shape=shape_of(kind)))


def data(kind, language="en", **changes):
    """What a program reads from it."""
    return json.loads(re.fullmatch(r'<script type="application/ld\+json">(.*)</script>\n', script(kind, language, **changes), re.DOTALL)[1])


# https://developers.google.com/workspace/gmail/markup/reference/types/Order and …/ParcelDelivery: what is required.
ORDER = ["orderNumber", "merchant.name", "price", "priceCurrency", "acceptedOffer.itemOffered.name", "acceptedOffer.price",
         "acceptedOffer.priceCurrency", "acceptedOffer.eligibleQuantity.value"]
PARCEL = ["carrier.name", "deliveryAddress.streetAddress", "deliveryAddress.addressLocality", "deliveryAddress.addressRegion",
          "deliveryAddress.addressCountry", "deliveryAddress.postalCode", "expectedArrivalUntil", "itemShipped.name",
          "partOfOrder.orderNumber", "partOfOrder.merchant.name"]


def reached(found, path):
    """The value at ``path``, in the first of several."""
    for name in path.split("."):
        found = (found[0] if isinstance(found, list) else found)[name]
    return found


@pytest.mark.parametrize("kind", ["order_placed", "order_paid", "order_changed", "order_cancelled", "order_refunded"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_order_has_all_that_google_requires(kind, language):
    order = data(kind, language)
    assert order["@type"] == "Order" and order["@context"] == "https://schema.org"
    assert all(reached(order, path) for path in ORDER)


@pytest.mark.parametrize("kind", ["order_shipped", "order_delayed", "order_back_on_track"])
@pytest.mark.parametrize("language", ["en", "bn"])
def test_parcel_has_all_that_google_requires(kind, language):
    parcel = data(kind, language)
    assert parcel["@type"] == "ParcelDelivery" and all(reached(parcel, path) for path in PARCEL)
    assert (parcel["trackingNumber"], parcel["trackingUrl"]) == ("BD123", "https://track.example/BD123")


def test_amounts_and_dates_are_raw_in_every_language():
    order = data("order_placed", "hi")
    assert (order["price"], order["priceCurrency"], order["acceptedOffer"][0]["price"]) == ("1499.00", "INR", "1450.00")
    assert order["orderDelivery"]["expectedArrivalFrom"] == "2026-12-03" and order["orderDelivery"]["expectedArrivalUntil"] == "2026-12-05"
    assert order["orderDate"] == "2026-12-01T10:00:00+00:00"


@pytest.mark.parametrize("kind, status", [
    ("order_placed", "OrderProcessing"), ("order_cancelled", "OrderCancelled"), ("order_shipped", "OrderInTransit"),
    ("order_delivered", "OrderDelivered"), ("order_ready_for_pickup", "OrderPickupAvailable"), ("delivery_failed", "OrderProblem"),
])
def test_state_is_one_of_schema_org(kind, status):
    found = data(kind)
    assert found.get("partOfOrder", found)["orderStatus"] == f"https://schema.org/{status}"


@pytest.mark.parametrize("kind", ["payment_failed", "review_request", "return_requested", "order_processed"])
def test_other_kinds_have_none(kind):
    assert script(kind) == ""


@pytest.mark.parametrize("kind", [kind for kind, shape in SHAPES.items() if shape.linked])
def test_people_other_than_the_customer_hear_no_price(kind):
    text = script(f"{kind}.others")
    assert text and "price" not in text.lower() and "1499" not in text and "1450" not in text


@pytest.mark.parametrize("kind", ["order_placed", "order_shipped"])
def test_no_text_of_a_stranger_ends_the_script(kind):
    text = script(kind, order={"number": HOSTILE, "lines": [{"title": HOSTILE}], "postal": {"name": HOSTILE, "street": HOSTILE}},
                  shop={"name": HOSTILE}, parcel={"carrier": HOSTILE, "tracking_number": HOSTILE})
    inside = text.removeprefix('<script type="application/ld+json">').removesuffix("</script>\n")
    assert not set("<>&\u2028\u2029") & set(inside) and inside.isascii()
    assert "alert(1)" in json.dumps(json.loads(inside))


@pytest.mark.parametrize("kind", ["order_placed", "order_shipped"])
def test_it_stands_in_the_head_of_the_mail(kind):
    html = render(kind, "en", facts()).html
    assert html.partition("</head>")[0].count('<script type="application/ld+json">') == 1


def test_it_never_takes_the_room_of_the_mail():
    lines = [{"title": "👩‍👩‍👧‍👦" * 40, "url": "https://x.example/" + "y" * 700, "price": "1"}] * 20
    text = script("order_placed", order={"lines": lines, "url": "https://x.example/" + "y" * 1_900})
    assert len(text) < LARGEST + 100 and json.loads(text[text.index("{"):text.rindex("}") + 1])["orderNumber"] == "1001"
    assert max(map(len, text.split("\n"))) < 998


@pytest.mark.parametrize("order", [
    {"lines": None}, {"lines": [None, {"title": 1}, {"title": "Cup", "quantity": "x", "price": {}}]}, {"postal": "x"}, {"total": "NaN"},
    {"currency": None}, {"placed_at": {"a": 1}}, {"url": "javascript:x"},
])
def test_odd_facts_are_left_out(order):
    found = data("order_placed", order=order)
    assert found["orderNumber"] == "1001" and "javascript" not in json.dumps(found)


def test_without_number_or_shop_there_is_none():
    assert script("order_placed", order={"number": ""}) == "" == script("order_placed", shop={"name": ""})
