"""One message once more, and all that was given up: seen before it is sent, sent once, and never to who must not get it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.messaging import resending
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.models import Customer, Order

pytestmark = pytest.mark.django_db
State = Message.State
FAILURES = "admin:ecommerce_comms_message_failures"


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """Snapshots stand in for orders."""


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


@pytest.fixture
def message():
    """A message that went out."""
    testing.tell("order_placed", testing.order("1001"))
    return Message.objects.get()


@pytest.fixture
def failed(clock):
    """Three messages that were given up."""
    testing.RecordingBackend.refuse = PermanentDeliveryError("550 no")
    for number in range(3):
        testing.tell("order_placed", testing.order(str(number)))
    testing.RecordingBackend.refuse = None
    assert Message.objects.filter(state=State.FAILED).count() == 3
    return list(Message.objects.order_by("pk"))


def helper(client):
    """Somebody who may look, and may send something once more."""
    content_type = ContentType.objects.get_for_model(Message)
    Permission.objects.get_or_create(codename="resend_message", content_type=content_type, defaults={"name": "resend"})
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_message", "resend_message")))
    client.force_login(user)
    return client


def viewer(client):
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_message", "change_message")))
    client.force_login(user)
    return client


def page_of(message):
    return reverse("admin:ecommerce_comms_message_change", args=[message.pk])


def address(message):
    return reverse("admin:ecommerce_comms_message_resend", args=[message.pk])


class TestOnceMore:
    def ask(self, client, message):
        """The page that asks; returns it and the number of its form."""
        response = client.get(address(message))
        return response.content.decode(), response.context_data["form"].initial["nonce"]

    def test_it_shows_to_whom_and_what_before_anything_is_sent(self, merchant, message):
        text, _nonce = self.ask(merchant, message)
        for said in ("asha@customers.example", "Thank you, Asha! We have your order 1001", "Send once more"):
            assert said in text
        assert Message.objects.count() == len(testing.sent()) == 1

    def test_it_goes_out_as_a_mail_of_its_own(self, merchant, message):
        _text, nonce = self.ask(merchant, message)
        response = merchant.post(address(message), {"nonce": nonce}, follow=True)
        assert "It is in the queue" in response.content.decode()
        testing.settle()
        first, second = testing.sent()
        assert (second.recipient, second.subject, second.text) == (first.recipient, first.subject, first.text)
        assert second.message_id != first.message_id
        assert Message.objects.get(repeats=message).state == State.SENT

    def test_double_click_sends_once(self, merchant, message):
        _text, nonce = self.ask(merchant, message)
        pages = {merchant.post(address(message), {"nonce": nonce}).url for _ in range(3)}
        testing.settle()
        assert (len(testing.sent()), len(pages)) == (2, 1)

    def test_asking_twice_sends_twice(self, merchant, message):
        for _ in range(2):
            merchant.post(address(message), {"nonce": self.ask(merchant, message)[1]})
        testing.settle()
        assert len(testing.sent()) == 3

    def test_following_a_link_or_a_form_without_its_number_sends_nothing(self, merchant, message):
        merchant.get(address(message), {"nonce": "a" * 16})
        merchant.post(address(message), {})
        merchant.post(address(message), {"nonce": "x"})
        assert Message.objects.count() == 1

    def test_who_may_only_look_is_neither_offered_nor_allowed(self, client, message):
        viewer(client)
        assert address(message) not in client.get(reverse("admin:ecommerce_comms_message_change", args=[message.pk])).content.decode()
        assert client.get(address(message)).status_code == 403
        assert client.post(address(message), {"nonce": "a" * 16}).status_code == 403

    def test_who_may_send_once_more_needs_no_other_right(self, client, message):
        helper(client)
        assert address(message) in client.get(page_of(message)).content.decode()
        client.post(address(message), {"nonce": "a" * 16})
        assert Message.objects.filter(repeats=message).count() == 1

    def test_page_of_a_message_offers_it_only_where_it_can_be_done(self, merchant, message, clock):
        Order.objects.update(cancelled_at=clock())
        text = merchant.get(page_of(message)).content.decode()
        assert address(message) not in text
        assert "This message cannot be sent once more. The order was cancelled." in text

    def test_what_never_left_is_not_said_to_come_a_second_time(self, merchant, failed):
        text, _nonce = self.ask(merchant, failed[0])
        assert "The customer has not got this message yet" in text
        assert "a second time" not in text
        assert ">Send it now</button>" in text

    def test_what_may_have_arrived_is_said_to_come_perhaps_a_second_time(self, merchant, failed):
        Message.objects.update(reason=Message.Reason.UNKNOWN)
        assert "Nobody knows whether the customer has got this message" in self.ask(merchant, failed[0])[0]

    def test_what_is_old_is_sent_with_open_eyes(self, merchant, message, clock):
        Message.objects.update(expires_at=clock() - timedelta(days=1))
        assert "It has been no news since 1 Mar 2026" in self.ask(merchant, message)[0]

    def test_message_of_a_kind_that_has_no_text_any_more_is_refused(self, merchant, message):
        Message.objects.update(kind="gift_card")
        assert "There is no text any more" in merchant.get(page_of(message)).content.decode()
        assert "There is no text any more" in resending.refusal(Message.objects.get())

    def test_who_did_it_is_written_down_without_the_address(self, merchant, message):
        merchant.post(address(message), {"nonce": "a" * 16})
        entry = LogEntry.objects.get()
        assert (entry.user.username, entry.object_id, entry.change_message) == ("mira", str(message.pk), "Sent once more.")
        assert "@" not in entry.object_repr

    def test_message_that_is_not_there_is_404(self, merchant):
        assert merchant.get("/admin/ecommerce_comms/message/999/resend/").status_code == 404

    @pytest.mark.parametrize("spoil, why", [
        (lambda message, clock: Message.objects.update(state=State.QUEUED), "has not been sent yet"),
        (lambda message, clock: Message.objects.update(state=State.SKIPPED, reason="stale"), "decided not to send it (it was no longer"),
        (lambda message, clock: Message.objects.update(recipient=""), "data was erased"),
        (lambda message, clock: Customer.objects.update(erased_at=clock()), "data was erased"),
        (lambda message, clock: Order.objects.update(cancelled_at=clock()), "was cancelled"),
        (lambda message, clock: suppressions.suppress(address_hash(message.recipient), "bounced"), "came back for good"),
        (lambda message, clock: Message.objects.update(state=State.SKIPPED, reason="suppressed", recipient=""), "data was erased"),
    ])
    def test_it_is_refused_with_the_reason(self, merchant, message, clock, spoil, why):
        spoil(message, clock)
        assert why in merchant.get(address(message)).content.decode()
        response = merchant.post(address(message), {"nonce": "a" * 16}, follow=True)
        assert why in response.content.decode()
        assert Message.objects.count() == 1

    def test_who_complained_still_gets_order_mails_but_no_advertising(self, message):
        suppressions.suppress(address_hash(message.recipient), "complained")
        assert resending.refusal(message) == ""
        message.purpose = Message.Purpose.MARKETING
        assert "advertising" in resending.refusal(message)

    def test_advertising_is_offered_again_only_with_a_live_consent(self, message):
        message.purpose = Message.Purpose.MARKETING
        assert "never agreed" in resending.refusal(message)
        consents.grant(message.recipient, topic="marketing", where="checkout", words="Yes.")
        assert resending.refusal(message) == ""


class TestFailures:
    def look(self, client, **query):
        """What the page shows."""
        return client.get(reverse(FAILURES), query)

    def confirm(self, client, shown, **more):
        """Say yes to what was shown."""
        form, preview = shown.context_data["form"], shown.context_data["shown"]
        data = {name: form[name].value() or "" for name in form.fields}
        return client.post(reverse(FAILURES), {**data, "digest": preview.digest, **more}, follow=True)

    def test_it_shows_how_many_why_and_to_whom_with_addresses_masked(self, merchant, failed):
        text = self.look(merchant).content.decode()
        for said in ("The server refused it".lower(), "Order placed: <b>3</b>", "Send 3 messages again", "a…@c….example"):
            assert said in text
        assert "asha@customers.example" not in text

    def test_each_address_stands_beside_its_order_and_leads_to_its_story(self, merchant, failed):
        text = self.look(merchant).content.decode()
        for message in failed:
            assert f'<a href="{page_of(message)}">Order placed</a>, order {message.order}: a…@c….example' in text

    def test_what_was_sent_once_more_by_hand_is_left_alone(self, merchant, failed):
        resending.resend(failed[0], "n1")
        testing.settle()
        shown = self.look(merchant)
        assert "1 more is about a cancelled order, was sent once more by hand" in shown.content.decode()
        self.confirm(merchant, shown)
        testing.settle()
        assert len(testing.sent()) == 3

    def test_looking_changes_nothing(self, merchant, failed):
        self.look(merchant)
        testing.settle()
        assert Message.objects.filter(state=State.FAILED).count() == 3

    def test_yes_sends_them_under_their_old_message_ids(self, merchant, failed):
        response = self.confirm(merchant, self.look(merchant))
        assert "3 messages will be sent again" in response.content.decode()
        testing.settle()
        assert {mail.message_id for mail in testing.sent()} == {message.message_id for message in failed}
        assert LogEntry.objects.count() == 3
        assert "by mira" in merchant.get(page_of(failed[0])).content.decode()

    def test_nothing_is_sent_if_something_else_failed_meanwhile(self, merchant, failed, clock):
        shown = self.look(merchant)
        testing.RecordingBackend.refuse = PermanentDeliveryError("550 no")
        testing.tell("order_placed", testing.order("another"))
        testing.RecordingBackend.refuse = None
        assert "Please look again" in self.confirm(merchant, shown).content.decode()
        assert Message.objects.filter(state=State.FAILED).count() == 4

    def test_second_yes_sends_nothing(self, merchant, failed):
        shown = self.look(merchant)
        self.confirm(merchant, shown)
        testing.settle()
        self.confirm(merchant, shown)
        testing.settle()
        assert len(testing.sent()) == 3

    def test_yes_to_nothing_that_was_shown_sends_nothing(self, merchant, failed):
        for data in ({}, {"since": "2026-03-01"}, {"since": "2026-03-01", "digest": "made up"}):
            merchant.post(reverse(FAILURES), data)
        assert Message.objects.filter(state=State.FAILED).count() == 3

    @pytest.mark.parametrize("doubt", [{"possible_duplicate": True}, {"reason": Message.Reason.UNKNOWN}])
    @pytest.mark.parametrize("is_ticked, count", [(False, 2), (True, 3)])
    def test_what_may_have_arrived_needs_a_tick_of_its_own(self, merchant, failed, doubt, is_ticked, count):
        Message.objects.filter(pk=failed[0].pk).update(**doubt)
        shown = self.look(merchant)
        assert "Also 1 message that may have arrived already" in shown.content.decode()
        self.confirm(merchant, shown, **({"doubtful": "on"} if is_ticked else {}))
        testing.settle()
        assert len(testing.sent()) == count

    def test_cancelled_orders_and_lost_addresses_are_left_alone_and_told(self, merchant, failed, clock):
        Message.objects.filter(pk=failed[0].pk).update(recipient="")
        Order.objects.filter(pk=failed[1].order_id).update(cancelled_at=clock())
        shown = self.look(merchant)
        assert "2 more are about cancelled orders" in shown.content.decode()
        self.confirm(merchant, shown, doubtful="on", old="on")
        testing.settle()
        assert [mail.message_id for mail in testing.sent()] == [failed[2].message_id]

    @pytest.mark.parametrize("is_ticked, count", [(False, 2), (True, 3)])
    def test_old_news_needs_a_tick_of_its_own(self, merchant, failed, clock, is_ticked, count):
        Message.objects.filter(pk=failed[0].pk).update(expires_at=clock() - timedelta(hours=1))
        shown = self.look(merchant)
        assert "Also 1 message that is no news any more" in shown.content.decode()
        assert "Send 2 messages again" in shown.content.decode()
        self.confirm(merchant, shown, **({"old": "on"} if is_ticked else {}))
        testing.settle()
        assert len(testing.sent()) == count

    def test_what_is_old_and_doubtful_needs_both_ticks(self, merchant, failed, clock):
        Message.objects.filter(pk=failed[0].pk).update(expires_at=clock() - timedelta(hours=1), possible_duplicate=True)
        shown = self.look(merchant).context_data["shown"]
        assert len(shown.chosen(doubtful=True)) == len(shown.chosen(old=True)) == 2
        assert len(shown.chosen(doubtful=True, old=True)) == 3

    @pytest.mark.parametrize("query, count", [
        ({}, 3), ({"reason": "refused"}, 2), ({"kind": "order_paid"}, 1), ({"since": "2026-03-02"}, 2), ({"since": "2026-03-03"}, 0),
    ])
    def test_it_is_narrowed_by(self, merchant, failed, clock, query, count):
        Message.objects.filter(pk=failed[0].pk).update(reason="unreachable", kind="order_paid", due_at=clock() - timedelta(days=2))
        shown = self.look(merchant, **query).context_data["shown"]
        assert len(shown.keys) == count

    def test_nonsense_in_the_address_is_answered_with_the_form(self, merchant, failed):
        response = self.look(merchant, since="yesterday", reason="<script>")
        assert response.status_code == 200
        assert response.context_data["shown"] is None
        assert "<script>alert" not in response.content.decode()

    def test_ticked_ones_alone_are_sent(self, merchant, failed):
        listing = reverse("admin:ecommerce_comms_message_changelist")
        shown = merchant.post(listing, {"action": "send_again", "_selected_action": [failed[0].pk, failed[1].pk]})
        self.confirm(merchant, shown)
        testing.settle()
        assert len(testing.sent()) == 2

    def test_ticking_what_was_sent_sends_nothing(self, merchant, message):
        listing = reverse("admin:ecommerce_comms_message_changelist")
        shown = merchant.post(listing, {"action": "send_again", "_selected_action": [message.pk]})
        assert "Nothing of this kind was given up" in shown.content.decode()

    def test_who_may_only_look_may_not(self, client, failed):
        viewer(client)
        assert self.look(client).status_code == 403
        assert client.post(reverse(FAILURES), {}).status_code == 403

    def test_preview_asks_few_queries(self, merchant, failed, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            self.look(merchant)

    def test_long_lists_are_cut_and_the_oldest_come_first(self, merchant, failed, monkeypatch):
        monkeypatch.setattr(resending, "MOST", 2)
        shown = self.look(merchant)
        assert list(shown.context_data["shown"].keys) == [failed[0].pk, failed[1].pk]
        assert "There are more" in shown.content.decode()
