"""Whoever is told of a parcel that another person ordered can have that exported and erased, and the order stays with its customer."""

from __future__ import annotations

import json

import pytest

from ecommerce_comms import privacy, testing
from ecommerce_comms.customers.models import Consent
from ecommerce_comms.exceptions import UnknownPerson
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.models import Customer, Order, OrderEvent
from ecommerce_comms.orders import events
from tests.privacy.story import EMAIL, MEERA, OF_MEERA, gift_for_meera, live, order_of_asha, parcel
from tests.privacy.test_erasing import everything

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders, and files are kept in a folder of the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path / "journals")}


def gift(reference="1001"):
    """An order of Asha's for Meera."""
    return order_of_asha(reference, recipients=(gift_for_meera(),))


def left_of_meera():
    """What of her is still somewhere, in small letters."""
    return [trace for trace in OF_MEERA if trace in everything().lower()]


class TestErasing:
    def test_nothing_of_her_stays_and_the_order_keeps_its_customer(self):
        testing.tell("order_shipped", gift(), parcel=parcel())
        erased = privacy.erase(MEERA)
        assert left_of_meera() == []
        assert (erased.messages, erased.mentions, erased.customers, erased.orders) == (1, 1, 0, 0)
        assert Order.objects.get().as_snapshot.customer.email == EMAIL
        assert Customer.objects.get().erased_at is None
        assert Message.objects.get(role="").recipient == EMAIL

    @pytest.mark.parametrize("asked", [MEERA.upper(), "+91 90000-11111"])
    def test_order_that_told_her_nothing_yet_is_found_by_either_address(self, asked):
        testing.tell("order_placed", gift())
        privacy.erase(asked)
        assert left_of_meera() == []

    def test_order_that_nobody_has_opened_yet_is_found_too(self):
        events.record("order_placed", gift())
        privacy.erase(MEERA)
        testing.settle()
        assert left_of_meera() == []
        assert OrderEvent.objects.get().snapshot["customer"]["email"] == EMAIL

    def test_what_the_shop_tells_later_does_not_bring_her_back(self):
        testing.tell("order_placed", gift())
        privacy.erase(MEERA)
        testing.forget()
        testing.tell("order_shipped", gift(), parcel=parcel())
        testing.tell("order_delivered", gift(), parcel=parcel())
        assert left_of_meera() == []
        assert {mail.recipient for mail in testing.sent()} == {EMAIL}

    def test_new_order_does_not_reach_her_either(self):
        testing.tell("order_placed", gift())
        privacy.erase(MEERA)
        testing.forget()
        testing.tell("order_shipped", gift("2001"), parcel=parcel("9"))
        assert {mail.recipient for mail in testing.sent()} == {EMAIL}
        assert Consent.objects.filter(topic="tracking", granted=False, where="erased").exists()

    def test_she_is_erased_with_the_order_of_whoever_named_her(self):
        live()
        privacy.erase(EMAIL)
        assert left_of_meera() == []

    def test_others_of_the_same_order_stay(self):
        office = type(gift_for_meera())(role="desk", name="Goods-in", email="desk@office.example")
        testing.tell("order_placed", order_of_asha("1001", recipients=(gift_for_meera(), office)))
        privacy.erase(MEERA)
        testing.tell("order_shipped", order_of_asha("1001", recipients=(gift_for_meera(), office)), parcel=parcel())
        assert "desk@office.example" in {mail.recipient for mail in testing.sent()}
        assert left_of_meera() == []

    def test_whoever_was_never_named_is_nobody(self):
        testing.tell("order_placed", gift())
        with pytest.raises(UnknownPerson):
            privacy.erase("nair@friends.example")


class TestExporting:
    def test_she_gets_what_was_said_to_her_and_what_the_order_says_of_her(self):
        testing.tell("order_shipped", gift(), parcel=parcel())
        found = privacy.export(MEERA)
        assert [(each["order"], each["role"], each["email"]) for each in found["told_of"]] == [("1001", "receiver", MEERA)]
        [message] = found["messages"]
        assert (message["recipient"], message["role"], message["kind"]) == (MEERA, "receiver", "order_shipped")
        assert found["orders"] == []

    def test_whoever_named_her_gets_that_somebody_was_told_and_not_who(self):
        live()
        text = json.dumps(privacy.export(EMAIL), ensure_ascii=False).lower()
        assert [trace for trace in OF_MEERA if trace in text] == []
        told = [message for message in privacy.export(EMAIL)["messages"] if message["role"]]
        assert {(message["kind"], message["recipient"]) for message in told} == {("order_shipped", ""), ("order_delayed", "")}
