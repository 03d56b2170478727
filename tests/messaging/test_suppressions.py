"""An address is suppressed once, however it is written and however many find out at once; a merchant may allow it again."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections

from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.orders.locking import again_after_deadlock

ASHA = address_hash("asha@customers.example")
Reason, Scope = suppressions.Reason, suppressions.Scope


@pytest.fixture(autouse=True)
def time(clock):
    """Stands still."""


@pytest.mark.django_db
class TestSuppressions:
    def test_each_reason_has_its_scope(self):
        for reason in Reason:
            assert suppressions.suppress(address_hash(f"{reason}@customers.example"), reason)
        scopes = {row.reason: row.scope for row in Suppression.objects.all()}
        assert scopes == {"bounced": "all", "complained": "marketing", "unsubscribed": "marketing", "merchant": "all"}

    def test_second_time_is_no_news_and_changes_nothing(self, clock):
        assert suppressions.suppress(ASHA, Reason.BOUNCED, detail="first")
        began = clock()
        clock.advance(days=1)
        assert not suppressions.suppress(ASHA, Reason.BOUNCED, detail="second")
        assert (Suppression.objects.get().since, Suppression.objects.get().detail) == (began, "first")

    def test_scopes_and_channels_stand_beside_each_other(self):
        suppressions.suppress(ASHA, Reason.BOUNCED)
        suppressions.suppress(ASHA, Reason.COMPLAINED)
        suppressions.suppress(ASHA, Reason.MERCHANT, channel="sms")
        assert suppressions.suppressed([ASHA]) == {ASHA: {Scope.ALL, Scope.MARKETING}}
        assert suppressions.suppressed([ASHA], "sms") == {ASHA: {Scope.ALL}}

    def test_no_address_is_not_suppressed(self):
        assert not suppressions.suppress("", Reason.BOUNCED)
        assert suppressions.suppressed(["", ASHA]) == {}

    def test_one_query_whatever_the_number(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            suppressions.suppressed_addresses([f"p{number}@customers.example" for number in range(500)])

    def test_address_is_found_however_it_is_written(self):
        suppressions.suppress(address_hash("Asha@Bücher.example"), Reason.BOUNCED)
        spellings = ["asha@bücher.example", " ASHA@BÜCHER.EXAMPLE", "asha@xn--bcher-kva.example"]
        assert suppressions.suppressed_addresses([*spellings, "bina@bücher.example"]) == {each: {Scope.ALL} for each in spellings}

    def test_address_is_found_under_an_older_key(self, settings):
        suppressions.suppress(address_hash("asha@customers.example"), Reason.BOUNCED)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
        assert suppressions.suppressed_addresses(["asha@customers.example"]) == {"asha@customers.example": {Scope.ALL}}

    def test_addresses_in_the_detail_are_masked(self):
        suppressions.suppress(ASHA, Reason.BOUNCED, detail="550 <asha@customers.example> unknown" + "x@y.example " * 9000)
        assert "asha@" not in Suppression.objects.get().detail

    def test_lifted_address_may_be_written_to_and_the_trail_stays(self, clock):
        suppressions.suppress(ASHA, Reason.BOUNCED)
        pk = Suppression.objects.get().pk
        assert suppressions.lift(pk, "Meera") and not suppressions.lift(pk, "Meera")
        assert suppressions.suppressed([ASHA]) == {}
        assert (Suppression.objects.get().lifted_at, Suppression.objects.get().lifted_by) == (clock(), "Meera")

    def test_only_what_happened_after_the_lifting_suppresses_again(self, clock):
        suppressions.suppress(ASHA, Reason.BOUNCED)
        suppressions.lift(Suppression.objects.get().pk, "Meera")
        lifted = clock()
        clock.advance(days=1)
        assert not suppressions.suppress(ASHA, Reason.BOUNCED, at=lifted - timedelta(minutes=1))
        uid = uuid4()
        assert suppressions.suppress(ASHA, Reason.BOUNCED, detail="again", message_uid=uid)
        row = Suppression.objects.get()
        assert (row.lifted_at, row.since, row.message_uid) == (None, clock(), uid)
        assert row.detail == "again (allowed again by Meera on 2026-03-02)"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite" and connection.settings_dict["NAME"] == ":memory:", reason="needs a shared database")
def test_of_many_that_find_out_at_once_one_has_the_news():
    news, start = [], threading.Barrier(8)

    def find_out():
        start.wait()
        try:
            news.append(again_after_deadlock(suppressions.suppress)(ASHA, Reason.BOUNCED))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=find_out) for _time in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(news) == [False] * 7 + [True]
    assert Suppression.objects.count() == 1
