"""The call list in the admin: whom to call, what to say, what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.contact import calls, working
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.messaging.models import Message
from tests.contact.conftest import NUMBER

pytestmark = pytest.mark.django_db
State = CallbackRequest.State
SCRIPT = {
    "about": "Your parcel is late", "language": "en", "who": "Asha Sharma", "opening": "Good day, this is the shop.",
    "say": ["Your parcel comes on Wed 11 March."], "facts": [["Order", "1001"]], "offer": "See your order", "ask": "Is that all right?",
    "link": "https://shop.example/orders/1001", "closing": "Thank you, goodbye.", "voicemail": "Please call us about order 1001.",
}


def allowed(user, *names):
    user.user_permissions.add(*Permission.objects.filter(codename__in=names, content_type__app_label="ecommerce_comms"))
    return user


@pytest.fixture
def staff(client, mira):
    """Mira's browser; she may work off the list."""
    client.force_login(allowed(mira, "work_call_list"))
    return client


def address(name, *args):
    return reverse(f"admin:ecommerce_comms_{name}", args=args)


def read(client, name, *args):
    response = client.get(address(name, *args))
    assert response.status_code == 200
    return response.content.decode()


def post(client, name, item, **data):
    return client.post(address(name, item.pk), data, follow=True).content.decode()


class TestList:
    def test_empty_list_says_so(self, staff):
        assert "Nobody is to be called." in read(staff, "calls")

    def test_it_shows_who_about_what_and_until_when(self, staff, call):
        call()
        text = read(staff, "calls")
        for said in ("To call now (1)", "Asha Sharma", "Order delayed", "order 1001", "until 18:00", "English"):
            assert said in text

    def test_no_number_before_the_call_is_taken(self, staff, call):
        item = call()
        assert NUMBER not in read(staff, "calls")
        assert NUMBER not in read(staff, "call", item.pk)

    def test_time_of_a_customer_elsewhere_is_told(self, staff, call, clock):
        item = call()
        CallbackRequest.objects.filter(pk=item.pk).update(time_zone="Europe/Berlin", call_after=clock() + timedelta(hours=3))
        text = read(staff, "calls")
        assert "not before 13:00" in text
        assert "08:30 their time" in text

    def test_urgent_ones_come_first_and_then_what_ends_soonest(self, staff, call):
        call("order_paid", recipient_name="Calm")
        call("order_delayed", recipient_name="Soon")
        calls.request("+911122334455", name="Wisher")
        text = read(staff, "calls")
        assert text.index("Wisher") < text.index("Soon") < text.index("Calm")

    def test_what_is_no_longer_needed_is_gone(self, staff, call):
        call()
        testing.tell("order_cancelled", "1001")
        assert "Nobody is to be called." in read(staff, "calls")

    def test_what_others_have_is_shown_with_their_name(self, staff, call, dev):
        working.take(call(), dev)
        text = read(staff, "calls")
        assert "Others are calling" in text
        assert "dev" in text

    def test_long_list_takes_few_queries(self, staff, call, clock, django_assert_max_num_queries):
        item = call()
        CallbackRequest.objects.bulk_create([
            CallbackRequest(key=f"x{number}", order=item.order, name="Asha", call_after=clock(), call_before=clock() + timedelta(hours=1))
            for number in range(150)
        ])
        with django_assert_max_num_queries(20):
            assert "51 more come up when these are done" in read(staff, "calls")

    def test_index_counts_what_is_to_be_called(self, staff, call, client):
        call()
        assert "Call list: 1 to call now" in client.get("/admin/ecommerce_comms/").content.decode()


class TestCall:
    def test_taking_shows_the_number_and_the_script(self, staff, call):
        item = call()
        CallbackRequest.objects.filter(pk=item.pk).update(script=SCRIPT)
        text = post(staff, "call_take", item)
        for said in (f'href="tel:{NUMBER}"', "Good day, this is the shop.", "Your parcel comes on Wed 11 March.", "Is that all right?",
                     "Please call us about order 1001.", "https://shop.example/orders/1001"):
            assert said in text

    def test_script_without_parts_is_shown_as_it_is(self, staff, call):
        item = call()
        CallbackRequest.objects.filter(pk=item.pk).update(script={})
        assert item.text.splitlines()[0].strip() in post(staff, "call_take", item)

    def test_order_leads_to_its_timeline_for_who_may_see_it(self, staff, call, mira):
        item = call()
        link = reverse("admin:ecommerce_comms_order_change", args=[item.order_id])
        assert link not in read(staff, "call", item.pk)
        allowed(mira, "view_order")
        assert link in read(staff, "call", item.pk)

    def test_second_person_is_told_who_has_it(self, staff, call, dev):
        item = call()
        working.take(item, dev)
        assert "dev has it." in post(staff, "call_take", item)
        text = read(staff, "call", item.pk)
        assert "dev has this call since" in text
        assert NUMBER not in text

    def test_early_call_needs_a_word_of_its_own(self, staff, call, clock):
        item = call()
        CallbackRequest.objects.filter(pk=item.pk).update(call_after=clock() + timedelta(hours=3))
        assert "Take it now all the same" in read(staff, "call", item.pk)
        assert "time has not come" in post(staff, "call_take", item)
        assert f"tel:{NUMBER}" in post(staff, "call_take", item, early="1")

    def test_outcome_is_noted_with_its_note(self, staff, call, mira):
        item = call()
        post(staff, "call_take", item)
        assert "Noted. This call is done." in post(staff, "call_outcome", item, outcome="reached", number="1", note="All well")
        assert CallTry.objects.values_list("outcome", "note", "by").get() == ("reached", "All well", mira.pk)
        assert Message.objects.get(pk=item.message_id).state == Message.State.DELIVERED
        assert "All well" in read(staff, "call", item.pk)

    def test_double_click_is_one_call(self, staff, call):
        item = call()
        post(staff, "call_take", item)
        for _click in range(2):
            text = post(staff, "call_outcome", item, outcome="no_answer", number="1")
        assert "It comes up again on 14:00" in text
        assert CallTry.objects.count() == 1

    def test_time_to_call_again_is_by_the_customers_clock(self, staff, call):
        item = call()
        CallbackRequest.objects.filter(pk=item.pk).update(time_zone="Europe/Berlin")
        post(staff, "call_take", item)
        post(staff, "call_outcome", item, outcome="again", number="1", again_at="2026-03-03T10:00")
        item.refresh_from_db()
        assert item.call_after.isoformat() == "2026-03-03T09:00:00+00:00"

    @pytest.mark.parametrize(("told", "complaint"), [
        ("", "Say when the customer wants to be called again."), ("tomorrow", "Write day and time"), ("2020-01-01T10:00", "must lie ahead"),
    ])
    def test_time_that_makes_no_sense_is_refused_and_what_was_written_stays(self, staff, call, told, complaint):
        item = call()
        post(staff, "call_take", item)
        text = post(staff, "call_outcome", item, outcome="again", number="1", again_at=told, note="Prefers evenings")
        assert complaint in text
        assert "Prefers evenings" in text
        assert not CallTry.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"outcome": "sold", "number": "1"}, {"outcome": "reached", "number": "x"}])
    def test_nonsense_changes_nothing(self, staff, call, data):
        item = call()
        post(staff, "call_take", item, **data)
        staff.post(address("call_outcome", item.pk), data)
        assert not CallTry.objects.exists()

    def test_item_can_be_put_back(self, staff, call):
        item = call()
        post(staff, "call_take", item)
        assert "It is back on the list." in post(staff, "call_back", item)
        item.refresh_from_db()
        assert item.state == State.WAITING

    def test_call_that_became_needless_meanwhile_says_so(self, staff, call):
        item = call()
        post(staff, "call_take", item)
        testing.tell("order_cancelled", "1001")
        assert "This call is no longer needed: the order was cancelled." in read(staff, "call", item.pk)

    def test_what_customers_wrote_is_shown_and_not_run(self, staff):
        item = calls.request(NUMBER, name="<b>Asha</b>", reason="<script>alert(1)</script>")
        for page in (read(staff, "calls"), read(staff, "call", item.pk)):
            assert "<script>alert" not in page
            assert "<b>Asha" not in page
            assert "&lt;script&gt;alert(1)" in page

    def test_history_of_the_admin_names_nobody(self, staff, call):
        item = call()
        post(staff, "call_take", item)
        post(staff, "call_outcome", item, outcome="reached", number="1", note="Asha")
        assert list(LogEntry.objects.values_list("object_repr", "change_message")) == [("Order delayed", "Called: reached.")]


class TestWhoMay:
    @pytest.mark.parametrize("name", ["calls", "call", "call_take", "call_back", "call_outcome"])
    def test_only_who_works_off_the_list(self, client, call, dev, name):
        item = call()
        client.force_login(allowed(dev, "view_callbackrequest"))
        ask = client.get if name in ("calls", "call") else client.post
        assert ask(address(name, *([] if name == "calls" else [item.pk]))).status_code == 403

    @pytest.mark.parametrize("name", ["call_take", "call_back", "call_outcome"])
    def test_nothing_happens_by_a_link(self, staff, call, name):
        assert staff.get(address(name, call().pk)).status_code == 405

    def test_nothing_happens_without_the_forms_token(self, call, mira):
        item = call()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(allowed(mira, "work_call_list"))
        assert browser.post(address("call_take", item.pk)).status_code == 403

    def test_who_is_gone_is_not_found(self, staff):
        assert staff.get(address("call", 999)).status_code == 404

    def test_stranger_is_sent_to_sign_in(self, client):
        assert "/login/" in client.get(address("calls")).url

    def test_index_shows_the_way_to_nobody_else(self, client):
        client.force_login(allowed(User.objects.create_user("viewer", is_staff=True), "view_callbackrequest"))
        assert "Call list" not in client.get("/admin/ecommerce_comms/").content.decode()
