"""``comms:api-shipping-options``: what is asked and answered, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from importlib.util import find_spec

import pytest
from django.core.cache import cache
from django.urls import reverse

from ecommerce_comms.shipping import tokens
from ecommerce_comms.shipping.api import throttles
from ecommerce_comms.shipping.api.parsers import LONGEST_BODY
from ecommerce_comms.shipping.models import PickupPoint
from tests.shipping.making import service, warehouse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
INDIA = {"country": "IN", "postcode": "700029"}


@pytest.fixture(autouse=True)
def shop():
    """Monday, 10:00 in Kolkata; orders until 14:00 count for the day."""
    cache.clear()
    warehouse(name="Depot")
    service("post", price="80", currency="INR", carrier="Blue", description="As ever.")
    yield
    cache.clear()


@pytest.fixture
def ask(client):
    def ask(body=None, **how):
        data = body if isinstance(body, (str, bytes)) else json.dumps(body if body is not None else {})
        return client.post(reverse("comms:api-shipping-options"), data, content_type=how.pop("content_type", "application/json"), **how)

    return ask


@pytest.fixture
def look(client):
    return lambda query="", **how: client.get(reverse("comms:api-shipping-options") + query, **how)


def test_a_basket_is_answered_with_options_windows_and_a_countdown(ask):
    answer = ask({"lines": [{"sku": "mug", "quantity": 2, "price": "1380.00", "weight_kg": "0.8"}], "destination": INDIA})
    assert answer.status_code == 200
    option, = answer.json()["options"]
    token = option.pop("token")
    assert option == {
        "code": "post", "name": "Post", "description": "As ever.", "carrier": "Blue", "kind": "door", "price": "80.00", "currency": "INR",
        # 4 March is Holi in India.
        "earliest": "2026-03-05", "latest": "2026-03-07", "confidence": None, "order_by": "2026-03-02T08:30:00+00:00",
        "seconds_left": 4 * 3600, "points": [],
        "why": "Ordered by 14:00 on Mon 2 Mar, leaves Depot on Mon 2 Mar to Tue 3 Mar; Post takes 2 to 3 delivery days.",
    }
    assert tokens.read(token).estimate.latest == date(2026, 3, 7)


def test_one_parcel_can_be_asked_for_by_address(look):
    service("light", weight_up_to="1", position=1)
    assert [option["code"] for option in look("?country=in&postcode=700029&weight_kg=0.5&price=690").json()["options"]] == ["post", "light"]
    assert [option["code"] for option in look("?country=IN&weight_kg=1.5").json()["options"]] == ["post"]
    assert look().status_code == 200


def test_pickup_points_come_with_their_place(ask):
    service("fetch", kind="point", position=1)
    PickupPoint.objects.create(name="Corner shop", code="K7", country="IN", postcode="700029", city="Kolkata", opening_days="123456")
    option = ask({"destination": INDIA}).json()["options"][1]
    assert (option["kind"], option["points"][0]["code"], option["points"][0]["city"]) == ("point", "K7", "Kolkata")


def test_another_time_is_answered_without_a_token(ask, look):
    later = ask({"at": "2026-03-02T15:00:00+05:30"}).json()
    assert (later["options"][0]["earliest"], later["options"][0]["token"]) == ("2026-03-05", "")
    assert look("?at=2026-03-02T15:00:00+05:30").json() == look("?at=2026-03-02T09:30:00Z").json() | {"quoted_at": later["quoted_at"]}


def test_lines_from_another_warehouse_and_prices_in_another_currency_count(ask):
    warehouse(name="Hills", is_default=False, handling_days_min=5, handling_days_max=5)
    service("euro", price="9", currency="EUR", position=1)
    assert ask({"lines": [{"origin": "hills"}, {}]}).json()["options"][0]["earliest"] == "2026-03-11"
    assert [option["code"] for option in ask({"currency": "eur"}).json()["options"]] == ["euro"]


@pytest.mark.parametrize(("body", "where", "says"), [
    ({"at": "2026-03-02T10:00:00"}, "at", "Say which offset from UTC"),
    ({"at": "2026-03-02"}, "at", "Say which offset"),
    ({"at": "soon"}, "at", "Write a moment as"),
    ({"at": 1e18}, "at", "Write a moment as"),
    ({"at": {"now": 1}}, "at", "Write a moment as"),
    ({"at": "2036-03-02T10:00:00Z"}, "at", "more than a year"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "at", "more than a year"),
    ({"at": "9999-12-31T23:59:59-12:00"}, "at", "more than a year"),
    ({"currency": "XYZ"}, "currency", "no such currency"),
    ({"currency": "RUPEES"}, "currency", "no such currency"),
    ({"time_zone": "Mars/Base"}, "time_zone", "no time zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone", "no time zone"),
    ({"destination": {"country": "XX"}}, "destination.country", "no such country"),
    ({"destination": {"country": "India"}}, "destination.country", "no such country"),
    ({"destination": {"postcode": "7" * 21}}, "destination.postcode", "no more than 20"),
    ({"destination": {"postcode": "7\u0000"}}, "destination.postcode", "Null characters"),
    ({"destination": {"latitude": 91}}, "destination.latitude", "less than or equal to 90"),
    ({"destination": ["IN"]}, "destination", "Invalid data"),
    ({"lines": [{"quantity": 0}]}, "lines.0.quantity", "greater than or equal to 1"),
    ({"lines": [{"quantity": 10**9}]}, "lines.0.quantity", "less than or equal to 10000"),
    ({"lines": [{"quantity": 1.5}]}, "lines.0.quantity", "valid integer"),
    ({"lines": [{}, {"weight_kg": "-1"}]}, "lines.1.weight_kg", "greater than or equal to 0"),
    ({"lines": [{"weight_kg": "1e9"}]}, "lines.0.weight_kg", ""),
    ({"lines": [{"weight_kg": "NaN"}]}, "lines.0.weight_kg", "valid number"),
    ({"lines": [{"price": "Infinity"}]}, "lines.0.price", "valid number"),
    ({"lines": [{}] * 101}, "lines", "no more than 100"),
    ({"lines": "mug"}, "lines", "Expected a list"),
    ({"lines": [{"weight": 2}]}, "lines.0", "There is no field 'weight'. The fields are: sku, quantity"),
    ({"basket": []}, "", "There is no field 'basket'. The fields are: lines, destination, at"),
    ({"\ud800": 1}, "", "There is no field '\\ud800'"),
    ([1, 2], "", "Invalid data"),
])
def test_what_cannot_be_is_refused_at_its_place_in_words(ask, body, where, says):
    answer = ask(body)
    assert answer.status_code == 400
    found = answer.json()
    for name in filter(None, where.split(".")):
        found = found[name] if isinstance(found, dict) else found[int(name)]
    assert says in json.dumps(found, ensure_ascii=False).replace("\\\\", "\\")


@pytest.mark.parametrize("body", [
    b"{", b"\xff\xfe", b'{"at": NaN}', b"[" * 50_000, b'{"a":' * 15_000, b" " * (LONGEST_BODY + 1), b"null", b"7",
])
def test_a_body_that_is_no_request_is_a_400_and_never_an_error(ask, body):
    assert ask(body).status_code == 400


def test_other_content_and_other_methods_are_refused(ask, client):
    assert ask("a=1", content_type="application/x-www-form-urlencoded").status_code == 415
    odd = client.generic("POST", reverse("comms:api-shipping-options"), b"{}", content_type="application/json; charset=rot13")
    assert odd.status_code == 400
    for method in ("put", "delete", "patch", "options"):
        assert getattr(client, method)(reverse("comms:api-shipping-options")).status_code == 405


@pytest.mark.parametrize("query", ["?country=XX", "?at=2026-03-02T10:00:00", "?weight_kg=-1", "?where=IN", "?quantity=0", "?latitude=NaN1"])
def test_a_query_is_checked_as_strictly(look, query):
    assert look(query).status_code == 400


def test_the_answer_is_json_whatever_the_browser_likes_and_stays_in_no_cache(look, ask):
    for answer in (look(HTTP_ACCEPT="text/html"), ask({"at": "?"}, HTTP_ACCEPT="image/png")):
        assert answer["Content-Type"] == "application/json"
        assert answer["Cache-Control"] == "no-store, private"


def test_no_cookie_is_needed_set_or_looked_at(client, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "sessions" not in name and "auth" not in name and "messages" not in name]
    answer = client.get(reverse("comms:api-shipping-options"))
    assert answer.status_code == 200 and not answer.cookies


def test_a_warm_answer_asks_the_database_nothing(look, django_assert_num_queries):
    look("?country=IN")
    with django_assert_num_queries(0):
        assert look("?country=IN").status_code == 200


class TestThrottle:
    @pytest.fixture(autouse=True)
    def rate(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "API_RATE": "2/min"}

    def test_one_address_is_answered_so_often_and_again_in_the_next_minute(self, look, clock):
        assert [look().status_code for _ in range(3)] == [200, 200, 429]
        assert look(REMOTE_ADDR="203.0.113.7").status_code == 200
        assert 0 < int(look()["Retry-After"]) <= 60
        clock.advance(seconds=60)
        assert look().status_code == 200

    def test_without_a_rate_nobody_is_refused(self, look, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "API_RATE": ""}
        assert {look().status_code for _ in range(5)} == {200}

    def test_a_public_address_cannot_hide_behind_a_header(self, look):
        peer = "198.41.0.4"
        said = [look(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").status_code for number in range(3)]
        assert said == [200, 200, 429]

    def test_behind_a_proxy_of_the_shops_own_customers_are_told_apart(self, look):
        said = [look(REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=f"1.1.1.1, 198.41.0.{number}").status_code for number in range(4)]
        assert set(said) == {200}
        said = [look(REMOTE_ADDR="", HTTP_X_FORWARDED_FOR=f"{number}.1.1.1, 198.41.0.9").status_code for number in range(3)]
        assert said == [200, 200, 429]

    def test_a_cache_that_fails_refuses_nobody(self, look, monkeypatch, caplog):
        class Down:
            def add(self, *args, **kwargs):
                raise ConnectionError

        monkeypatch.setattr(throttles, "cache", Down())
        assert {look().status_code for _ in range(4)} == {200}
        assert "does not count" in caplog.text

    def test_the_cache_keeps_no_address(self, look, monkeypatch):
        keys = []
        monkeypatch.setattr(throttles.cache, "add", lambda key, *args, **kwargs: keys.append(key) or True)
        look(REMOTE_ADDR="198.41.0.4")
        assert len(keys) == 1 and "198.41.0.4" not in keys[0]


@pytest.mark.skipif(find_spec("drf_spectacular") is None, reason="needs the extra api-docs")
def test_the_openapi_schema_describes_what_is_asked_and_answered():
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    schema = SchemaGenerator(urlconf="ecommerce_comms.urls").get_schema(public=True)
    validate_schema(schema)
    path = schema["paths"]["/api/shipping-options/"]
    assert set(path) == {"get", "post"}
    assert set(path["post"]["responses"]) == {"200", "400", "415", "429"}
    parts = schema["components"]["schemas"]
    answered = parts["ShippingOptions"]["properties"]["options"]["items"]["$ref"].rpartition("/")[2]
    assert {"code", "earliest", "latest", "confidence", "order_by", "seconds_left", "price", "currency", "why", "token", "points"} <= set(
        parts[answered]["properties"])
    asked = parts[path["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]["properties"]
    assert asked["at"]["format"] == "date-time"
    assert {each["name"] for each in path["get"]["parameters"]} >= {"country", "postcode", "at", "weight_kg"}
