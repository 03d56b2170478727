"""Nobody gets what they do not want, nor too much of it, nor at night; and order mails always go."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Customer
from ecommerce_comms.messaging import calm, quiet
from ecommerce_comms.messaging.models import Message, Pause
from ecommerce_comms.orders.models import Order
from tests.messaging.offers import ASHA, BEN, agree, offer, send, send_one

pytestmark = pytest.mark.django_db
SENT = ("sent", "")


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """It is Monday, 10:00 in Kolkata."""


def use(settings, **values):
    """Change the shop's settings."""
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **values}


def is_readable(text):
    """Whether the setting QUIET_HOURS may say ``text``."""
    try:
        quiet.parse(text)
    except ValueError:
        return False
    return True


class TestConsent:
    def test_advertising_needs_a_yes(self):
        assert send_one(offer()) == ("skipped", "no_consent")
        agree()
        assert send_one(offer()) == SENT

    def test_no_reaches_what_is_queued_already(self):
        agree()
        waiting = offer()
        consents.withdraw(ASHA, topic="marketing", where="preference page")
        assert send_one(waiting) == ("skipped", "no_consent")

    def test_yes_to_service_is_no_yes_to_advertising(self):
        agree(topic="service")
        assert send_one(offer()) == ("skipped", "no_consent")

    def test_service_needs_no_yes_but_obeys_a_no(self):
        assert send_one(offer(purpose="service")) == SENT
        consents.withdraw(ASHA, topic="service", where="one-click")
        assert send_one(offer(purpose="service")) == ("skipped", "no_consent")

    def test_no_to_advertising_does_not_stop_service_or_orders(self):
        consents.withdraw(ASHA, topic="marketing", where="one-click")
        assert send(offer(purpose="service"), offer(purpose="transactional")) == [SENT, SENT]

    def test_no_to_everything_does_not_stop_order_mails(self):
        for topic in ("marketing", "service"):
            consents.withdraw(ASHA, topic=topic, where="one-click")
        assert send_one(offer(purpose="transactional")) == SENT

    def test_words_under_an_old_key_count(self, settings):
        agree()
        agree(BEN)
        consents.withdraw(BEN, topic="marketing", where="one-click")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
        assert send(offer(), offer(BEN)) == [SENT, ("skipped", "no_consent")]

    def test_address_is_the_same_however_it_is_written(self):
        agree(" Asha@CUSTOMERS.example")
        assert send_one(offer()) == SENT


class TestSuppression:
    def test_hard_bounce_stops_everything(self):
        agree()
        suppressions.suppress(address_hash(ASHA), "bounced")
        all_three = [offer(purpose=purpose) for purpose in ("transactional", "service", "marketing")]
        assert send(*all_three, offer(BEN, purpose="service")) == [("skipped", "suppressed")] * 3 + [SENT]

    def test_complaint_stops_advertising_and_order_mails_go_on(self):
        agree()
        suppressions.suppress(address_hash(ASHA), "complained")
        assert send(offer(), offer(purpose="service"), offer(purpose="transactional")) == [("skipped", "suppressed"), SENT, SENT]


class TestPause:
    def test_paused_advertising_waits_and_all_else_goes(self, clock):
        agree()
        Pause.objects.create(lane="offers", reason="Too many complaints.")
        waiting, service = offer(), offer(purpose="service")
        assert send(waiting, service) == [("queued", "paused"), SENT]
        assert waiting.due_at == clock() + timedelta(hours=1)
        Pause.objects.all().delete()
        assert send_one(waiting) == SENT

    def test_advertising_waits_while_there_is_no_page_to_unsubscribe(self, settings):
        agree()
        use(settings, SHOP_URL="")
        assert send(offer(), offer(purpose="service")) == [("queued", "paused"), SENT]

    def test_what_would_be_no_news_after_the_pause_is_not_sent(self, clock):
        agree()
        Pause.objects.create(lane="offers", reason="Too many complaints.")
        assert send_one(offer(expires_at=clock() + timedelta(minutes=59))) == ("skipped", "stale")


class TestCaps:
    @pytest.fixture(autouse=True)
    def consent(self, settings):
        """Asha and Ben agreed, and no night is in the way."""
        use(settings, QUIET_HOURS="")
        agree()
        agree(BEN)

    def test_one_a_day_then_it_waits_until_the_day_is_over(self, clock):
        start = clock()
        assert send_one(offer()) == SENT
        clock.advance(hours=23)
        second = offer()
        assert send_one(second) == ("queued", "cap")
        assert second.due_at == start + timedelta(days=1)
        clock.set(second.due_at)
        assert send_one(second) == SENT

    def test_three_a_week(self, clock):
        start = clock()
        for _ in range(3):
            assert send_one(offer()) == SENT
            clock.advance(days=1)
        clock.advance(days=3, hours=23)
        fourth = offer()
        assert send_one(fourth) == ("queued", "cap")
        assert fourth.due_at == start + timedelta(days=7)

    def test_of_one_batch_each_person_gets_one(self):
        batch = [offer(), offer(), offer(BEN), offer(" ASHA@customers.example")]
        assert [state for state, _ in send(*batch)] == ["sent", "queued", "sent", "queued"]

    def test_one_spelling_or_another_is_one_person(self):
        assert send_one(offer("ASHA@customers.example")) == SENT
        assert send_one(offer()) == ("queued", "cap")

    def test_what_was_sent_under_an_old_key_counts(self, settings):
        assert send_one(offer()) == SENT
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]
        assert send_one(offer()) == ("queued", "cap")

    def test_orders_and_service_are_not_counted(self):
        assert send(offer(purpose="transactional"), offer(purpose="service"), offer()) == [SENT] * 3

    def test_what_was_not_sent_is_not_counted(self, clock):
        Pause.objects.create(lane="offers", reason="Too many complaints.")
        assert send_one(offer()) == ("queued", "paused")
        Pause.objects.all().delete()
        assert send_one(offer()) == SENT

    @pytest.mark.parametrize("state", ["delivered", "bounced", "complained"])
    def test_what_became_of_it_later_does_not_matter(self, state):
        send(offer())
        Message.objects.update(state=state)
        assert send_one(offer()) == ("queued", "cap")

    def test_what_may_have_gone_out_counts(self):
        offer(state="failed", reason="unknown")
        assert send_one(offer()) == ("queued", "cap")

    def test_two_workers_at_once_do_not_send_both(self, clock):
        mine, theirs = offer(), offer()
        assert send_one(mine) == ("queued", "cap")
        assert clock() < mine.due_at < clock() + timedelta(minutes=15)
        assert send_one(theirs) == SENT
        clock.set(mine.due_at)
        assert send_one(mine) == ("queued", "cap")
        assert mine.due_at > clock() + timedelta(hours=20)

    def test_zero_is_no_limit(self, settings):
        use(settings, MARKETING_PER_DAY=0, MARKETING_PER_WEEK=0)
        assert send(*(offer() for _ in range(9))) == [SENT] * 9

    def test_week_counts_where_the_day_has_no_limit(self, settings):
        use(settings, MARKETING_PER_DAY=0)
        assert [state for state, _ in send(*(offer() for _ in range(5)))] == ["sent"] * 3 + ["queued"] * 2


class TestNight:
    @pytest.fixture(autouse=True)
    def consent(self):
        """Asha agreed."""
        agree()

    def test_advertising_and_service_wait_for_the_morning_and_orders_do_not(self, clock):
        clock.set(datetime(2026, 3, 2, 21, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
        messages = [offer(), offer(purpose="service"), offer(purpose="transactional")]
        assert send(*messages) == [("queued", "quiet_hours"), ("queued", "quiet_hours"), SENT]
        morning = datetime(2026, 3, 3, 8, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
        assert all(morning <= message.due_at < morning + timedelta(minutes=30) for message in messages[:2])

    def test_what_waited_does_not_all_go_out_at_one_moment(self, clock):
        clock.set(datetime(2026, 3, 2, 23, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
        waiting = [offer(purpose="service") for _ in range(20)]
        send(*waiting)
        assert len({message.due_at for message in waiting}) > 10
        clock.set(max(message.due_at for message in waiting))
        assert send(*waiting) == [SENT] * 20

    def test_the_hours_are_those_of_the_order_then_of_the_customer_then_of_the_shop(self, clock):
        clock.set(datetime(2026, 3, 2, 20, 30, tzinfo=ZoneInfo("Asia/Kolkata")))  # 15:00 in London, 00:00 in Tokyo
        tokyo = Customer.objects.create(key="guest:asha", time_zone="Asia/Tokyo")
        london = Order.objects.create(key="1", reference="1", language="en", time_zone="Europe/London")
        assert send_one(offer(purpose="service", customer=tokyo, order=london)) == SENT
        assert send_one(offer(purpose="service", customer=tokyo)) == ("queued", "quiet_hours")
        assert send_one(offer(purpose="service")) == SENT

    def test_unknown_zone_is_the_shops_own(self, clock):
        nowhere = Customer.objects.create(key="guest:asha", time_zone="Mars/Olympus")
        assert send_one(offer(purpose="service", customer=nowhere)) == SENT

    def test_no_quiet_hours_no_night(self, clock, settings):
        use(settings, QUIET_HOURS="")
        clock.set(datetime(2026, 3, 2, 23, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
        assert send_one(offer()) == SENT

    def test_what_would_be_no_news_in_the_morning_is_not_sent(self, clock):
        clock.set(datetime(2026, 3, 2, 23, 0, tzinfo=ZoneInfo("Asia/Kolkata")))
        assert send_one(offer(expires_at=clock() + timedelta(hours=8))) == ("skipped", "stale")


NIGHT = quiet.QuietHours(time(21, 0), time(8, 0))
NEW_YORK, KOLKATA, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")


class TestQuietHours:
    @pytest.mark.parametrize("clock_time, end", [
        ((2, 20, 59), None), ((2, 21, 0), (3, 8, 0)), ((2, 23, 59), (3, 8, 0)),
        ((3, 0, 0), (3, 8, 0)), ((3, 7, 59), (3, 8, 0)), ((3, 8, 0), None),
    ])
    def test_night_begins_and_ends_by_the_clock_on_the_wall(self, clock_time, end):
        day, *rest = clock_time
        found = NIGHT.ends_at(datetime(2026, 3, day, *rest, tzinfo=KOLKATA).astimezone(timezone.utc), KOLKATA)
        assert found == (datetime(2026, 3, end[0], end[1], end[2], tzinfo=KOLKATA) if end else None)

    def test_siesta_is_a_night_too(self):
        siesta = quiet.QuietHours(time(13, 0), time(15, 0))
        assert siesta.ends_at(datetime(2026, 3, 2, 14, 0, tzinfo=KOLKATA), KOLKATA) == datetime(2026, 3, 2, 15, 0, tzinfo=KOLKATA)
        assert siesta.ends_at(datetime(2026, 3, 2, 15, 0, tzinfo=KOLKATA), KOLKATA) is None

    @pytest.mark.parametrize("day, hours", [(datetime(2026, 3, 7), 10), (datetime(2026, 3, 9), 11), (datetime(2026, 10, 31), 12)])
    def test_night_in_which_the_clocks_change_is_shorter_or_longer(self, day, hours):
        evening = day.replace(hour=21, tzinfo=NEW_YORK)
        assert NIGHT.ends_at(evening.astimezone(timezone.utc), NEW_YORK) - evening.astimezone(timezone.utc) == timedelta(hours=hours)

    def test_morning_that_comes_twice_ends_with_the_one_ahead(self):
        early = quiet.QuietHours(time(22, 0), time(1, 30))
        second_one_o_clock = datetime(2026, 11, 1, 1, 10, fold=1, tzinfo=NEW_YORK).astimezone(timezone.utc)
        assert early.ends_at(second_one_o_clock, NEW_YORK) == second_one_o_clock + timedelta(minutes=20)

    def test_morning_that_is_skipped_comes_with_the_hour_after(self):
        early = quiet.QuietHours(time(22, 0), time(2, 30))
        assert early.ends_at(datetime(2026, 3, 8, 1, 0, tzinfo=NEW_YORK), NEW_YORK) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)

    @pytest.mark.parametrize("zone", [NEW_YORK, KOLKATA, LORD_HOWE, ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Casablanca")], ids=str)
    def test_the_end_of_a_night_is_always_ahead_and_never_night(self, zone):
        """Every 10 minutes of a year with every change of the clocks in it."""
        moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
        for _ in range(6 * 24 * 365):
            if end := NIGHT.ends_at(moment, zone):
                assert moment < end < moment + timedelta(hours=13)
                assert NIGHT.ends_at(end, zone) is None
            moment += timedelta(minutes=10)

    @pytest.mark.parametrize("text", ["21-8", "25:00-08:00", "21:00", "21:00-20:30", "08:00-08:00", "night"])
    def test_what_is_no_pair_of_hours_is_refused(self, text):
        assert not is_readable(text)

    @pytest.mark.parametrize("text", ["", "21:00-08:00", " 9:00 – 10:00 "])
    def test_pairs_of_hours_are_read(self, text):
        assert is_readable(text)


class TestSuggestions:
    FACTS = {"order": {"number": "7"}, "suggestions": [{"title": "Saucer"}]}  # noqa: RUF012

    def test_order_mail_suggests_nothing_without_a_yes(self):
        mail = offer(purpose="transactional", facts=self.FACTS)
        assert send_one(mail) == SENT
        assert mail.facts == {"order": {"number": "7"}}

    def test_order_mail_suggests_with_a_yes_until_the_no(self):
        agree()
        mail = offer(purpose="transactional", facts=self.FACTS)
        assert not calm.look([mail], mail.due_at)
        assert mail.facts == self.FACTS
        consents.withdraw(ASHA, topic="marketing", where="one-click")
        assert not calm.look([mail], mail.due_at)
        assert "suggestions" not in mail.facts

    def test_who_complained_is_suggested_nothing(self):
        agree()
        suppressions.suppress(address_hash(ASHA), "complained")
        mail = offer(purpose="transactional", facts=self.FACTS)
        send(mail)
        assert "suggestions" not in mail.facts


class TestCost:
    def load(self):
        """The claimed messages, as a worker reads them."""
        return list(Message.objects.select_related("order", "customer"))

    @pytest.mark.parametrize("count", [1, 60])
    def test_order_mails_cost_one_query_however_many(self, count, clock, django_assert_num_queries):
        for number in range(count):
            offer(f"{number}@customers.example", purpose="transactional")
        batch = self.load()
        with django_assert_num_queries(1):
            assert not calm.look(batch, clock())

    @pytest.mark.parametrize("count", [1, 60])
    def test_advertising_costs_four_queries_however_many(self, count, clock, django_assert_num_queries):
        for number in range(count):
            agree(f"{number}@customers.example")
            offer(f"{number}@customers.example", customer=Customer.objects.create(key=str(number), time_zone="Asia/Kolkata"))
        batch = self.load()
        with django_assert_num_queries(4):
            assert not calm.look(batch, clock())

    def test_nothing_to_look_at_costs_nothing(self, clock, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert calm.look([], clock()) == []
