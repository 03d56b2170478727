"""The message log is found through quickly, however long it is."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.admin import lists
from ecommerce_comms.messaging.models import Attempt, Message, Provider
from ecommerce_comms.models import Order, Parcel

pytestmark = pytest.mark.django_db
LIST = "admin:ecommerce_comms_message_changelist"
numbers = count()


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def message(clock, recipient="asha@customers.example", **values):
    """A message that was sent."""
    usual = {"kind": "order_placed", "language": "en", "state": "sent", "due_at": clock(), "sent_at": clock(),
             "message_id": f"m{next(numbers)}@shop.example"}
    return Message(recipient=recipient, recipient_hash=address_hash(recipient), dedupe_key=f"k{next(numbers)}", **{**usual, **values})


def listed(client, **query):
    """Keys of the messages on the first page."""
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    return [row.pk for row in response.context_data["cl"].result_list]


class TestSearch:
    @pytest.fixture
    def found(self, clock):
        order = Order.objects.create(key="1001", reference="1001", number="LH-1001", language="en", time_zone="UTC")
        Parcel.objects.create(order=order, key="1001:1", reference="1", tracking_number="BD123456789")
        Message.objects.bulk_create([message(clock, "bela@customers.example"),
                                     message(clock, order=order, provider_message_id="pm-77", message_id="abc@shop.example")])
        return Message.objects.get(order=order)

    @pytest.mark.parametrize("term", [
        "asha@customers.example", " Asha@Customers.Example ", "LH-1001", "lh-1001", "BD123456789", "abc@shop.example", "<abc@shop.example>",
        "pm-77",
    ])
    def test_it_finds_by(self, merchant, found, term):
        assert listed(merchant, q=term) == [found.pk]

    @pytest.mark.parametrize("term", ["asha", "1001", "customers.example", "%", "nobody@customers.example"])
    def test_parts_find_nothing_and_harm_nothing(self, merchant, found, term):
        assert listed(merchant, q=term) == []

    def test_no_search_lists_everything(self, merchant, found):
        assert len(listed(merchant, q=" ")) == 2


class TestTries:
    def row(self, client):
        """What the list says of its only message."""
        text = client.get(reverse(LIST)).content.decode()
        cells = [re.search(rf'field-{name}">(.*?)</td>', text, re.DOTALL)[1] for name in ("tried", "became")]
        return [re.sub("<[^>]+>", "", cell.replace("<br>", "; ")) for cell in cells]

    def test_what_was_never_tried_says_so(self, merchant, clock):
        Message.objects.bulk_create([message(clock, state="queued", sent_at=None)])
        assert self.row(merchant) == ["not tried", "ready to send"]

    def test_what_was_refused_says_how_often_and_why(self, merchant, clock):
        error = "No connection: ConnectionRefusedError: [Errno 111] Connection refused"
        Message.objects.bulk_create([message(clock, state="queued", sent_at=None, attempts=2, last_error=error)])
        for number in (1, 2):
            Attempt.objects.create(message=Message.objects.get(), number=number, ended_at=clock(), outcome="transient", answer=error)
        assert self.row(merchant) == ["2 tries", "ready to send; The mail server could not be reached."]

    def test_those_before_it_was_put_into_the_queue_again_count_too(self, merchant, clock):
        Message.objects.bulk_create([message(clock, state="failed", sent_at=None, attempts=1, last_error="550 no", reason="refused")])
        Attempt.objects.create(message=Message.objects.get(), number=1, ended_at=clock(), outcome="permanent", answer="550 no")
        outbox.retry(Message.objects.all())
        assert self.row(merchant) == ["1 try", "ready to send; The mail server refused it for good."]

    def test_what_was_accepted_at_once_was_tried_once(self, merchant, clock):
        Message.objects.bulk_create([message(clock, attempts=1)])
        assert self.row(merchant) == ["1 try", "sent"]

    def test_many_with_many_tries_take_one_query_more(self, merchant, clock, django_assert_max_num_queries):
        Message.objects.bulk_create([message(clock, state="queued", sent_at=None) for _ in range(30)])
        for row in Message.objects.all():
            Attempt.objects.create(message=row, number=1, ended_at=clock(), outcome="transient", answer="451")
        with django_assert_max_num_queries(8):
            listed(merchant)


class TestTo:
    @pytest.mark.parametrize(("values", "said"), [
        ({}, "asha@customers.example"), ({"backend": "phone", "recipient": "+919830012345"}, "+919830012345; phone call"),
        ({"role": "receiver"}, "asha@customers.example; receiver"),
    ])
    def test_channel_and_role_are_told_where_they_are_unusual(self, merchant, clock, values, said):
        Message.objects.bulk_create([message(clock, **values)])
        cell = re.search(r'field-to">(.*?)</td>', merchant.get(reverse(LIST)).content.decode(), re.DOTALL)[1]
        assert re.sub("<[^>]+>", "", cell.replace("<br>", "; ")) == said


class TestFilters:
    @pytest.mark.parametrize(("asked", "found"), [
        ({"backend": "sms"}, ["sms"]), ({"role": "receiver"}, ["sms"]), ({"role": "customer"}, ["email"]),
        ({"role": "odd"}, ["email", "sms"]),
    ])
    def test_channel_and_role_narrow_the_list(self, merchant, clock, settings, asked, found):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "BACKENDS": testing.CHANNELS}
        Message.objects.bulk_create([message(clock), message(clock, backend="sms", role="receiver")])
        assert sorted(Message.objects.filter(pk__in=listed(merchant, **asked)).values_list("backend", flat=True)) == found

    def test_each_narrows_the_list(self, merchant, clock):
        Provider.objects.create(name="brevo")
        odd = {"state": "failed", "reason": "refused", "kind": "order_paid", "purpose": "service", "provider": "brevo", "language": "hi",
               "possible_duplicate": True}
        Message.objects.bulk_create([message(clock), message(clock, **odd)])
        one = Message.objects.get(state="failed").pk
        for query in ({"state__exact": "failed"}, {"reason": "refused"}, {"kind": "order_paid"}, {"purpose__exact": "service"},
                      {"provider": "brevo"}, {"language": "hi"}, {"possible_duplicate__exact": "1"}):
            assert listed(merchant, **query) == [one], query

    def test_days_include_both_ends_in_the_shops_own_time(self, merchant, clock):
        # 10:00 on 2 March in Kolkata, where Django shows times in.
        Message.objects.bulk_create([message(clock, due_at=clock() + timedelta(hours=hours)) for hours in (-10.5, -9.5, 13.5, 14.5)])
        first, early, late, last = Message.objects.order_by("due_at").values_list("pk", flat=True)
        assert listed(merchant, **{"from": "2026-03-02", "until": "2026-03-02"}) == [late, early]
        assert listed(merchant, **{"from": "2026-03-03"}) == [last]
        assert listed(merchant, until="2026-03-01") == [first]

    @pytest.mark.parametrize("day", ["", "yesterday", "2026-02-31", "0001-01-01", "9999-12-31", "2026-03-02T10:00"])
    def test_day_that_is_none_is_passed_over(self, merchant, clock, day):
        Message.objects.bulk_create([message(clock)])
        assert len(listed(merchant, **{"from": day, "until": day})) == 1

    def test_days_and_other_filters_are_kept_together(self, merchant, clock):
        text = merchant.get(reverse(LIST), {"from": "2026-03-01", "state__exact": "failed", "q": "<b>"}).content.decode()
        assert '<input type="hidden" name="state__exact" value="failed">' in text
        assert 'name="from" value="2026-03-01"' in text
        assert "?from=2026-03-01&amp;q=%3Cb%3E&amp;state__exact=sent" in text


class TestSpeed:
    def test_no_query_of_the_first_page_counts_or_reads_the_whole_table(self, merchant, clock, django_assert_max_num_queries):
        Message.objects.bulk_create([message(clock) for _ in range(300)])
        with django_assert_max_num_queries(8) as asked:
            assert len(listed(merchant)) == 100
        mine = [query["sql"] for query in asked if "comms_message" in query["sql"]]
        assert mine
        assert [sql for sql in mine if "LIMIT" not in sql or "DISTINCT" in sql] == []
        assert [sql for sql in mine if '"facts"' in sql or "`facts`" in sql] == []

    def test_it_does_not_count_beyond_what_anybody_turns_to(self, merchant, clock, monkeypatch):
        monkeypatch.setattr(lists, "MOST", 150)
        Message.objects.bulk_create([message(clock) for _ in range(300)])
        response = merchant.get(reverse(LIST))
        assert response.context_data["cl"].result_count == 151
        assert "Only the newest 150 are listed" in response.content.decode()

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plans")
    @pytest.mark.parametrize("query", [{}, {"q": "asha@customers.example"}, {"q": "LH-1"}, {"state__exact": "failed"}])
    def test_postgresql_answers_the_first_page_from_indexes(self, merchant, clock, query, django_assert_max_num_queries):
        Message.objects.bulk_create([message(clock, f"u{number}@customers.example") for number in range(20_000)], batch_size=2000)
        Message.objects.bulk_create([message(clock, state="failed"), message(clock)])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE ecommerce_comms_message")
        with django_assert_max_num_queries(10) as asked:
            listed(merchant, **query)
        with connection.cursor() as cursor:
            for sql in [each["sql"] for each in asked if 'FROM "ecommerce_comms_message"' in each["sql"]]:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Seq Scan on ecommerce_comms_message" not in plan, f"{sql}\n{plan}"
