"""Who an agreement or a shut address belongs to can be told, though neither keeps the address."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Suppression
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.models import Order

pytestmark = pytest.mark.django_db
ASHA = "asha@customers.example"
CONSENTS = reverse("admin:ecommerce_comms_consent_changelist")
SUPPRESSIONS = reverse("admin:ecommerce_comms_suppression_changelist")


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


@pytest.fixture
def merchant(client):
    """A browser in which the shop's owner is signed in."""
    client.force_login(User.objects.create_superuser("mira"))
    return client


def way(model, row, words):
    """A link to the page of ``row``."""
    return f'<a href="{reverse(f"admin:ecommerce_comms_{model}_change", args=[row.pk])}">{words}</a>'


def test_suppression_leads_to_the_message_that_set_it_off_and_to_its_order(merchant):
    error = PermanentDeliveryError("550 5.1.1 no such user")
    error.bad_address = True
    testing.RecordingBackend.refuse = error
    testing.tell("order_placed", testing.order("LH-1"))
    testing.RecordingBackend.refuse = None
    testing.tell("order_placed", testing.order("LH-2"))  # newer, but not what set it off
    first = Message.objects.get(order__reference="LH-1")
    for page in (SUPPRESSIONS, reverse("admin:ecommerce_comms_suppression_change", args=[Suppression.objects.get().pk])):
        text = merchant.get(page).content.decode()
        assert way("message", first, "Order placed") in text
        assert way("order", first.order, "LH-1") in text
        assert "a…@c….example" in text
        assert ASHA not in text


def test_consent_shows_whose_it_is_and_the_newest_order(merchant):
    consents.grant(ASHA, topic="marketing", where="checkout", words="Yes.")
    for number in ("LH-1", "LH-2"):
        testing.tell("order_placed", testing.order(number))
    for page in (CONSENTS, reverse("admin:ecommerce_comms_consent_change", args=[Consent.objects.get().pk])):
        text = merchant.get(page).content.decode()
        assert "a…@c….example" in text
        assert way("order", Order.objects.get(reference="LH-2"), "LH-2") in text
        assert ASHA not in text


def test_address_to_which_nothing_was_ever_sent_is_not_made_up(merchant):
    consents.grant(ASHA, topic="marketing", where="checkout", words="Yes.")
    suppressions.suppress(address_hash(ASHA), "merchant")
    for page in (CONSENTS, SUPPRESSIONS):
        assert "not kept: only a fingerprint of it" in merchant.get(page).content.decode()


@pytest.mark.parametrize("page", [CONSENTS, SUPPRESSIONS])
def test_long_list_takes_few_queries(merchant, page, clock, django_assert_max_num_queries):
    for number in range(20):
        address = f"u{number}@customers.example"
        consents.grant(address, topic="marketing", where="checkout", words="Yes.")
        suppressions.suppress(address_hash(address), "bounced")
        Message.objects.create(kind="order_placed", language="en", recipient=address, recipient_hash=address_hash(address), state="sent",
                               due_at=clock(), dedupe_key=f"k{number}")
    with django_assert_max_num_queries(9):
        assert merchant.get(page).content.decode().count("Order placed") == (20 if page == SUPPRESSIONS else 0)
