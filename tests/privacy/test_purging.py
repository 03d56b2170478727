"""What is older than it may be goes; what is still needed stays, however old it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from ecommerce_comms import privacy, testing
from ecommerce_comms.chat import conversations, lines
from ecommerce_comms.chat.models import ChatMessage
from ecommerce_comms.conf import DEFAULTS
from ecommerce_comms.contact import calls, working
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.messaging.models import Attempt, Message, ProviderEvent
from ecommerce_comms.orders import events
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.privacy import purging
from tests.privacy.story import EMAIL, everything, order_of_asha, parcel, traces

pytestmark = pytest.mark.django_db(databases=["default", "other"])


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders, and files are kept in a folder of the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}


def keep(settings, **days):
    """Rows of each kind are kept for so many days."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "RETENTION_DAYS": days}


def live(reference="1001", *, ended=True):
    """An order that arrived, or is still on its way; with a try and a provider's notice."""
    testing.tell("order_placed", order_of_asha(reference))
    testing.tell("order_shipped", order_of_asha(reference), parcel=parcel())
    if ended:
        testing.tell("order_delivered", order_of_asha(reference), parcel=parcel())
    message = Message.objects.filter(order__reference=reference).first()
    Attempt.objects.create(message=message, number=1, ended_at=message.decided_at, outcome="transient")
    ProviderEvent.objects.create(
        key=reference, provider="p", kind="delivered", message=message, occurred_at=message.decided_at, state="applied")
    # The review that was asked for later has had its answer.
    Message.objects.filter(state=Message.State.SCHEDULED).update(state=Message.State.SKIPPED)


class TestDays:
    @pytest.mark.parametrize("name, model", [("attempts", Attempt), ("provider_events", ProviderEvent), ("messages", Message)])
    def test_rows_go_the_day_after_their_last(self, clock, settings, name, model):
        keep(settings, **dict.fromkeys(DEFAULTS["RETENTION_DAYS"], 0) | {name: 30})
        live()
        clock.advance(days=30)
        assert privacy.purge()[name] == 0
        clock.advance(seconds=1)
        assert privacy.purge()[name] > 0
        assert not model.objects.exists()

    def test_calls_go_when_they_are_over_and_those_to_come_stay(self, clock, settings):
        keep(settings, **dict.fromkeys(DEFAULTS["RETENTION_DAYS"], 0) | {"calls": 30})
        working.note(calls.request("+911122334455"), "reached", number=1)
        calls.request("+911122334466")
        clock.advance(days=31)
        assert privacy.purge()["calls"] == 1
        assert CallbackRequest.objects.get().number == "+911122334466"
        assert not CallTry.objects.exists()

    def test_conversation_goes_with_all_its_lines_when_nobody_has_spoken_for_long(self, clock, settings):
        keep(settings, **dict.fromkeys(DEFAULTS["RETENTION_DAYS"], 0) | {"chat": 30})
        talk = conversations.open_for(Customer.objects.create(key="account:7"))
        for days in (0, 20):
            clock.advance(days=days)
            lines.append(talk, "Hello", author="customer", client_id=str(days))
        clock.advance(days=25)
        assert privacy.purge()["chat"] == 0
        clock.advance(days=6)
        assert privacy.purge()["chat"] == 1
        assert not ChatMessage.objects.exists()

    def test_moment_can_be_given(self, clock):
        live()
        assert privacy.purge(clock() + timedelta(days=180, seconds=1))["attempts"] == 1

    def test_nothing_goes_of_what_is_kept_for_ever(self, clock, settings):
        keep(settings, **dict.fromkeys(DEFAULTS["RETENTION_DAYS"], 0))
        live()
        before = everything()
        clock.advance(days=20_000)
        assert set(privacy.purge().values()) == {0}
        assert everything() == before

    def test_kinds_that_a_shop_does_not_name_keep_their_days(self, clock, settings):
        keep(settings, messages=10)
        assert (purging.days("messages"), purging.days("attempts")) == (10, 180)

    def test_every_kind_has_its_days(self):
        assert set(purging.KINDS) == set(DEFAULTS["RETENTION_DAYS"])

    @pytest.mark.parametrize("wrong", [{"letters": 3}, {"messages": -1}, {"messages": "730"}, [], 30])
    def test_days_that_make_no_sense_are_complained_of(self, settings, wrong):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "RETENTION_DAYS": wrong}
        assert [found.id for found in run_checks() if "RETENTION_DAYS" in found.msg] == ["ecommerce_comms.E007"]


class TestEvents:
    def test_words_of_a_fact_go_and_the_fact_stays(self, clock):
        live()
        clock.advance(days=731)
        assert privacy.purge()["events"] == 3
        assert set(OrderEvent.objects.values_list("snapshot", flat=True)) == {None}
        assert privacy.purge()["events"] == 0

    def test_state_of_the_order_can_still_be_told(self, clock):
        live()
        clock.advance(days=731)
        privacy.purge()
        testing.tell("return_requested", order_of_asha())
        order = Order.objects.get()
        assert (order.status, order.return_requested_at) == (Order.Status.DELIVERED, clock())

    def test_fact_that_waits_is_not_touched(self, clock):
        events.record("order_placed", order_of_asha())
        clock.advance(days=10_000)
        privacy.purge()
        assert OrderEvent.objects.get().snapshot

    def test_fact_that_was_given_up_goes(self, clock):
        events.record("order_placed", order_of_asha())
        OrderEvent.objects.update(state=OrderEvent.State.FAILED)
        clock.advance(days=731)
        privacy.purge()
        assert not OrderEvent.objects.exists()


class TestOpenOrders:
    @pytest.fixture(autouse=True)
    def everything_grows_old(self, settings):
        keep(settings, **dict.fromkeys(DEFAULTS["RETENTION_DAYS"], 30))

    def test_nothing_of_an_order_on_its_way_goes_but_tries_and_notices(self, clock):
        live(ended=False)
        clock.advance(days=5_000)
        gone = privacy.purge()
        assert {name for name, count in gone.items() if count} == {"attempts", "provider_events"}
        assert (Order.objects.count(), Message.objects.count(), Customer.objects.get().email) == (1, 2, EMAIL)

    @pytest.mark.parametrize("why", ["return_requested", "disputed"])
    def test_order_that_arrived_and_is_not_at_rest_is_open(self, clock, why):
        live()
        Order.objects.update(**{"disputed": True} if why == "disputed" else {"return_requested_at": clock()})
        clock.advance(days=5_000)
        privacy.purge()
        assert (Order.objects.count(), Customer.objects.get().email) == (1, EMAIL)

    def test_order_at_rest_goes_with_all_its_rows(self, clock):
        live()
        live("1002", ended=False)
        clock.advance(days=31)
        gone = privacy.purge()
        assert gone["orders"] == 1
        assert [order.reference for order in Order.objects.all()] == ["1002"]
        assert set(OrderEvent.objects.values_list("order_reference", flat=True)) == {"1002"}


class TestCustomers:
    def test_customer_of_long_ago_is_forgotten_and_the_order_stays(self, clock):
        live()
        clock.advance(days=1_096)
        assert privacy.purge()["customers"] == 1
        assert traces(everything()) == []
        assert Order.objects.get().status == Order.Status.DELIVERED
        assert privacy.purge()["customers"] == 0

    def test_customer_who_has_ordered_since_is_known_as_a_whole(self, clock):
        live()
        clock.advance(days=1_000)
        live("1002")
        clock.advance(days=500)
        assert privacy.purge()["customers"] == 0
        assert Customer.objects.get().email == EMAIL

    def test_customer_who_is_still_to_be_written_to_is_known(self, clock):
        live()
        Message.objects.filter(kind="review_request").update(state=Message.State.SCHEDULED)
        clock.advance(days=1_096)
        assert privacy.purge()["customers"] == 0

    def test_what_they_agreed_to_still_holds(self, clock):
        live()
        consents.grant(EMAIL, topic="marketing", where="checkout", words="Yes.", customer=Customer.objects.get())
        clock.advance(days=1_096)
        privacy.purge()
        assert consents.has(EMAIL, "marketing")
        assert not Consent.objects.filter(where="erased").exists()


class TestProofs:
    def test_only_the_newest_word_of_each_is_in_force(self, clock):
        for answer in (consents.grant, consents.withdraw, consents.grant):
            answer(EMAIL, topic="marketing", where="page", words="Yes.")
            clock.advance(days=1)
        consents.grant(EMAIL, topic="service", where="page", words="Yes.")
        clock.advance(days=5_000)
        assert privacy.purge()["consents"] == 2
        assert consents.has(EMAIL, "marketing")
        assert consents.has(EMAIL, "service")

    def test_suppression_in_force_stays_and_a_lifted_one_goes(self, clock):
        for address in (EMAIL, "other@customers.example"):
            suppressions.suppress(address_hash(address), Suppression.Reason.BOUNCED)
        suppressions.lift(Suppression.objects.last().pk, by="staff")
        clock.advance(days=5_000)
        assert privacy.purge()["suppressions"] == 1
        assert Suppression.objects.get().address_hash == address_hash(EMAIL)


def test_batches_are_small_and_none_is_forgotten(clock, monkeypatch):
    live()
    first = Message.objects.first()
    Attempt.objects.bulk_create([Attempt(message=first, number=2, ended_at=clock(), outcome="transient") for _ in range(24)])
    clock.advance(days=181)
    sizes = []
    remove = purging.KINDS["attempts"].remove
    monkeypatch.setattr(purging, "BATCH", 10)
    monkeypatch.setitem(purging.KINDS, "attempts", purging.Kind(purging._attempts, lambda pks: (sizes.append(len(pks)), remove(pks))))
    assert privacy.purge()["attempts"] == 25
    assert sizes == [10, 10, 5]
    assert not Attempt.objects.exists()


class TestCommand:
    def test_dry_run_counts_and_removes_nothing(self, clock, capsys):
        live()
        clock.advance(days=181)
        call_command("comms_purge", "--dry-run")
        assert "attempts 1 (older than 180 days)" in capsys.readouterr().out
        assert Attempt.objects.count() == 1

    def test_it_says_what_went_and_what_is_kept_for_ever(self, clock, capsys):
        live()
        clock.advance(days=181)
        call_command("comms_purge")
        said = capsys.readouterr().out
        assert "provider events 1 (older than 180 days)" in said
        assert "orders 0 (kept for ever)" in said
        assert not Attempt.objects.exists()
