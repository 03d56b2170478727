"""FieldMapOrderAdapter on two shops that share no word with us or with each other."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.adapters.fieldmap import FieldMapOrderAdapter
from ecommerce_comms.exceptions import AdapterError
from ecommerce_comms.snapshots import OrderSnapshot
from tests.hosts.plain.models import Delivery, PlainItem, PlainOrder
from tests.hosts.uuidshop.models import Entry, Product, Purchase

NOON = datetime(2026, 3, 2, 6, 30, tzinfo=timezone.utc)
UUID_SHOP = {
    "ORDER_MODEL": "uuidshop.Purchase",
    "ORDER_FIELDS": {
        "placed_at": "bought_on",
        "customer.email": "mail",
        "customer.language": "spoken",
        "address.name": ["destination.given", "destination.family"],
        "address.lines": ["destination.street", "destination.floor"],
        "address.country": "destination.country",
        "lines": "entry_set",
        "line.quantity": "pieces",
        "currency": "money",
        "total": "in_units",
    },
    "SHOP_URL": "https://things.example/shop/",
}


def plain_order(**fields: object) -> PlainOrder:
    given = {"order_no": "P-1", "created": NOON, "email": "asha@mail.example", "customer_name": "Asha Rao", **fields}
    return PlainOrder.objects.create(**given)


def purchase(**fields: object) -> Purchase:
    given = {"bought_on": date(2026, 3, 2), "mail": "rahim@mail.example", "cents": 1950, **fields}
    return Purchase.objects.create(**given)


@pytest.fixture
def uuid_shop(settings):
    settings.ECOMMERCE_COMMS = UUID_SHOP


# ---- integer keys, other names, accounts and guests ------------------------------------------------------------

# What one field of the plain shop's order says -> where it stands in the snapshot's JSON, and as what.
PLAIN_FIELDS = [
    ({"order_no": "P-77"}, "number", "P-77"),
    ({"created": NOON}, "placed_at", "2026-03-02T06:30:00+00:00"),
    ({"email": "a@b.example"}, "customer.email", "a@b.example"),
    ({"telephone": "+91 33 1234"}, "customer.phone", "+91 33 1234"),
    ({"language": "bn"}, "customer.language", "bn"),
    ({"ship_street": "4 Lake Road", "ship_extra": "Floor 2"}, "address.lines", ["4 Lake Road", "Floor 2"]),
    # an empty second line leaves no empty line in the address
    ({"ship_street": "4 Lake Road", "ship_extra": ""}, "address.lines", ["4 Lake Road"]),
    # a street of several lines stays several lines
    ({"ship_street": "Lake House\r\n4 Lake Road\n"}, "address.lines", ["Lake House", "4 Lake Road"]),
    ({"ship_country": "in"}, "address.country", "IN"),
    ({"ship_city": "কলকাতা"}, "address.city", "কলকাতা"),
    # a state of the order is not a region of the address
    ({"state": "packed"}, "address.region", None),
    ({"grand_total": Decimal("1250.50")}, "total", "1250.50"),
    # nothing to pay is a price, too
    ({"grand_total": Decimal("0")}, "total", "0"),
    ({}, "currency", "INR"),
    ({"expected_from": date(2026, 3, 5)}, "promised_earliest", "2026-03-05"),
    # 22:00 in UTC is the next day where the shop promised it
    ({"expected_until": datetime(2026, 3, 7, 22, 0, tzinfo=timezone.utc)}, "promised_latest", "2026-03-08"),
    ({"order_no": "P-1"}, "url", "https://shop.example/orders/P-1/"),
    # guests have neither account nor phone number
    ({}, "customer.reference", None),
    ({"telephone": ""}, "customer.phone", None),
]


@pytest.mark.django_db
@pytest.mark.parametrize("fields, name, expected", PLAIN_FIELDS)
def test_plain_order_says_in_our_words(fields, name, expected):
    found = get_adapter().snapshot(plain_order(**fields)).to_json()
    for part in name.split("."):
        found = found.get(part) if found is not None else None
    assert found == expected


@pytest.mark.django_db
def test_integer_key_becomes_text_and_leads_back_to_the_order():
    order = plain_order()
    adapter = get_adapter()
    assert adapter.reference(order) == adapter.snapshot(order).reference == str(order.pk)
    assert adapter.load(str(order.pk)) == order


@pytest.mark.django_db
def test_account_gives_what_the_order_does_not_say():
    asha = get_user_model().objects.create_user("asha", email="asha@account.example", first_name="Asha")
    customer = get_adapter().snapshot(plain_order(buyer=asha, email="", customer_name="")).customer
    assert (customer.reference, customer.email, customer.first_name) == (str(asha.pk), "asha@account.example", "Asha")


@pytest.mark.django_db
def test_lines_keep_their_order_and_half_a_piece_counts_as_one():
    order = plain_order()
    PlainItem.objects.create(order=order, article_no="M-1", label="Mug", count=2, amount=Decimal("900.00"))
    PlainItem.objects.create(order=order, article_no="T-1", label="Tea, kg", count=Decimal("0.50"), amount=Decimal("300.00"))
    lines = get_adapter().snapshot(order).lines
    assert [(line.sku, line.title, line.quantity, line.price) for line in lines] == [
        ("M-1", "Mug", 2, Decimal("900.00")), ("T-1", "Tea, kg", 1, Decimal("300.00")),
    ]


@pytest.mark.django_db
def test_relation_to_a_row_that_is_gone_counts_as_nothing():
    order = plain_order(delivery=Delivery.objects.create(code="express", label="Express"))
    assert get_adapter().snapshot(order).shipping_option == "express"
    Delivery.objects.all().delete()
    assert get_adapter().snapshot(PlainOrder.objects.get()).shipping_option == ""
    PlainOrder.objects.all().delete()


@pytest.mark.django_db
def test_snapshot_survives_its_way_through_json():
    order = plain_order(expected_from=date(2026, 3, 5), grand_total=Decimal("10.00"))
    snapshot = get_adapter().snapshot(order)
    assert OrderSnapshot.from_json(snapshot.to_json()) == snapshot


@pytest.mark.django_db
def test_bare_reference_is_loaded():
    order = plain_order()
    assert get_adapter().snapshot(str(order.pk)).number == get_adapter().snapshot(order.pk).number == "P-1"
    with pytest.raises(AdapterError, match=r"There is no plain\.PlainOrder 'nowhere'"):
        get_adapter().snapshot("nowhere")


@pytest.mark.django_db
def test_recent_orders_come_oldest_first():
    plain_order(order_no="old", created=datetime(2026, 1, 1, tzinfo=timezone.utc))
    later = plain_order(order_no="later", created=datetime(2026, 3, 3, tzinfo=timezone.utc))
    sooner = plain_order(order_no="sooner", created=NOON)
    assert list(get_adapter().recent(NOON)) == [sooner, later]


# ---- UUID keys, guests only, no phone, a database of its own ------------------------------------------------------


@pytest.mark.django_db(databases=["default", "other"])
def test_purchase_in_another_database_becomes_a_snapshot(uuid_shop):
    bought = purchase(destination={"given": "Rahim", "family": "Uddin", "street": "7 Mirpur Road", "country": "bd"}, spoken="bn")
    lamp = Product.objects.create(slug="lamp", name="Lamp")
    entry = Entry.objects.create(purchase=bought, product=lamp, pieces=2)
    assert get_adapter().snapshot(bought).to_json() == {
        "reference": str(bought.pk),
        "number": str(bought.pk),
        "placed_at": "2026-03-02T00:00:00+05:30",
        "customer": {"email": "rahim@mail.example", "language": "bn"},
        "address": {"name": "Rahim Uddin", "lines": ["7 Mirpur Road"], "country": "BD"},
        "lines": [{"reference": str(entry.pk), "title": "Lamp", "quantity": 2, "url": "https://things.example/things/lamp"}],
        "currency": "EUR",
        "total": "19.50",
        "disputed": False,
    }


@pytest.mark.django_db(databases=["default", "other"])
def test_database_of_the_order_is_told(uuid_shop):
    assert get_adapter().database(purchase()) == "other"


@pytest.mark.django_db(databases=["default", "other"])
def test_uuid_key_leads_back_to_the_purchase(uuid_shop):
    bought = purchase()
    adapter = get_adapter()
    assert adapter.load(adapter.reference(bought)) == bought
    assert adapter.snapshot(bought.pk).reference == str(bought.pk)


# Keys that no purchase, or no plain order, can have.
@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.parametrize("reference", ["", "17", "no key", "0" * 400, "9" * 40, "00000000-0000-4000-8000-000000000017", "১৭", "a\x00b"])
def test_impossible_keys_find_nothing(settings, reference):
    if not (connections["default"].vendor == "postgresql" and "\x00" in reference):
        assert get_adapter().load(reference) is None
    settings.ECOMMERCE_COMMS = UUID_SHOP
    assert get_adapter().load(reference) is None


@pytest.mark.django_db(databases=["default", "other"])
def test_lines_and_what_they_point_at_cost_one_query(uuid_shop, django_assert_num_queries):
    bought = purchase()
    for number in range(5):
        Entry.objects.create(purchase=bought, product=Product.objects.create(slug=f"p{number}", name=f"Thing {number}"))
    with django_assert_num_queries(1, using="other"):
        lines = get_adapter().snapshot(bought).lines
    assert [line.title for line in lines] == [f"Thing {number}" for number in range(5)]


@pytest.mark.django_db(databases=["default", "other"])
def test_mere_days_serve_as_the_time_of_the_order(uuid_shop):
    bought = purchase(bought_on=date(2026, 3, 2))
    purchase(bought_on=date(2026, 2, 1))
    assert list(get_adapter().recent(NOON)) == [bought]


# ---- guesses and what was written down ------------------------------------------------------------------------------


class Anything:
    """An order that is no model at all."""

    pk = 5

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


def snapshot_of(settings, fields: dict[str, object], **values: object) -> dict[str, object]:
    settings.ECOMMERCE_COMMS = {"ORDER_FIELDS": fields}
    return FieldMapOrderAdapter().snapshot(Anything(**values)).to_json()


def broken() -> str:
    raise RuntimeError("no URL")


# What an unmapped order has under a usual name that is something else -> the field must stay empty.
@pytest.mark.parametrize("values, name", [
    ({"total": "€ 12"}, "total"),
    ({"total": lambda currency: 12}, "total"),
    ({"get_absolute_url": broken}, "url"),
    ({"address": {"street": "4 Lake Road"}}, "address"),
    ({"currency": PlainOrder(order_no="x")}, "currency"),
    ({"placed_at": "yesterday"}, "placed_at"),
    ({"url": "/orders/5/"}, "url"),
])
def test_guess_that_does_not_fit_counts_as_nothing(settings, values, name):
    assert name not in snapshot_of(settings, {}, **values)


# What was written down but cannot be read -> what the error says.
@pytest.mark.parametrize("fields, values, message", [
    ({"total": "price"}, {}, "Anything.price cannot be read .path 'price' in ORDER_FIELDS"),
    ({"total": "price"}, {"price": "€ 12"}, "'price' does not give a total"),
    ({"total": "price"}, {"price": float("nan")}, "'price' does not give a total"),
    ({"placed_at": "when"}, {"when": "yesterday"}, "'when' does not give a placed_at"),
    ({"url": "page"}, {"page": broken}, "no URL"),
])
def test_written_name_that_cannot_be_read_is_an_error(settings, fields, values, message):
    with pytest.raises(AdapterError, match=message):
        snapshot_of(settings, fields, **values)


@pytest.mark.parametrize("fields, values, expected", [
    # the first that is not empty
    ({"customer.phone": "mobile|landline"}, {"mobile": "", "landline": "033 1"}, {"customer": {"phone": "033 1"}}),
    # an empty entry turns a guess off
    ({"customer.phone": ""}, {"phone": "033 1"}, {}),
    ({"customer.phone": None}, {"phone": "033 1"}, {}),
    # fixed values
    ({"currency": "=eur"}, {}, {"currency": "EUR"}),
    # a list of paths becomes one text, or the lines of an address
    ({"customer.first_name": ["a", "b"]}, {"a": "Anna", "b": "Maria"}, {"customer": {"first_name": "Anna Maria"}}),
    ({"address.lines": "street"}, {"street": "4 Lake Road"}, {"address": {"lines": ["4 Lake Road"]}}),
    ({"address.lines": "parts"}, {"parts": ["4 Lake Road", ""]}, {"address": {"lines": ["4 Lake Road"]}}),
    # a key that stored JSON lacks is empty, not wrong
    ({"address.city": "to.city"}, {"to": {}}, {}),
    # lines from a plain list, with quantities as text
    ({"lines": "rows", "line.quantity": "n"}, {"rows": [Anything(n="2.0")]}, {"lines": [{"reference": "5", "quantity": 2}]}),
    # a time without a zone is meant in the shop's zone
    ({"placed_at": "when"}, {"when": datetime(2026, 3, 2, 9, 0)}, {"placed_at": "2026-03-02T09:00:00+05:30"}),
])
def test_map_is_read_as_written(settings, fields, values, expected):
    assert snapshot_of(settings, fields, **values) == {"reference": "5", "number": "5", "disputed": False, **expected}


@pytest.mark.parametrize("order, expected", [
    ("A-1", "A-1"), (17, "17"), (Anything(), "5"), (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
])
def test_reference_of_whatever_the_shop_sends(order, expected):
    assert FieldMapOrderAdapter().reference(order) == expected


def test_without_an_order_model_nothing_is_found_and_nothing_breaks(settings):
    settings.ECOMMERCE_COMMS = {}
    adapter = FieldMapOrderAdapter()
    assert (adapter.load("1"), list(adapter.recent(NOON))) == (None, [])


# ---- system checks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given, ids, words", [
    ({"ORDER_MODEL": "plain.PlainOrder"}, [], ""),
    ({"ORDER_MODEL": ""}, ["E002"], "ORDER_MODEL"),
    ({"ORDER_MODEL": "plain.Nothing"}, ["E002"], "plain.Nothing"),
    ({"ORDER_FIELDS": ["number"]}, ["E003"], "must be a dict"),
    ({"ORDER_FIELDS": {"custumer.email": "email"}}, ["E003"], "custumer.email"),
    ({"ORDER_FIELDS": {"line.titel": "label"}}, ["E003"], "line.titel"),
    ({"ORDER_FIELDS": {"number": 7}}, ["E003"], "is 7"),
    ({"ORDER_FIELDS": {"number": "order_nr"}}, ["E004"], "plain.PlainOrder has no 'order_nr'"),
    ({"ORDER_FIELDS": {"number": "order_no|order_nr"}}, ["E004"], "'order_nr'"),
    # a path is followed through foreign keys and into the lines
    ({"ORDER_FIELDS": {"customer.email": "buyer.e_mail"}}, ["E004"], "auth.User has no 'e_mail'"),
    ({"ORDER_FIELDS": {"line.title": "name"}}, ["E004"], "plain.PlainItem has no 'name'"),
    # fixed values, methods, properties, emptiness and both extra names are fine
    ({"ORDER_FIELDS": {"currency": "=INR", "url": "get_absolute_url", "reference": "pk", "site": "=Plain", "disputed": ""}}, [], ""),
])
def test_checks_tell_what_is_wrong_with_the_map(settings, given, ids, words):
    settings.ECOMMERCE_COMMS = {"ORDER_MODEL": "plain.PlainOrder", **given}
    found = FieldMapOrderAdapter().check()
    assert [message.id for message in found] == [f"ecommerce_comms.{number}" for number in ids]
    assert all(words in message.msg and message.hint for message in found)


# What a newcomer wrote -> the check, what it says, and what its hint says.
@pytest.mark.parametrize("given, number, words, hint", [
    ({"ORDER_MODEL": ""}, "E002", "is not set.", "app_label.ModelName"),
    ({"ORDER_FIELDS": {"number": "order_nr"}}, "E004", "'order_nr'", "Did you mean 'order_no'?"),
    ({"ORDER_FIELDS": {"line.title": "lable"}}, "E004", "plain.PlainItem has no 'lable'", "Did you mean 'label'?"),
    # relations and methods are suggested, too
    ({"ORDER_FIELDS": {"lines": "item"}}, "E004", "'item'", "Did you mean 'items'?"),
    ({"ORDER_FIELDS": {"url": "absolute_url"}}, "E004", "'absolute_url'", "Did you mean 'get_absolute_url'?"),
    ({"ORDER_FIELDS": {"number": "xyzzy"}}, "E004", "'xyzzy'", "field, property or method"),
    ({"ORDER_FIELDS": {"currency": "EUR"}}, "E004", "'EUR'", 'A fixed value is written "=EUR".'),
    ({"ORDER_FIELDS": {"site": "Plain Goods"}}, "E004", "'Plain Goods'", 'A fixed value is written "=Plain Goods".'),
    ({"ORDER_FIELDS": {"currency": "=Euro"}}, "E003", "'Euro'", 'Did you mean "=EUR"?'),
    ({"ORDER_FIELDS": {"currency": "=₹"}}, "E003", "'₹'", 'Did you mean "=INR"?'),
    ({"ORDER_FIELDS": {"currency": "=XXQ"}}, "E003", "'XXQ'", "ISO 4217"),
    ({"ORDER_FIELDS": {"lines": 7}}, "E003", "is 7", "path"),
    ({"ORDER_FIELDS": {"recipient.email": "buyer.email"}}, "E003", "'recipient.email' and no \"recipients\"", "gift_receivers"),
    ({"ORDER_MODEL": "plain.Delivery"}, "W008", "plain.Delivery", "customer.email"),
    ({"ORDER_FIELDS": {"customer.email": ""}}, "W008", "nobody would be written to", "customer.email"),
    ({"ORDER_FIELDS": {"total": ""}}, "W009", "No total can be found", '"total"'),
    ({"ORDER_FIELDS": {"number": None, "lines": ""}}, "W009", "No lines and no order number", '"lines": "…", "number": "…"'),
])
def test_check_says_how_to_mend_the_map(settings, given, number, words, hint):
    settings.ECOMMERCE_COMMS = {"ORDER_MODEL": "plain.PlainOrder", **given}
    message = FieldMapOrderAdapter().check()[0]
    assert message.id == f"ecommerce_comms.{number}"
    assert words in message.msg and hint in message.hint


def test_map_of_another_model_is_one_complaint(settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "ORDER_MODEL": "plain.PlainItem"}
    [message] = FieldMapOrderAdapter().check()
    assert message.id == "ecommerce_comms.E004"
    assert "plain.PlainItem lacks" in message.msg and "'order_no'" in message.msg
    assert "name the right model" in message.hint


def test_one_renamed_relation_does_not_make_it_another_model(settings):
    names = {f"customer.{name}": f"account.{name}" for name in ("reference", "email", "phone", "first_name", "last_name")}
    settings.ECOMMERCE_COMMS = {"ORDER_MODEL": "plain.PlainOrder", "ORDER_FIELDS": names}
    found = FieldMapOrderAdapter().check()
    assert len(found) == 5 and all("plain.PlainOrder has no 'account'" in message.msg for message in found)


def test_adapter_that_reads_by_code_is_believed(settings):
    class OwnWay(FieldMapOrderAdapter):
        def snapshot(self, order: object) -> OrderSnapshot:
            return OrderSnapshot(reference="1")

    settings.ECOMMERCE_COMMS = {"ORDER_MODEL": "plain.Delivery"}
    assert OwnWay().check() == []
    assert {message.id for message in FieldMapOrderAdapter().check()} == {"ecommerce_comms.W008", "ecommerce_comms.W009"}


def test_the_maps_of_all_host_shops_pass(settings):
    assert FieldMapOrderAdapter().check() == []
    settings.ECOMMERCE_COMMS = UUID_SHOP
    assert FieldMapOrderAdapter().check() == []
    example = pytest.importorskip("example_project.settings")
    settings.ECOMMERCE_COMMS = example.ECOMMERCE_COMMS
    assert get_adapter().check() == []
