"""What a merchant sees of what was learnt, and the button."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from ecommerce_comms.shipping import learning
from ecommerce_comms.shipping.learning import learner, nights
from ecommerce_comms.shipping.models import Knowledge
from tests.shipping.learning import past
from tests.shipping.learning.past import NOW

pytestmark = pytest.mark.django_db
LIST, BUTTON = (reverse(f"admin:ecommerce_comms_{name}") for name in ("knowledge_changelist", "learn"))


@pytest.fixture
def merchant(client):
    client.force_login(User.objects.create_superuser("mira"))
    return client


def read(client, address):
    return client.get(address, follow=True).content.decode()


def test_page_says_what_is_known_in_words(merchant):
    past.sell(40, address={"country": "IN", "region": "Bihar"})
    row = learning.learn(NOW)
    page = read(merchant, reverse("admin:ecommerce_comms_knowledge_change", args=[row.pk]))
    assert "40 parcels left: half within 1 day, nine of ten within 1 day" in page
    assert "IN BR" in page and "40 parcels arrived: half within 3 days, nine of ten within 4 days" in page
    assert "No promise with a confidence was due" in page
    assert "handling" not in page  # the engine's own state is for machines


def test_list_does_not_read_the_long_states(merchant, django_assert_max_num_queries):
    past.sell(40)
    learning.learn(NOW)
    with django_assert_max_num_queries(8) as asked:
        read(merchant, LIST)
    assert not any('"state"' in query["sql"] and "knowledge" in query["sql"] for query in asked.captured_queries)


def test_button_asks_the_next_sweep_and_learns_nothing_itself(merchant, clock, monkeypatch):
    monkeypatch.setattr(nights, "fill", None)
    assert "It begins within a minute" in merchant.post(BUTTON, follow=True).content.decode()
    merchant.post(BUTTON)
    assert Knowledge.objects.get().learnt_at is None
    assert "it is learnt within a minute or two" in read(merchant, LIST)


def test_lesson_that_is_under_way_is_named(merchant):
    Knowledge.objects.create(asked_at=NOW, started_at=NOW + timedelta(seconds=1))
    assert "being learnt" in read(merchant, LIST)


def test_button_is_for_those_who_may_press_it(client):
    user = User.objects.create_user("apprentice", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_knowledge"))
    client.force_login(user)
    assert "Learn now" not in read(client, LIST)
    assert client.post(BUTTON).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="change_knowledge"))
    assert "Learn now" in read(client, LIST)
    assert client.get(BUTTON).status_code == 405


def test_missing_numpy_is_told_in_the_place_of_the_button(merchant, monkeypatch):
    monkeypatch.setattr(learner, "find_spec", lambda _name: None)
    page = read(merchant, LIST)
    assert "numpy is missing" in page and "Learn now" not in page
    merchant.post(BUTTON)
    assert not Knowledge.objects.exists()
