"""Whatever happens in whatever order: no advertising without a live consent, too often or at night, and every order mail goes."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ecommerce_comms import clock, testing
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Suppression
from ecommerce_comms.messaging import delivery, outbox, unsubscribe
from ecommerce_comms.messaging.models import Message
from ecommerce_comms.messaging.unsubscribe import Subscription
from tests.messaging.offers import ASHA, BEN

KOLKATA = ZoneInfo("Asia/Kolkata")
START = datetime(2026, 3, 2, 10, 0, tzinfo=KOLKATA)
PEOPLE = strategies.sampled_from([ASHA, BEN])
TOPICS = strategies.sampled_from(["marketing", "marketing", "service"])
HOW = ["agrees", "agrees", "agrees", "is_imported", "is_imported", "withdraws", "clicks_unsubscribe", "is_erased"]
PURPOSES = strategies.sampled_from(["transactional", "service", "marketing", "marketing", "marketing"])


class Story(RuleBasedStateMachine):
    """What people, merchants and providers do, and beside it, in plain dicts, what they may expect."""

    def __init__(self):
        super().__init__()
        self.time = clock.ManualClock(START)
        self.said = defaultdict(list)  # (person, topic) -> [(when, is it a no)]
        self.judged = defaultdict(set)  # person -> what is wrong with the address
        self.mails = defaultdict(list)  # person -> when advertising came
        self.numbers = count()
        self.stage = ExitStack()
        self.stage.enter_context(clock.using(self.time))
        self.stage.enter_context(transaction.atomic())
        testing.forget()
        self.agrees(ASHA, "marketing")

    def teardown(self):
        transaction.set_rollback(True)
        self.stage.close()

    def wants(self, person, topic):
        """The newest word, where of the same moment the "no" is the newer."""
        return max(self.said[person, topic], default=(None, topic == "marketing"))[1] is False

    @rule(hours=strategies.sampled_from([0.02, 5, 16, 24]))
    def time_passes(self, hours):
        self.time.advance(hours=hours)

    @rule(person=PEOPLE, topic=TOPICS, how=strategies.sampled_from(HOW))
    def speaks(self, person, topic, how):
        getattr(self, how)(person, topic)

    def agrees(self, person, topic):
        consents.grant(person.title(), topic=topic, where="checkout", words="Yes, please.")
        self.said[person, topic].append((clock.now(), False))

    def is_imported(self, person, topic):
        at = clock.now() - timedelta(days=9)
        consents.grant(person, topic=topic, where="import", words="Yes, please.", at=at)
        self.said[person, topic].append((at, False))

    def withdraws(self, person, topic):
        consents.withdraw(person, topic=topic, where="preference page")
        self.said[person, topic].append((clock.now(), True))

    def clicks_unsubscribe(self, person, topic):
        token = unsubscribe.token(Subscription(address_hash(person), topic))
        assert Client().post(f"/comms/unsubscribe/{token}/", {"List-Unsubscribe": "One-Click"}).status_code == 200
        self.said[person, topic].append((clock.now(), True))

    def is_erased(self, person, topic):
        for each in ("marketing", "service"):
            consents.withdraw(address_hash=address_hash(person), topic=each, where="erased")
            self.said[person, each].append((clock.now(), True))

    @rule(person=PEOPLE, what=strategies.sampled_from(["complained", "complained", "bounced", "allowed", "allowed"]))
    def address_is_judged(self, person, what):
        self.time.advance(seconds=1)
        if what == "allowed":
            for pk in Suppression.objects.filter(address_hash=address_hash(person)).values_list("pk", flat=True):
                suppressions.lift(pk, "mira")
            self.judged[person].clear()
        else:
            suppressions.suppress(address_hash(person), what)
            self.judged[person].add(what)

    @rule(person=PEOPLE, purpose=PURPOSES)
    def is_written_to(self, person, purpose):
        outbox.put([Message(
            kind="review_request", purpose=purpose, language="en", recipient=person, dedupe_key=str(next(self.numbers)), state="queued",
            due_at=clock.now(), expires_at=clock.now() + timedelta(days=20),
        )])

    @rule(hours=strategies.sampled_from([0, 14, 22, 23, 24, 25]), purpose=PURPOSES)
    def shop_writes_to_all(self, hours, purpose):
        self.time.advance(hours=hours)
        for person in (ASHA, BEN):
            self.is_written_to(person, purpose)
        self.worker_delivers()

    @rule()
    def worker_delivers(self):
        before = len(testing.sent())
        delivery.deliver_due()
        for mail in testing.sent()[before:]:
            self.is_rightly_sent(mail)
        left = Message.objects.filter(purpose="transactional").exclude(state="sent").values_list("recipient", "state", "reason")
        assert all(said[1:] == ("skipped", "suppressed") for said in left)

    def is_rightly_sent(self, mail):
        """One mail that went out at this moment."""
        person, now = mail.recipient, clock.now()
        assert "bounced" not in self.judged[person]
        assert bool(mail.headers) is (mail.purpose != "transactional")
        if mail.purpose == "service":
            assert self.wants(person, "service")
        if mail.purpose != "transactional":
            assert 8 <= now.astimezone(KOLKATA).hour < 21
        if mail.purpose == "marketing":
            assert self.wants(person, "marketing") and not self.judged[person]
            self.mails[person].append(now)

    @invariant()
    def nobody_gets_too_much(self):
        for mails in self.mails.values():
            assert all(second - first >= timedelta(days=1) for first, second in pairwise(mails))
            assert all(fourth - first >= timedelta(days=7) for first, fourth in zip(mails, mails[3:], strict=False))


@pytest.mark.django_db
def test_no_story_leads_to_mail_that_nobody_wants(fake_shop):
    # Without Phase.shrink, for a story is told in thirty lines, and making it shorter takes minutes.
    run_state_machine_as_test(Story, settings=settings(
        max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    ))
