"""The mark of a sending thread reaches its row in the shortest way, and tells when the claim is gone."""

from __future__ import annotations

import pytest
from django.db import connection

from ecommerce_comms.messaging.models import Worker
from ecommerce_comms.messaging.sending.marking import Marker

pytestmark = pytest.mark.django_db

on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL prepares the statement")
TOKEN = "t" * 32


@pytest.fixture
def row():
    return Worker.objects.create(name="worker", kind=Worker.Kind.SENDER, host="host", token=TOKEN)


@pytest.fixture
def mark():
    return Marker("position")


def position(row):
    return Worker.objects.values_list("position", flat=True).get(pk=row.pk)


def test_mark_is_in_the_row(row, mark):
    assert mark(7, row.pk, TOKEN) and mark(8, row.pk, TOKEN)
    assert position(row) == 8


def test_claim_that_was_taken_away_is_told(row, mark):
    assert not mark(7, row.pk, "another")
    assert position(row) == 0


def test_moments_are_kept(row, clock):
    ops = connection.ops
    mark = Marker("position", "seen_at")
    assert mark(7, ops.adapt_datetimefield_value(clock()), row.pk, TOKEN)
    assert Worker.objects.get(pk=row.pk).seen_at == clock()


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_mark_goes_on_where_a_pooler_deals_out_another_connection(row, mark):
    assert mark(7, row.pk, TOKEN)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert mark(8, row.pk, TOKEN) and mark(9, row.pk, TOKEN)
    assert position(row) == 9


@pytest.mark.django_db(transaction=True)
def test_mark_takes_the_new_connection_after_the_old_one_was_closed(row, mark):
    assert mark(7, row.pk, TOKEN)
    connection.close()
    assert mark(8, row.pk, TOKEN)
    assert position(row) == 8
