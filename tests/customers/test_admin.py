"""What a merchant sees of consents and suppressed addresses, and the one thing that may be done about them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers import consents, preferences, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Customer, Suppression

pytestmark = pytest.mark.django_db
ASHA, BEN = "asha@customers.example", "ben@customers.example"
CONSENTS = reverse("admin:ecommerce_comms_consent_changelist")
SUPPRESSIONS = reverse("admin:ecommerce_comms_suppression_changelist")


@pytest.fixture(autouse=True)
def rows(clock):
    """Asha agreed, Ben refused; Asha's mailbox is gone."""
    consents.grant(ASHA, topic="marketing", where="checkout", words="Yes, mail me your offers.")
    consents.withdraw(BEN, topic="marketing", where="preference page")
    suppressions.suppress(address_hash(ASHA), "bounced", shown="a…@c….example")


@pytest.fixture
def merchant(client):
    """A browser in which the shop's owner is signed in."""
    client.force_login(User.objects.create_superuser("mira"))
    return client


def lift(browser):
    """Choose the action for every suppression."""
    keys = list(Suppression.objects.values_list("pk", flat=True))
    return browser.post(SUPPRESSIONS, {"action": "allow_again", "_selected_action": keys}, follow=True)


def test_proof_shows_the_words_that_were_read(merchant):
    page = reverse("admin:ecommerce_comms_consent_change", args=[Consent.objects.get(granted=True).pk])
    assert "Yes, mail me your offers." in merchant.get(page).content.decode()


@pytest.mark.parametrize("model", [Consent, Suppression], ids=lambda model: model.__name__)
def test_nobody_adds_changes_or_deletes_a_proof(merchant, model):
    row, name = model.objects.first(), model._meta.model_name
    page = reverse(f"admin:ecommerce_comms_{name}_change", args=[row.pk])
    assert 'name="_save"' not in merchant.get(page).content.decode()
    for address in (page, reverse(f"admin:ecommerce_comms_{name}_add"), reverse(f"admin:ecommerce_comms_{name}_delete", args=[row.pk])):
        assert merchant.post(address, {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_rows_are_found_by_the_whole_address_and_by_nothing_less(merchant):
    def found(term):
        return [row.granted for row in merchant.get(CONSENTS, {"q": term}).context_data["cl"].queryset]

    assert found(" Asha@CUSTOMERS.example ") == [True]
    assert found(BEN) == [False]
    assert found("asha") == []
    assert len(found("")) == 2


def test_address_is_allowed_again_and_who_did_so_stays(merchant, clock):
    clock.advance(hours=1)
    assert "1 address is allowed again." in lift(merchant).content.decode()
    row = Suppression.objects.get()
    assert (row.lifted_at, row.lifted_by) == (clock(), "mira")
    assert not suppressions.suppressed([address_hash(ASHA)])


def test_lifting_twice_keeps_the_first_trail(merchant, clock):
    lift(merchant)
    first = Suppression.objects.get().lifted_at
    clock.advance(days=1)
    assert "0 addresses are allowed again." in lift(merchant).content.decode()
    assert Suppression.objects.get().lifted_at == first


def test_who_may_only_look_cannot_lift(client):
    apprentice = User.objects.create_user("apprentice", is_staff=True)
    apprentice.user_permissions.set(Permission.objects.filter(codename="view_suppression"))
    client.force_login(apprentice)
    lift(client)
    assert Suppression.objects.get().lifted_at is None


def test_customer_s_page_says_how_they_want_to_be_told(merchant, settings):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.CHANNELS}
    customer = Customer.objects.create(key="guest:asha", email=ASHA, call_times="18:00-20:00")
    page = reverse("admin:ecommerce_comms_customer_change", args=[customer.pk])
    assert "never asked" in merchant.get(page).content.decode()
    preferences.choose(customer, "orders", ["sms", "email"], where="preference page", by="Meera")
    preferences.choose(customer, "offers", [], where="checkout")
    said = merchant.get(page).content.decode()
    assert "orders: text message, e-mail (preference page 2026-03-02 Meera); offers: nothing (checkout 2026-03-02)" in said
    assert "18:00-20:00" in said


def test_call_times_that_cannot_be_read_are_refused_on_the_page(merchant):
    customer = Customer.objects.create(key="guest:asha", email=ASHA)
    page = reverse("admin:ecommerce_comms_customer_change", args=[customer.pk])
    assert "is not written like 09:00-12:00" in merchant.post(page, {"email": ASHA, "call_times": "evenings"}).content.decode()
    assert Customer.objects.get().call_times == ""
