"""Facts are kept once, in the shop's own transaction, and never harm it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from ecommerce_comms import lifecycle, signals, sweeping, testing
from ecommerce_comms.exceptions import UnknownKind
from ecommerce_comms.messaging import delivery
from ecommerce_comms.models import Customer, Order, OrderEvent
from ecommerce_comms.orders import events, inserting, waker
from ecommerce_comms.snapshots import ParcelSnapshot


@pytest.fixture(autouse=True)
def shop(fake_shop, clock, settings, tmp_path):
    """Snapshots stand in for orders; what the database refuses is kept in a folder of the test's own."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "JOURNAL_DIR": str(tmp_path)}


@pytest.fixture
def broken_insert(monkeypatch):
    """The database refuses our row."""
    columns = ", ".join(["%s"] * len(inserting._FIELDS))
    monkeypatch.setattr(inserting, "_sql", lambda alias, vendor: f"INSERT INTO nowhere VALUES ({columns})")


@pytest.mark.django_db
class TestRecording:
    def test_the_same_fact_is_kept_once(self):
        assert events.record("order_placed", testing.order()) is not None
        assert events.record("order_placed", testing.order()) is None
        assert OrderEvent.objects.count() == 1

    def test_the_shops_own_key_decides_what_is_the_same(self):
        for key in ("capture-1", "capture-2", "capture-1"):
            events.record("order_refunded", testing.order(), event_key=key)
        assert OrderEvent.objects.count() == 2

    def test_references_that_differ_only_in_letter_case_are_two_orders(self):
        for reference in ("aB3", "Ab3"):
            testing.tell("order_placed", testing.order(reference))
        assert Order.objects.count() == 2

    @pytest.mark.parametrize(("kind", "parcels", "rows"), [
        ("order_shipped", ["A", "B", "A"], 2),
        ("order_shipped", [None, None], 1),
        ("order_delivered", ["A", "B"], 2),
        ("order_paid", ["A", "B"], 1),
    ])
    def test_what_makes_a_fact_the_same(self, kind, parcels, rows):
        for parcel in parcels:
            events.record(kind, testing.order(), parcel=parcel)
        assert OrderEvent.objects.count() == rows

    def test_a_fact_that_repeats_is_new_at_another_moment(self, clock):
        for hours in (0, 1, 1):
            events.record("delivery_failed", testing.order(), parcel="A", occurred_at=clock() + timedelta(hours=hours))
        assert OrderEvent.objects.count() == 2

    def test_unknown_kind_is_refused(self):
        with pytest.raises(UnknownKind, match="order_exploded"):
            events.record("order_exploded", testing.order())

    def test_naive_time_is_refused(self, clock):
        with pytest.raises(ValueError, match="naive"):
            events.record("order_placed", testing.order(), occurred_at=clock().replace(tzinfo=None))

    def test_order_that_was_never_saved_is_refused(self):
        with pytest.raises(ValueError, match="after the order is saved"):
            events.record("order_placed", Order(pk=7))

    @pytest.mark.parametrize(("arguments", "says"), [
        ({"occured_at": None}, "Did you mean 'occurred_at'?"),
        ({"parcel": {"reference": "A", "tracking": "X"}}, "no field of a parcel"),
        ({"parcel": {"reference": "A", 7: "X"}}, "no field of a parcel"),
        ({"occurred_at": "2026-11-22"}, "no aware datetime"),
    ])
    def test_slip_of_the_pen_is_told_and_the_fact_is_kept(self, caplog, arguments, says):
        signals.order_shipped.send(sender=None, order=testing.order(), **arguments)
        assert says in caplog.text
        assert OrderEvent.objects.count() == 1

    def test_signal_without_an_order_says_so(self, caplog):
        signals.order_shipped.send(sender=None)
        assert "without order=" in caplog.text

    def test_order_told_before_its_lines_were_saved_is_read_again(self):
        events.record("order_placed", testing.order(lines=()))
        testing.FakeOrderAdapter.shop["1001"] = testing.order()
        testing.settle()
        assert "Mug" in testing.sent()[0].text

    def test_customer_is_told_in_the_order_in_which_it_happened(self, clock):
        events.record("order_placed", testing.order(), occurred_at=clock())
        failed = events.record("payment_failed", testing.order(), occurred_at=clock() + timedelta(seconds=1))
        clock.advance(seconds=2)
        lifecycle.process_batch([failed])  # another worker has the earlier one, and this one sends at once
        delivery.deliver_due()
        testing.settle()
        assert [mail.kind for mail in testing.sent()] == ["order_placed", "payment_failed"]

    def test_rolled_back_order_leaves_no_event(self):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            raise ZeroDivisionError
        assert not OrderEvent.objects.exists()

    def test_inner_savepoint_rolled_back_leaves_no_event(self):
        with transaction.atomic(), pytest.raises(ZeroDivisionError), transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            raise ZeroDivisionError
        assert not OrderEvent.objects.exists()

    def test_it_adds_one_insert_to_the_shops_transaction(self, django_assert_num_queries):
        with transaction.atomic(), django_assert_num_queries(1):
            signals.order_placed.send(sender=None, order=testing.order())

    def test_known_fact_leaves_the_transaction_in_order(self):
        events.record("order_placed", testing.order())
        with transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            assert OrderEvent.objects.count() == 1  # the connection still answers


@pytest.mark.django_db
class TestTroubleOfOurs:
    def test_unreadable_order_is_kept_and_read_again(self, monkeypatch):
        order = testing.order()
        with monkeypatch.context() as broken:
            broken.setattr(testing.FakeOrderAdapter, "snapshot", lambda self, order: 1 / 0)
            signals.order_placed.send(sender=None, order=order)
        assert OrderEvent.objects.get().snapshot is None
        testing.FakeOrderAdapter.shop["1001"] = order
        testing.settle()
        assert [mail.kind for mail in testing.sent()] == ["order_placed"]

    def test_unreadable_order_is_given_up_in_the_end(self, clock):
        signals.order_placed.send(sender=None, order="gone")
        for _hour in range(30):
            clock.advance(hours=1)
            testing.settle()
        event = OrderEvent.objects.get()
        assert event.state == OrderEvent.State.FAILED
        assert event.error

    def test_adapter_that_breaks_the_transaction_does_not_break_the_checkout(self, monkeypatch):
        def broken_query(self, order):
            with connection.cursor() as cursor:
                cursor.execute("SELECT nothing FROM nowhere")

        monkeypatch.setattr(testing.FakeOrderAdapter, "snapshot", broken_query)
        with transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            assert not Order.objects.exists()  # the connection still answers
        assert OrderEvent.objects.count() == 1

    def test_insert_that_fails_does_not_break_the_checkout(self, broken_insert, caplog):
        with transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            assert not Order.objects.exists()
        assert "1001" in caplog.text

    def test_order_that_was_never_told_is_found(self, monkeypatch, clock):
        monkeypatch.setattr(sweeping, "installed_at", lambda: clock() - timedelta(days=30))
        testing.FakeOrderAdapter.shop["77"] = testing.order("77")
        assert sweeping.reconcile() == 1
        testing.settle()
        assert [mail.kind for mail in testing.sent()] == ["order_placed"]
        assert sweeping.reconcile() == 0

    def test_orders_from_before_the_installation_are_left_alone(self, monkeypatch, clock):
        monkeypatch.setattr(sweeping, "installed_at", lambda: clock() + timedelta(minutes=1))
        testing.FakeOrderAdapter.shop["77"] = testing.order("77")
        assert sweeping.reconcile() == 0

    def test_event_that_fails_in_processing_waits_and_succeeds_later(self, monkeypatch, clock):
        with monkeypatch.context() as broken:
            broken.setattr("ecommerce_comms.shipping.promises.at_order", lambda *_: 1 / 0)
            testing.tell("order_placed", testing.order())
        assert not testing.sent()
        assert "ZeroDivisionError" in OrderEvent.objects.get().error
        clock.advance(minutes=5)
        testing.settle()
        assert len(testing.sent()) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
class TestOtherDatabase:
    def test_order_of_another_database_is_kept_after_its_commit_only(self, monkeypatch):
        monkeypatch.setattr(testing.FakeOrderAdapter, "database", lambda self, order: "other")
        with pytest.raises(ZeroDivisionError), transaction.atomic(using="other"):
            signals.order_placed.send(sender=None, order=testing.order("1"))
            raise ZeroDivisionError
        with transaction.atomic(using="other"):
            signals.order_placed.send(sender=None, order=testing.order("2"))
            assert not OrderEvent.objects.exists()
        assert [event.order_reference for event in OrderEvent.objects.all()] == ["2"]


@pytest.mark.django_db(transaction=True)
class TestShopThatCommitsByHand:
    @pytest.fixture(autouse=True)
    def by_hand(self):
        transaction.set_autocommit(False)
        Customer.objects.create(key="whatever the shop has written before")
        yield
        transaction.rollback()
        transaction.set_autocommit(True)

    def test_fact_is_kept_with_the_commit(self, caplog):
        signals.order_placed.send(sender=None, order=testing.order())
        transaction.commit()
        transaction.set_autocommit(True)
        assert OrderEvent.objects.count() == 1
        assert "could not be recorded" not in caplog.text

    def test_fact_is_gone_with_the_rollback(self):
        signals.order_placed.send(sender=None, order=testing.order())
        transaction.rollback()
        assert not OrderEvent.objects.exists()

    def test_insert_that_fails_does_not_break_the_checkout(self, broken_insert, caplog):
        signals.order_placed.send(sender=None, order=testing.order())
        assert "could not be recorded" in caplog.text
        assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestEager:
    @pytest.fixture(autouse=True)
    def eager(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "WAKER": "thread"}
        waker.app().conf.task_always_eager = True
        yield
        waker.app().conf.task_always_eager = False

    def test_everything_happens_right_after_the_commit(self):
        with transaction.atomic():
            signals.order_placed.send(sender=None, order=testing.order())
            assert not testing.sent()
        assert [mail.kind for mail in testing.sent()] == ["order_placed"]

    def test_failure_does_not_reach_the_checkout(self, monkeypatch, caplog):
        monkeypatch.setattr("ecommerce_comms.shipping.promises.at_order", lambda *_: 1 / 0)
        signals.order_placed.send(sender=None, order=testing.order())
        assert "ZeroDivisionError" in caplog.text


def test_parcel_forms(clock):
    adapter = testing.FakeOrderAdapter()
    for given in ("A", {"reference": "A"}, ParcelSnapshot(reference="A")):
        assert adapter.parcel(given).reference == "A"
