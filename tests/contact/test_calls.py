"""What is put on the call list, when it is called, and what becomes of the message."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User

from ecommerce_comms import clock as app_clock
from ecommerce_comms import signals, sweeping, testing
from ecommerce_comms.contact import calls, closing, rounds, working
from ecommerce_comms.contact.models import CallbackRequest, CallTry
from ecommerce_comms.customers import suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.exceptions import BadCallback, CallTaken, PermanentDeliveryError
from ecommerce_comms.health import figures as health_figures
from ecommerce_comms.health import lights
from ecommerce_comms.messaging import story
from ecommerce_comms.messaging.backends.base import Outgoing, get_backend
from ecommerce_comms.messaging.models import Message, Worker
from ecommerce_comms.messaging.sending import claims, workers
from tests.contact.conftest import NUMBER
from tests.racing import at_once, shared  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
State, Ending, Outcome = CallbackRequest.State, CallbackRequest.Ending, CallTry.Outcome


def at(text):
    """A moment in India, in March 2026: ``"03 18:00"``."""
    return datetime.fromisoformat(f"2026-03-{text[:2]}T{text[3:]}:00+05:30")


def as_handed_over(message):
    """What the phone gets of ``message``."""
    return Outgoing(recipient=NUMBER, recipient_name="Asha", subject="Late", message_id="x", kind=message.kind, key=message.uid.hex)


def fate(message):
    message.refresh_from_db()
    return message.state, message.reason


class TestList:
    def test_message_is_put_on_the_list_and_counts_as_sent(self, call):
        item = call()
        assert (item.number, item.name, item.language) == (NUMBER, "Asha Sharma", "en")
        assert (item.kind, item.order.number) == ("order_delayed", "1001")
        assert item.message.state == Message.State.SENT
        assert "1001" in item.text
        assert (item.call_after, item.call_before) == (app_clock.now(), at("02 18:00"))

    def test_it_is_called_between_the_shops_hours_and_the_customers(self, message):
        row = message()
        Customer.objects.update(time_zone="Europe/Berlin", call_times="10:00-11:00")
        testing.settle()
        item = CallbackRequest.objects.get(message=row)
        assert (item.call_after, item.call_before, item.time_zone) == (at("02 14:30"), at("02 15:30"), "Europe/Berlin")

    def test_what_nobody_can_tell_before_it_is_no_news_is_given_up(self, message, clock):
        clock.set(at("06 17:50"))  # a Friday evening
        row = message(expires_at=clock() + timedelta(days=1))
        testing.settle()
        assert fate(row) == (Message.State.FAILED, Message.Reason.REFUSED)
        assert not CallbackRequest.objects.exists()

    def test_same_message_handed_over_twice_is_one_item(self, call):
        item = call()
        outgoing = as_handed_over(item.message)
        assert get_backend("phone").send(outgoing).provider_message_id == f"call-{item.pk}"
        working.note(item, Outcome.REACHED, number=1)
        get_backend("phone").send(outgoing)
        assert CallbackRequest.objects.count() == 1

    def test_worker_that_dies_after_putting_it_on_the_list_leaves_one_item_and_no_doubt(self, message, clock):
        row = message()
        token = workers.this_thread().begin()
        [claimed] = claims.claim(token, 10, "orders")
        get_backend("phone").send(as_handed_over(claimed))
        Worker.objects.filter(token=token).update(position=row.pk, lease_until=clock() - timedelta(seconds=1))
        workers.this_thread().abandon()
        claims.recover()
        testing.settle()
        assert fate(row) == (Message.State.SENT, "")
        assert not row.possible_duplicate
        assert CallbackRequest.objects.count() == 1

    def test_what_is_no_message_of_ours_is_not_put_on_the_list(self):
        with pytest.raises(PermanentDeliveryError, match="no message with this key"):
            get_backend("phone").send(Outgoing(recipient=NUMBER, recipient_name="", subject="x", message_id="x", kind="test", key="0" * 32))

    def test_shop_hears_of_each_call_once(self, message, django_capture_on_commit_callbacks):
        heard = []
        signals.callback_requested.connect(lambda callback, **_: heard.append(callback.kind), weak=False, dispatch_uid="test")
        with django_capture_on_commit_callbacks(execute=True):
            message()
            testing.settle()
        signals.callback_requested.disconnect(dispatch_uid="test")
        assert heard == ["order_delayed"]

    def test_newer_news_takes_the_place_of_older_news(self, call):
        older, newer = call("order_delayed"), call("order_back_on_track")
        older.refresh_from_db()
        assert (older.state, older.ending, newer.state) == (State.NOT_NEEDED, Ending.OVERTAKEN, State.WAITING)
        assert fate(older.message) == (Message.State.SKIPPED, Message.Reason.STALE)

    def test_news_of_something_else_stays(self, call):
        older = call("order_paid")
        call("order_delayed")
        older.refresh_from_db()
        assert older.state == State.WAITING


class TestOutcomes:
    def test_reached_delivers_the_message(self, call, mira):
        item = working.take(call(), mira)
        working.note(item, Outcome.REACHED, number=1, user=mira, note="Glad to know.")
        assert fate(item.message) == (Message.State.DELIVERED, "")
        tried = CallTry.objects.get()
        assert (tried.by, tried.note, tried.number) == (mira, "Glad to know.", 1)

    def test_story_tells_it_in_words(self, call, mira):
        item = working.take(call(), mira)
        working.note(item, Outcome.REACHED, number=1, user=mira)
        item.message.refresh_from_db()
        told = [f"{line.title} {line.quote}" for line in story.story(item.message)]
        assert "Accepted by the call list put on the call list, to call from 2 Mar, 10:00 on" in told
        assert "The call list tells: delivered the customer was reached (after 1 call)" in told

    def test_second_try_is_planned_by_itself(self, call, mira):
        item = working.note(working.take(call(), mira), Outcome.NO_ANSWER, number=1, user=mira)
        assert (item.state, item.call_after, item.taken_by) == (State.WAITING, at("02 14:00"), None)
        assert fate(item.message) == (Message.State.SENT, "")

    def test_second_try_late_in_the_day_is_planned_for_the_next(self, call, mira, clock):
        item = call()
        clock.set(at("02 17:00"))
        item = working.note(working.take(item, mira), Outcome.NO_ANSWER, number=1, user=mira)
        assert item.call_after == at("03 09:00")

    def test_who_is_on_the_phone_is_called_sooner(self, call, mira):
        item = working.note(working.take(call(), mira), Outcome.BUSY, number=1, user=mira)
        assert item.call_after == at("02 10:20")

    def test_after_the_last_try_the_message_comes_back(self, call, mira, clock):
        item = call()
        for number in (1, 2):
            item = working.note(item, Outcome.NO_ANSWER, number=number, user=mira)
            clock.advance(hours=5)
        assert (item.state, item.ending) == (State.GIVEN_UP, Ending.UNANSWERED)
        assert fate(item.message)[0] == Message.State.BOUNCED
        assert suppressions.suppressed([address_hash(NUMBER)], "phone") == {}

    def test_wrong_number_comes_back_at_once_and_is_left_alone(self, call, mira):
        item = working.note(call(), Outcome.WRONG_NUMBER, number=1, user=mira)
        assert fate(item.message)[0] == Message.State.BOUNCED
        assert suppressions.suppressed([address_hash(NUMBER)], "phone") == {address_hash(NUMBER): {"all"}}

    def test_customer_who_asks_for_another_time_does_not_wear_out_the_tries(self, call, mira):
        item = working.note(call(), Outcome.AGAIN, number=1, user=mira, again_at=at("02 20:30"))
        assert (item.state, item.call_after, item.call_before) == (State.WAITING, at("02 20:30"), at("02 21:30"))
        item = working.note(item, Outcome.NO_ANSWER, number=2, user=mira)
        assert item.state == State.WAITING

    @pytest.mark.parametrize("when", [None, "02 09:00", "later"])
    def test_other_time_must_lie_ahead(self, call, mira, when):
        moment = None if when is None else app_clock.now() + timedelta(days=100) if when == "later" else at(when)
        with pytest.raises(BadCallback):
            working.note(call(), Outcome.AGAIN, number=1, user=mira, again_at=moment)

    def test_same_call_noted_twice_is_one_call(self, call, mira):
        item = working.take(call(), mira)
        for _click in range(2):
            working.note(item, Outcome.NO_ANSWER, number=1, user=mira)
        assert CallTry.objects.count() == 1
        assert CallbackRequest.objects.get().state == State.WAITING

    def test_call_that_another_person_noted_is_not_noted_again(self, call, mira, dev):
        item = call()
        working.note(item, Outcome.REACHED, number=1, user=mira)
        with pytest.raises(CallTaken, match="It is over: the customer was reached"):
            working.note(item, Outcome.NO_ANSWER, number=1, user=dev)
        assert fate(item.message)[0] == Message.State.DELIVERED

    def test_outcome_that_comes_before_the_worker_has_written_is_not_lost(self, call, mira):
        item = call()
        Message.objects.filter(pk=item.message_id).update(state=Message.State.SENDING, sent_at=None)
        working.note(item, Outcome.REACHED, number=1, user=mira)
        assert fate(item.message)[0] == Message.State.SENDING
        Message.objects.filter(pk=item.message_id).update(state=Message.State.SENT)
        sweeping.sweep()
        assert fate(item.message)[0] == Message.State.DELIVERED


class TestTaking:
    def test_two_people_never_call_the_same(self, call, mira, dev):
        item = call()
        working.take(item, mira)
        with pytest.raises(CallTaken, match="mira has it"):
            working.take(item, dev)

    def test_taking_twice_is_taking_once(self, call, mira):
        item = call()
        working.take(item, mira)
        assert working.take(item, mira).taken_by == mira

    def test_what_is_not_due_is_not_taken_unless_one_insists(self, call, mira, clock):
        clock.set(at("02 08:30"))
        item = call()
        with pytest.raises(CallTaken, match="time has not come"):
            working.take(item, mira)
        assert working.take(item, mira, early=True).state == State.TAKEN

    def test_given_back_item_is_free_for_all(self, call, mira, dev):
        item = working.take(call(), mira)
        assert not working.give_back(item, dev)
        assert working.give_back(item, mira)
        assert working.take(item, dev).taken_by == dev

    def test_forgotten_item_is_put_back(self, call, mira, clock):
        item = working.take(call(), mira)
        clock.advance(hours=1)
        assert rounds.look_after() == 0
        clock.advance(hours=2)
        assert rounds.look_after() == 1
        item.refresh_from_db()
        assert (item.state, item.taken_by) == (State.WAITING, None)


class TestNoLongerNeeded:
    def test_cancelled_order_is_not_called_about(self, call, mira):
        item = call()
        testing.tell("order_cancelled", "1001")
        with pytest.raises(CallTaken, match="the order was cancelled"):
            working.take(item, mira)
        assert fate(item.message) == (Message.State.SKIPPED, Message.Reason.OBSOLETE)

    def test_cancellation_itself_is_told(self, call):
        testing.tell("order_placed", testing.order())
        testing.tell("order_cancelled", "1001")
        item = call("order_cancelled")
        assert closing.close_unneeded() == 0
        item.refresh_from_db()
        assert item.state == State.WAITING

    def test_delay_of_what_has_arrived_is_not_told(self, call):
        item = call()
        testing.tell("order_delivered", "1001", parcel="1")
        rounds.look_after()
        item.refresh_from_db()
        assert (item.state, item.ending) == (State.NOT_NEEDED, Ending.DELIVERED)

    def test_who_asked_to_be_called_is_called_whatever_becomes_of_the_order(self, call):
        item = calls.request(NUMBER, order=call().order)
        testing.tell("order_cancelled", "1001")
        rounds.look_after()
        item.refresh_from_db()
        assert item.state == State.WAITING

    def test_erased_customer_is_not_called(self, call):
        item = call()
        Customer.objects.update(erased_at=app_clock.now())
        assert closing.why_unneeded(item) == "the customer's data was erased"
        rounds.look_after()
        assert fate(item.message) == (Message.State.SKIPPED, Message.Reason.ERASED)

    def test_sweep_does_it(self, call):
        item = call()
        testing.tell("order_cancelled", "1001")
        sweeping.sweep()
        item.refresh_from_db()
        assert item.state == State.NOT_NEEDED


class TestMissed:
    def test_what_nobody_called_moves_to_the_next_hour(self, call, clock):
        item = call()
        clock.set(at("02 18:01"))
        assert rounds.look_after() == 1
        item.refresh_from_db()
        assert (item.call_after, item.call_before, item.missed) == (at("03 09:00"), at("03 18:00"), 1)

    def test_what_is_no_news_by_then_is_given_up(self, call, clock):
        item = call(expires_at=at("03 08:00"))
        clock.set(at("02 18:01"))
        rounds.look_after()
        item.refresh_from_db()
        assert (item.state, item.ending) == (State.GIVEN_UP, Ending.NOT_CALLED)
        assert fate(item.message)[0] == Message.State.BOUNCED


class TestRequest:
    def test_customer_books_a_time(self, clock):
        item = calls.request("+91 98765 43210", reason="Which mug is it?", slot=(at("03 11:00"), at("03 12:00")), name="Asha")
        assert (item.number, item.call_after, item.call_before) == (NUMBER, at("03 11:00"), at("03 12:00"))
        assert (item.by, item.reason, item.urgency) == ("customer", "Which mug is it?", CallbackRequest.Urgency.NOW)

    def test_second_wish_takes_the_place_of_the_first(self):
        calls.request(NUMBER, reason="a mug")
        item = calls.request("0091 98765-43210", reason="a bowl", slot=(at("03 11:00"), at("03 12:00")))
        assert (CallbackRequest.objects.get(), item.reason, item.call_after) == (item, "a bowl", at("03 11:00"))

    def test_after_the_call_one_may_ask_again(self, mira):
        working.note(calls.request(NUMBER), Outcome.REACHED, number=1, user=mira)
        assert calls.request(NUMBER).state == State.WAITING
        assert CallbackRequest.objects.count() == 2

    def test_slot_is_cut_to_the_shops_hours(self):
        assert calls.request(NUMBER, slot=(at("03 07:00"), at("03 11:00"))).call_after == at("03 09:00")

    @pytest.mark.parametrize(("number", "slot", "complaint"), [
        ("12345", None, "no phone number"),
        ("", None, "no phone number"),
        (NUMBER, ("01 11:00", "01 12:00"), "has passed"),  # yesterday
        (NUMBER, ("07 11:00", "07 12:00"), "does not call then"),  # a Saturday
        (NUMBER, ("03 12:00", "03 11:00"), "does not call then"),
    ])
    def test_what_cannot_be_called_is_refused_with_a_reason(self, number, slot, complaint):
        with pytest.raises(BadCallback, match=complaint):
            calls.request(number, slot=slot and tuple(map(at, slot)))

    def test_shop_without_calling_hours_says_so(self, settings):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "CALL_HOURS": {}}
        with pytest.raises(BadCallback, match="CALL_HOURS"):
            calls.request(NUMBER)


def test_no_log_line_tells_a_number(call, mira, caplog):
    with caplog.at_level("DEBUG"):
        working.note(working.take(call(), mira), Outcome.WRONG_NUMBER, number=1, user=mira, note=NUMBER)
    assert "9876543210" not in caplog.text


@pytest.mark.usefixtures("shared")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_a_call_at_once_one_has_it():
    item = calls.request(NUMBER)
    users = [User.objects.create_user(f"user{number}") for number in range(6)]
    found = at_once(*(partial(working.take, item, user) for user in users))
    winners = [each for each in found if isinstance(each, CallbackRequest)]
    assert [type(each) for each in found].count(CallTaken) == 5
    assert winners == [item]
    assert winners[0].taken_by in users


@pytest.mark.usefixtures("shared")
@pytest.mark.django_db(transaction=True)
def test_who_asks_twice_at_once_is_called_once():
    assert {each.pk for each in at_once(*[partial(calls.request, NUMBER)] * 4)} == {CallbackRequest.objects.get().pk}


class TestHealth:
    def lights(self):
        """The light of the call list, if there is one."""
        return [(light.colour.name, light.says) for light in lights.lights(health_figures.collect()) if light.key == "calls"]

    def test_empty_list_has_no_light(self):
        assert self.lights() == []

    def test_call_in_its_time_is_green(self, call):
        call()
        assert self.lights() == [("GREEN", "1 to call now")]

    def test_calls_that_wait_too_long_are_told(self, call, clock):
        call()
        clock.set(at("03 10:00"))
        rounds.look_after()
        assert self.lights() == [("AMBER", "1 to call now; 1 was not called in its time, the oldest waits for 24 h")]
        clock.set(at("04 10:00"))
        rounds.look_after()
        assert self.lights()[0][0] == "RED"
