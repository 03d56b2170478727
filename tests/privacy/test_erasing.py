"""After an erasure nothing tells who the person was, nothing brings them back, and everybody else's data is untouched."""

from __future__ import annotations

import logging
from datetime import date

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import models

from ecommerce_comms import clock as app_clock
from ecommerce_comms import privacy, signals, testing
from ecommerce_comms.chat.models import Conversation
from ecommerce_comms.contact import calls
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.exceptions import AmbiguousPerson, TransientDeliveryError, UnknownPerson
from ecommerce_comms.insights.models import Score
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.sending import claims, journal, outcomes, workers
from ecommerce_comms.orders import events, spool
from ecommerce_comms.orders.models import Order, OrderEvent
from ecommerce_comms.shipping.models import Promise
from tests.privacy.story import ALIAS, EMAIL, IDN, PHONE, everything, live, order_of_asha, order_of_ravi, parcel, traces

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders, and files are kept in a folder of the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}


class TestProof:
    def test_nothing_is_found_of_her_afterwards(self, caplog, tmp_path):
        with caplog.at_level(logging.DEBUG, logger="ecommerce_comms"):
            live()
            assert len(traces(everything())) > 5
            privacy.erase(EMAIL)
            testing.settle()
        assert traces(everything()) == []
        assert traces(caplog.text) == []
        files = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
        assert traces("\n".join(files)) == []

    def test_what_stays_of_an_order_is_what_the_books_need(self):
        live()
        privacy.erase(EMAIL)
        order = Order.objects.get(reference="1004")
        assert (order.number, order.status, order.currency, order.as_snapshot.total) == ("1004", "shipped", "INR", 1290)
        assert order.snapshot["address"] == {"country": "IN"}
        assert order.snapshot["lines"] == [{"sku": "mug", "title": "Mug “for …, …”", "quantity": 2, "price": "1290.00"}]
        assert order.parcels.get().tracking_number == "BD1"
        assert [event.data for event in order.events.filter(kind="order_delayed")] == [{"earliest": "2026-03-11", "latest": "2026-03-11"}]

    def test_everybody_else_keeps_everything(self):
        live()
        before = _of_ravi()
        privacy.erase(EMAIL)
        assert _of_ravi() == before
        assert consents.has("ravi@customers.example", "marketing")
        assert LogEntry.objects.filter(object_repr="Ravi").count() == 1

    def test_counts_say_what_was_found(self):
        live()
        erased = privacy.erase(EMAIL)
        assert (erased.customers, erased.orders, erased.consents, erased.suppressions) == (2, 4, 2, 1)
        assert erased.events == OrderEvent.objects.exclude(order_reference="5001").count()
        assert erased.messages == Message.objects.exclude(order__reference="5001").count()
        assert min(erased.stopped, erased.attempts, erased.notices, erased.log_entries) >= 1

    @pytest.mark.parametrize("known", [EMAIL, "  ASHA@customers.EXAMPLE ", "7", "account:7"])
    def test_however_she_is_named(self, known):
        live()
        privacy.erase(known)
        assert traces(everything()) == []

    def test_second_erasure_finds_proofs_only_and_changes_nothing(self):
        live()
        privacy.erase(EMAIL)
        before = everything()
        again = privacy.erase(EMAIL)
        assert (again.customers, again.orders, again.messages, again.log_entries) == (0, 0, 0, 0)
        assert everything() == before


def _of_ravi():
    order = Order.objects.get(reference="5001")
    rows = (order, order.customer, *order.events.all(), *order.messages.all(), *Promise.objects.filter(order=order))
    return [{field.name: field.value_from_object(row) for field in row._meta.concrete_fields} for row in rows]


class TestAfterwards:
    def test_what_waited_is_not_sent_and_says_why(self):
        testing.RecordingBackend.refuse = TransientDeliveryError("later")
        testing.tell("order_placed", order_of_asha())
        testing.RecordingBackend.refuse = None
        privacy.erase(EMAIL)
        assert list(Message.objects.values_list("state", "reason", "recipient", "facts")) == [(State.SKIPPED, "erased", "", {})]

    def test_skipped_messages_are_told_to_the_shop(self, django_capture_on_commit_callbacks):
        heard = []
        signals.message_skipped.connect(lambda message, **_: heard.append(message.reason), weak=False, dispatch_uid="test")
        testing.RecordingBackend.refuse = TransientDeliveryError("later")
        testing.tell("order_placed", order_of_asha())
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(EMAIL)
        signals.message_skipped.disconnect(dispatch_uid="test")
        assert heard == ["erased"]

    def test_worker_that_is_sending_meanwhile_brings_nothing_back(self, clock):
        testing.RecordingBackend.refuse = TransientDeliveryError("later")
        testing.tell("order_placed", order_of_asha())
        clock.advance(minutes=5)
        token = workers.this_thread().begin()
        [message] = claims.claim(token, 10, "orders")
        privacy.erase(EMAIL)
        message.subject, message.state = "Thank you, Asha!", State.SENT
        outcomes.keep([message], token)
        assert traces(everything()) == []
        assert Message.objects.values_list("state", "reason").get() == (State.FAILED, "unknown")

    def test_later_facts_about_the_order_do_not_bring_her_back(self):
        testing.tell("order_placed", order_of_asha())
        privacy.erase(EMAIL)
        testing.forget()
        testing.tell("order_shipped", order_of_asha(), parcel=parcel())
        testing.tell("order_delayed", order_of_asha(), data={"latest": "2026-03-20", "earliest": "2026-03-20", "reason": "Asha asked"})
        assert traces(everything()) == []
        assert not testing.sent()
        assert set(Message.objects.exclude(kind="order_placed").values_list("state", "reason")) == {(State.SKIPPED, "erased")}
        assert Order.objects.get().status == Order.Status.SHIPPED

    def test_fact_that_was_told_before_and_is_processed_afterwards_does_not_either(self):
        testing.tell("order_placed", order_of_asha())
        events.record("order_paid", order_of_asha())
        privacy.erase(EMAIL)
        testing.settle()
        assert traces(everything()) == []
        assert Order.objects.get().status == Order.Status.PAID

    def test_order_that_nobody_had_opened_yet_is_opened_without_her(self):
        events.record("order_placed", order_of_asha())
        privacy.erase(EMAIL)
        testing.settle()
        assert traces(everything()) == []
        assert (Order.objects.get().number, Message.objects.get().reason) == ("1001", "erased")

    def test_fact_that_waits_in_a_file_is_found_too(self):
        testing.tell("order_placed", order_of_asha())
        event = OrderEvent(kind="order_paid", order_reference="1001", order_key="1001", event_key="x", occurred_at=app_clock.now(),
                           recorded_at=app_clock.now(), snapshot=order_of_asha().to_json())
        spool.keep(event)
        (spool.folder() / "half.unreadable").write_text('{"snapshot": {"customer": {"first_name": "Asha"')
        privacy.erase(EMAIL)
        assert list(spool.folder().iterdir()) == []
        assert OrderEvent.objects.filter(kind="order_paid").exists()
        assert traces(everything()) == []

    def test_new_order_makes_a_new_customer_who_is_written_to(self):
        testing.tell("order_placed", order_of_asha())
        privacy.erase(EMAIL)
        testing.forget()
        testing.tell("order_placed", order_of_asha("2001"))
        assert [mail.recipient for mail in testing.sent()] == [EMAIL]
        assert Customer.objects.filter(erased_at=None, email=EMAIL).count() == 1
        privacy.erase(EMAIL)
        assert traces(everything()) == []

    def test_address_on_an_old_list_gets_no_advertising(self, clock):
        live()
        privacy.erase(EMAIL)
        for address in (EMAIL, ALIAS):
            consents.grant(address, topic="marketing", where="import of 2025", words="Yes.", at=clock().replace(year=2025))
            assert not consents.has(address, "marketing")
        assert suppressions.suppressed([address_hash(EMAIL)]) == {address_hash(EMAIL): {"all"}}
        assert list(Suppression.objects.values_list("shown", "detail")) == [("", "")]

    def test_nobody_is_called_any_more_and_what_comes_later_is_a_new_conversation(self):
        live()
        privacy.erase(EMAIL)
        assert set(CallbackRequest.objects.values_list("state", "ending")) == {("not_needed", "erased")}
        [talk] = Conversation.objects.filter(customer__erased_at__isnull=False)
        assert (talk.closed_at is None, talk.last_number, talk.lines.count()) == (False, 1, 1)

    def test_who_only_asked_to_be_called_can_be_forgotten_too(self):
        calls.request("+911122334455", name="Asha", reason="It is Asha.")
        erased = privacy.erase("+911122334455")
        assert erased.calls == 1
        assert traces(everything()) == []

    def test_withdrawal_is_kept_with_where_it_came_from(self):
        testing.tell("order_placed", order_of_asha())
        privacy.erase(EMAIL)
        kept = Consent.objects.filter(address_hash=address_hash(EMAIL)).values_list("topic", "granted", "where", "customer")
        assert set(kept) == {(topic, False, "erased", None) for topic in ("marketing", "service", "tracking")}

    def test_retry_of_a_failure_finds_no_address(self):
        testing.RecordingBackend.refuse = TransientDeliveryError("later")
        testing.tell("order_placed", order_of_asha())
        Message.objects.update(state=State.FAILED)
        privacy.erase(EMAIL)
        testing.forget()
        call_command("comms_sweep")
        assert not testing.sent()


class TestWhoIsMeant:
    def test_letter_that_only_looks_the_same_is_somebody_else(self):
        testing.tell("order_placed", order_of_asha())
        with pytest.raises(UnknownPerson):
            privacy.erase("аsha@customers.example")  # а is Cyrillic
        assert Customer.objects.get().erased_at is None

    def test_both_spellings_of_a_domain_are_one(self):
        testing.tell("order_placed", order_of_asha(email=IDN))
        assert privacy.erase("asha@xn--bcher-kva.example").orders == 1

    def test_alias_is_another_address_unless_an_account_joins_them(self):
        testing.tell("order_placed", order_of_asha("1", EMAIL))
        testing.tell("order_placed", order_of_asha("2", ALIAS))
        assert privacy.erase(EMAIL).orders == 1

    def test_account_keeps_all_its_orders_when_its_address_changes(self):
        testing.tell("order_placed", order_of_asha("1", "old@customers.example", account="7"))
        testing.tell("order_placed", order_of_asha("2", "new@customers.example", account="7"))
        assert privacy.erase("new@customers.example").orders == 2
        assert "old@customers" not in everything()

    def test_former_address_names_nobody_but_says_whose_it_was(self):
        testing.tell("order_placed", order_of_asha("1", "old@customers.example", account="7"))
        testing.tell("order_placed", order_of_asha("2", "new@customers.example", account="7"))
        with pytest.raises(UnknownPerson, match="account 7"):
            privacy.erase("old@customers.example")

    def test_telephone_of_one_person_names_them(self):
        testing.tell("order_placed", order_of_asha())
        assert privacy.erase("(+91) 98765-43210").orders == 1

    def test_telephone_of_two_people_names_nobody(self):
        testing.tell("order_placed", order_of_asha(account="7"))
        testing.tell("order_placed", order_of_ravi())
        with pytest.raises(AmbiguousPerson, match=r"account 7, r…@c….example"):
            privacy.erase(PHONE)

    @pytest.mark.parametrize("nobody", ["", " ", "nobody@x.example", "12345678", "no such account", "%", "@"])
    def test_nobody_is_nobody(self, nobody):
        testing.tell("order_placed", order_of_asha())
        with pytest.raises(UnknownPerson):
            privacy.erase(nobody)


class TestCommand:
    def test_it_shows_and_erases(self, capsys):
        testing.tell("order_placed", order_of_asha(account="7"))
        call_command("comms_erase", EMAIL, "--yes")
        said = capsys.readouterr().out
        assert "account 7, a…@c….example, …10, known since 2026-03-02" in said
        assert "Erased: 1 customers, 1 orders, 1 events, 1 messages" in said
        assert EMAIL not in said
        assert traces(everything()) == []

    def test_dry_run_changes_nothing(self, capsys):
        testing.tell("order_placed", order_of_asha())
        before = everything()
        call_command("comms_erase", EMAIL, "--dry-run")
        assert "Found: 1 customers" in capsys.readouterr().out
        assert everything() == before

    def test_nothing_is_erased_unless_somebody_says_yes(self, monkeypatch):
        testing.tell("order_placed", order_of_asha())
        before = everything()
        with pytest.raises(CommandError, match="--yes"):
            call_command("comms_erase", EMAIL)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _question: "no")
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("comms_erase", EMAIL)
        assert everything() == before

    def test_nobody_ends_with_status_one(self):
        with pytest.raises(CommandError, match="Nothing is kept of this person") as error:
            call_command("comms_erase", "nobody@x.example", "--yes")
        assert error.value.returncode == 1


def test_thousands_of_messages_take_few_statements(django_assert_max_num_queries):
    testing.tell("order_placed", order_of_asha())
    message = Message.objects.get()
    Message.objects.bulk_create([
        Message(kind=message.kind, order=message.order, customer=message.customer, recipient=EMAIL, recipient_hash=message.recipient_hash,
                language="en", dedupe_key=f"{EMAIL}:{number}", state=State.SENT, due_at=message.due_at, facts=message.facts)
        for number in range(3_000)
    ])
    with django_assert_max_num_queries(120):
        assert privacy.erase(EMAIL).messages == 3_001
    assert traces(everything()) == []


KEPT = {
    "Customer": {"key", "language", "time_zone"},
    "Consent": {"address_hash", "channel", "topic", "where", "words", "language", "by"},
    "Suppression": {"key", "channel", "address_hash", "scope", "reason", "lifted_by"},
    "Order": {"key", "reference", "number", "site", "language", "time_zone", "currency", "snapshot", "status"},
    "Parcel": {"key", "reference", "carrier", "service", "tracking_number", "snapshot", "status"},
    "OrderEvent": {"event_key", "kind", "order_reference", "order_key", "source", "snapshot", "parcel", "data", "language", "state"},
    "Message": {"kind", "purpose", "lane", "language", "backend", "role", "dedupe_key", "state", "reason", "message_id", "lease_token",
                "provider", "provider_message_id", "text_source"},
    "Attempt": {"provider", "outcome"},
    "ProviderEvent": {"key", "provider", "kind", "provider_message_id", "state"},
    "Promise": {"source", "reason"},
    "Score": {"carrier", "service", "origin", "country", "first_source", "last_source", "told_stage", "telling"},
    "Lateness": {"key", "stage"},
    "Scan": {"key", "source", "told_from", "site", "carrier", "tracking_number", "status", "raw_status", "state"},
    "Tracking": {"status"},
    "Watch": {"key", "carrier", "zone", "stages"},
    "Outlook": set(),
    "CallbackRequest": {"key", "by", "language", "time_zone", "kind", "state", "ending"},
    "CallTry": {"outcome"},
    "Conversation": {"key", "language"},
    "ChatMessage": {"client_id", "author", "language"},
}
"""What may still be filled: numbers and codes, and texts out of which words were taken."""
BLANK = {
    "Customer": {"reference", "email", "phone", "first_name", "last_name", "channels", "chosen", "call_times"},
    "Consent": {"evidence"},
    "Suppression": {"shown", "detail"},
    "OrderEvent": {"error"},
    "Message": {"recipient", "recipient_hash", "recipient_name", "last_error", "answer", "facts", "subject", "words"},
    "Attempt": {"answer"},
    "ProviderEvent": {"detail"},
    "Score": {"region"},
    "Scan": {"text", "place"},
    "Tracking": {"place"},
    "Watch": {"lane", "place"},
    "CallbackRequest": {"number", "number_hash", "name", "wishes", "reason", "text", "script"},
    "CallTry": {"note"},
    "ChatMessage": {"text"},
}


NOBODYS = {
    "Template", "TemplateVersion", "Branding", "Rule", "Warehouse", "Carrier", "Zone", "Place", "Service", "Rate", "PickupPoint",
    "ClosedDay", "Peak", "Worker", "Pause", "Provider", "PollTurn", "Knowledge", "Tally", "TallyMonth", "DelayPolicy",
    "DeclaredDelay", "Outage", "CarrierDay", "DelayRound",
}
"""Tables without people; a provider's last error is searched for them."""
TEXTS = (models.CharField, models.TextField, models.JSONField)


@pytest.mark.parametrize("model", list(apps.get_app_config("ecommerce_comms").get_models()), ids=lambda model: model.__name__)
def test_every_text_is_known_to_be_harmless_or_made_blank(model):
    name = model.__name__
    texts = {field.name for field in model._meta.concrete_fields if isinstance(field, TEXTS)}
    assert name in NOBODYS or texts == KEPT[name] | BLANK.get(name, set())


@pytest.mark.parametrize("name", list(BLANK))
def test_what_is_said_to_be_blank_is(name):
    live()
    OrderEvent.objects.filter(order_reference="1001").update(error="Asha?")
    day = date(2026, 3, 1)
    Score.objects.create(order=Order.objects.get(reference="1001"), region="Uttar Pradesh", first_due=day, first_days=1, first_lead=1,
                         first_kept=True, last_due=day, last_days=1, last_lead=1)
    privacy.erase(EMAIL)
    rows = apps.get_model("ecommerce_comms", name).objects.filter(**OF_ASHA[name]).values(*BLANK[name])
    assert rows
    assert {str(value) for row in rows for value in row.values()} <= {"", "{}"}


OF_ASHA = {
    "Customer": {"erased_at__isnull": False},
    "Consent": {"address_hash": address_hash(EMAIL)},
    "Suppression": {"address_hash": address_hash(EMAIL)},
    "OrderEvent": {"order_reference__startswith": "10"},
    "Message": {"order__reference__startswith": "10"},
    "Attempt": {"message__order__reference__startswith": "10"},
    "ProviderEvent": {"provider": "p"},
    "Score": {"order__reference__startswith": "10"},
    "Scan": {"tracking_number": "BD1"},
    "Tracking": {"parcel__tracking_number": "BD1"},
    "Watch": {"order__reference__startswith": "10"},
    "CallbackRequest": {},
    "CallTry": {},
    "ChatMessage": {"conversation__customer__erased_at__isnull": False},
}


def test_journals_hold_no_person():
    testing.tell("order_placed", order_of_asha())
    assert traces("".join(path.read_text() for path in journal.folder().glob("*.journal"))) == []
