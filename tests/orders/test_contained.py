"""Whatever fails between the shop's statements, its transaction goes on; and it costs no statement more than it must."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction

from ecommerce_comms import signals
from ecommerce_comms.models import OrderEvent
from ecommerce_comms.orders import contained
from ecommerce_comms.orders.contained import contain
from tests.hosts.plain.models import PlainItem, PlainOrder

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = ["SELECT nothing FROM nowhere", "SELCT 1", "SELECT 1 % 0 FROM"]


def ask(sql="SELECT 1", parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


@pytest.fixture
def order(clock):
    made = PlainOrder.objects.create(order_no="1", created=clock(), email="asha@customers.example")
    PlainItem.objects.create(order=made, article_no="mug", label="Mug", amount=Decimal(1))
    return made


def test_signal_costs_one_read_and_one_insert(order, django_assert_num_queries):
    with transaction.atomic():
        with django_assert_num_queries(2):
            signals.order_placed.send(sender=None, order=order)
        assert OrderEvent.objects.get().snapshot["lines"][0]["title"] == "Mug"
    assert OrderEvent.objects.count() == 1


def test_signal_may_be_the_first_thing_in_a_transaction(order):
    with transaction.atomic():
        signals.order_placed.send(sender=None, order=order)
    assert OrderEvent.objects.count() == 1


def test_signal_without_a_transaction_is_kept_at_once(order, django_assert_num_queries):
    with django_assert_num_queries(2):
        signals.order_placed.send(sender=None, order=order)
    assert OrderEvent.objects.count() == 1


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("before", [0, 1])
def test_failed_statement_leaves_the_transaction_in_order(wrong, before):
    with transaction.atomic():
        get_user_model().objects.create(username="the shop's own")
        place = contain("default")
        with pytest.raises(DatabaseError), place.hold():
            for _time in range(before):
                ask()
            ask(wrong)
        with place.hold(last=True):
            get_user_model().objects.filter(username="the shop's own").update(first_name="Asha")
        assert ask() == (1,)
    assert get_user_model().objects.get().first_name == "Asha"


def test_error_that_was_kept_quiet_does_no_harm_either():
    with transaction.atomic():
        place = contain("default")
        try:
            with place.hold():
                try:
                    ask("SELECT nothing FROM nowhere")
                except DatabaseError:
                    pass
        except DatabaseError:
            pass  # PostgreSQL needs the way back; the others need nothing
        with place.hold(last=True):
            ask()
        assert ask() == (1,)


def test_inner_transaction_of_the_adapter_is_its_own_affair():
    get_user_model().objects.create(username="a")
    with transaction.atomic():
        place = contain("default")
        with place.hold():
            with pytest.raises(IntegrityError), transaction.atomic():
                get_user_model().objects.create(username="a")
            with transaction.atomic():
                get_user_model().objects.create(username="b")
        with place.hold(last=True):
            ask()
    assert get_user_model().objects.count() == 2


def test_write_of_a_failed_block_is_undone_where_the_database_can():
    with transaction.atomic():
        place = contain("default")
        with pytest.raises(ZeroDivisionError), place.hold():
            ask()
            raise ZeroDivisionError
        with place.hold(last=True):
            get_user_model().objects.filter(username="nobody").update(first_name="x")
        assert ask() == (1,)


def test_rows_are_read_in_bites_and_written_in_bulk():
    with transaction.atomic():
        place = contain("default")
        with place.hold():
            list(get_user_model().objects.iterator(chunk_size=1))
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE auth_user SET first_name = %s WHERE username = %s", [("a", "b"), ("c", "d")])
        with place.hold(last=True):
            ask()
        assert ask() == (1,)


def test_transaction_that_the_database_ended_stays_broken(monkeypatch):
    monkeypatch.setattr(contained.Statements, "_stands", lambda self, error: False)
    with transaction.atomic():
        with pytest.raises(DatabaseError), contained.Statements(connection).hold():
            raise DatabaseError(1213, "Deadlock found")
        assert connection.needs_rollback
        transaction.set_rollback(True)


@pytest.mark.parametrize(("error", "stands"), [(DatabaseError(1213, "Deadlock"), False), (DatabaseError(1062, "Duplicate"), True)])
def test_deadlock_of_mysql_ends_everything_and_a_duplicate_nothing(error, stands):
    class MySQL:
        vendor = "mysql"

    assert contained.Statements(MySQL())._stands(error) is stands


def test_work_after_the_commit_waits_for_it():
    done = []
    with transaction.atomic():
        contained.after_commit(lambda: done.append(1), "default")
        assert not done
    assert done == [1]
    contained.after_commit(lambda: done.append(2), "default")
    assert done == [1, 2]
