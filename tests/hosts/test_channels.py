"""What a shop's order says of channels, and of others who are told: read through the map, and nothing of it guessed."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.checks import CheckMessage

from ecommerce_comms.adapters.base import get_adapter
from ecommerce_comms.exceptions import AdapterError
from ecommerce_comms.snapshots import OrderSnapshot
from tests.hosts.uuidshop.models import Entry, Product, Purchase

pytestmark = pytest.mark.django_db(databases=["default", "other"])
ASKED = [
    # a name, names with commas, a list, a dict by topic
    ({"customer.channels": "destination.by"}, {"by": "sms"}, {"orders": ["sms"]}),
    ({"customer.channels.orders": "destination.by"}, {"by": "sms, email"}, {"orders": ["sms", "email"]}),
    ({"customer.channels.orders": "destination.by"}, {"by": ["sms", "email"]}, {"orders": ["sms", "email"]}),
    ({"customer.channels": "destination.by"}, {"by": {"orders": ["sms"], "offers": "email"}}, {"orders": ["sms"], "offers": ["email"]}),
    # what is said of one topic goes before what is said of all
    ({"customer.channels": "destination.by", "customer.channels.offers": "=email"}, {"by": {"orders": "sms", "offers": "sms"}},
     {"orders": ["sms"], "offers": ["email"]}),
    # a field that nobody filled in is no "no"
    ({"customer.channels": "destination.by"}, {"by": []}, None),
    ({"customer.channels": "destination.by"}, {"by": {"orders": []}}, None),
    ({"customer.channels.orders": "destination.by"}, {"by": ""}, None),
    # nothing is guessed
    ({}, {"channels": "sms", "by": "sms"}, None),
]


@pytest.fixture
def use(settings):
    """The shop with UUID keys, with these further fields."""
    def use(**fields):
        settings.ECOMMERCE_COMMS = {
            "ORDER_MODEL": "uuidshop.Purchase", "SHOP_URL": "https://things.example/",
            "ORDER_FIELDS": {"placed_at": "bought_on", "customer.email": "mail", "lines": "entry_set", "currency": "money", **fields},
        }
        return get_adapter()
    return use


def purchase(**destination):
    """An order whose JSON holds what the test wants."""
    return Purchase.objects.create(bought_on=date(2026, 3, 2), mail="rahim@mail.example", destination=destination)


@pytest.mark.parametrize(("fields", "says", "expected"), ASKED)
def test_channels_are_read_as_they_were_asked(use, fields, says, expected):
    found = use(**fields).snapshot(purchase(**says))
    assert found.to_json()["customer"].get("channels") == expected
    assert OrderSnapshot.from_json(found.to_json()) == found


def test_call_times_are_read(use):
    assert use(**{"customer.call_times": "destination.call"}).snapshot(purchase(call="18:00-20:00")).customer.call_times == "18:00-20:00"


def test_channels_that_are_no_list_are_told(use):
    with pytest.raises(AdapterError, match=r"customer\.channels\.orders"):
        use(**{"customer.channels.orders": "destination.by"}).snapshot(purchase(by=7))


def test_recipients_are_read_from_what_is_stored_with_the_order(use):
    people = [
        {"role": "Desk", "name": "Goods-in", "email": "desk@office.example", "lang": "de", "by": "sms,email"},
        {"name": "Ravi", "phone": "+91 98111 11111"},
        {"name": "nobody who can be reached"},
    ]
    adapter = use(**{"recipients": "destination.people", "recipient.language": "lang", "recipient.channels": "by"})
    found = adapter.snapshot(purchase(people=people)).recipients
    assert [(each.role, each.name, each.email, each.phone, each.language, each.channels) for each in found] == [
        ("desk", "Goods-in", "desk@office.example", "", "de", ("sms", "email")), ("receiver", "Ravi", "", "+91 98111 11111", "", ()),
    ]


def test_recipients_come_from_a_relation_too_in_one_query(use, django_assert_num_queries):
    bought = purchase()
    for name in ("ravi", "meera"):
        Entry.objects.create(purchase=bought, product=Product.objects.create(slug=name, name=f"{name}@friends.example"))
    adapter = use(recipients="entry_set", **{"recipient.email": "product.name", "recipient.name": "", "recipient.role": "=receiver"})
    with django_assert_num_queries(2, using="other"):
        found = adapter.snapshot(bought).recipients
    assert [each.email for each in found] == ["ravi@friends.example", "meera@friends.example"]


def test_nobody_is_taken_for_a_recipient_who_was_not_named(use):
    assert use().snapshot(purchase(recipients=[{"email": "ravi@friends.example"}])).recipients == ()


@pytest.mark.parametrize(("fields", "said", "hint"), [
    ({"recipients": "entry_set", "recipient.role": "=neighbour"}, "no role 'neighbour'", "=receiver, =desk"),
    ({"recipients": "entry_set", "recipient.email": "produkt.name"}, "has no 'produkt'", "'product'"),
    ({"recipients": "entri_set"}, "has no 'entri_set'", "'entry_set'"),
    ({"customer.chanels": "x"}, "no field 'customer.chanels'", "'customer.channels'"),
])
def test_mistakes_are_told_at_start_up(use, fields, said, hint):
    found: list[CheckMessage] = use(**fields).check()
    assert [(said in str(each.msg), hint in str(each.hint)) for each in found] == [(True, True)]
