"""Kinds of messages that a shop has invented: ``MESSAGE_KINDS``."""

from __future__ import annotations

import pytest

from ecommerce_comms import clock
from ecommerce_comms.exceptions import WrongPurpose
from ecommerce_comms.messaging import outbox
from ecommerce_comms.messaging.models import Message, Template
from ecommerce_comms.messaging.writing import texts
from ecommerce_comms.orders.kinds import in_words

SPRING = {"label": "Offers of the spring", "purpose": "marketing", "facts": ["customer.first_name"]}


@pytest.fixture
def declare(settings):
    """Set ``MESSAGE_KINDS``."""
    def declare(**kinds):
        settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MESSAGE_KINDS": kinds}
    return declare


def offer(purpose):
    return Message(kind="spring_offer", purpose=purpose, state=Message.State.QUEUED, language="en", recipient="asha@customers.example",
                   dedupe_key=f"spring {purpose}", due_at=clock.now())


def test_declared_kinds_are_known_by_name(declare):
    assert "spring_offer" not in texts.KINDS_OF_SHOP
    declare(spring_offer=SPRING, points={})
    assert list(texts.KINDS_OF_SHOP) == ["spring_offer", "points"]
    assert texts.KINDS_OF_SHOP["spring_offer"].facts == ("customer.first_name",)
    assert (texts.KINDS_OF_SHOP["points"].label, texts.KINDS_OF_SHOP["points"].purpose) == ("Points", "marketing")
    assert "spring_offer" not in texts.KINDS


@pytest.mark.parametrize("kind, words", [
    ("order_shipped", "Order shipped"), ("order_shipped.others", "Order shipped, for others"),
    ("spring_offer", "Offers of the spring"), ("autumn_offer", "Autumn offer"),
])
def test_kinds_in_words(declare, kind, words):
    declare(spring_offer=SPRING)
    assert in_words(kind) == words


@pytest.mark.parametrize("odd", [[], {"spring_offer": "Spring"}])
def test_a_wrong_setting_is_told_by_the_check_and_breaks_no_page(settings, odd):
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, "MESSAGE_KINDS": odd}
    assert in_words("spring_offer") == "Spring offer"
    assert dict(texts.KINDS_OF_SHOP) == {}


@pytest.mark.django_db
def test_message_with_another_purpose_than_its_kind_is_refused(declare):
    Template.objects.create(kind="spring_offer", language="en", subject="Teapots", body="New ones.")
    declare(spring_offer=SPRING)
    with pytest.raises(WrongPurpose, match="'spring_offer' with the purpose 'transactional', but MESSAGE_KINDS says 'marketing'"):
        outbox.put([offer(Message.Purpose.TRANSACTIONAL)])
    outbox.put([offer(Message.Purpose.MARKETING)])
    assert Message.objects.count() == 1
