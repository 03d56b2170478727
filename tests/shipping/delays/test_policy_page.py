"""A merchant chooses when to tell, beside what each choice would have done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ecommerce_comms.shipping.delays import rounds
from ecommerce_comms.shipping.delays.frontier import Trail, frontier
from ecommerce_comms.shipping.delays.rules import row_of_settings, rules
from ecommerce_comms.shipping.models import DelayPolicy, Lateness, Outage, Outlook, Promise, Watch
from ecommerce_comms.shipping.policy import POLICIES, Policy
from tests.shipping.delays.scripted import Scripted, look, place, ship, tell

D = date(2026, 3, 10)


def trail(*steps, late=True):
    return Trail(due_on=D, steps=tuple((D - timedelta(days=before), chance) for before, chance in steps), was_late=late)


@pytest.mark.parametrize(("steps", "told_before"), [
    ([(5, 0.85)], 5),
    ([(5, 0.65)], 1),  # the chance holds until the day before the date, when it is enough
    ([(5, 0.65), (3, 0.0)], None),
    ([(5, 0.4), (1, 0.6)], 1),
    ([(5, 0.4)], None),
])
def test_a_trail_is_told_on_the_first_day_on_which_the_policy_speaks(steps, told_before):
    day = trail(*steps).told_on(POLICIES["default"])
    assert (day and (D - day).days) == told_before


def test_the_frontier_is_reckoned_from_what_was_known_then(shop):
    for name, chance in (("late", 0.85), ("needless", 0.85), ("doubted", 0.4), ("fine", 0.1)):
        place(name)
        ship(name)
        told = Promise.objects.filter(order__reference=name).latest("pk")
        Outlook.objects.create(promise=told, day=D - timedelta(days=4), chance=chance)
    shop.advance(days=7)
    for name in ("needless", "fine"):
        tell("order_delivered", name, "1")
    Scripted.chance = None
    shop.advance(days=5)
    look()
    for name in ("late", "doubted"):
        tell("order_delivered", name, "1")
    points = {point.name: point for point in frontier(shop(), Policy(at=0.35, soon=0.35))}
    assert (points["default"].notices, points["default"].needless, points["default"].ahead, points["default"].late) == (2, 1, 1, 2)
    assert (points["own"].notices, points["own"].ahead) == (3, 2)
    assert points["when_passed"].notices == 0


def test_nothing_known_is_no_frontier(db, clock):
    assert frontier(clock()) == []


@pytest.mark.parametrize(("chance", "kept"), [
    (0.0, 0.0), (0.29, 0.0), (0.3, 0.3), (0.349, 0.3), (0.999, 0.95), (1.0, 1.0), (1.0000001, 1.0),
])
def test_chances_are_kept_in_twentieths_from_three_in_ten_on(chance, kept):
    assert rounds.rounded(chance) == pytest.approx(kept)


def test_without_a_row_the_settings_count(db, settings):
    own = {"DELAY_POLICY": "early", "DELAY_TELLS": ["missed"], "DELAY_DAYS": {"stalled": 9}}
    settings.ECOMMERCE_COMMS = {**settings.ECOMMERCE_COMMS, **own}
    found = rules()
    assert (found.policy, found.tells, found.days["stalled"]) == (POLICIES["early"], {"missed"}, 9)
    row = row_of_settings()
    assert (row.policy, row.tell_missed, row.tell_will_miss, row.stalled_days) == ("early", True, False, 9)


def test_the_page_shows_the_frontier_and_saving_has_everything_judged_again(admin_client, shop):
    place()
    ship()
    Outlook.objects.create(promise=Promise.objects.latest("pk"), day=D, chance=0.9)
    shop.advance(days=20)
    Watch.objects.update(look_at=None)
    answer = admin_client.get(reverse("admin:ecommerce_comms_delaypolicy_add"))
    assert "What each choice would have told" in answer.content.decode()
    assert answer.context["points"][0][1].notices == 1
    values = {name: value for name, value in answer.context["adminform"].form.initial.items() if value not in (False, None)}
    admin_client.post(reverse("admin:ecommerce_comms_delaypolicy_add"), values | {"policy": "own", "at": 90, "soon": 70, "soon_days": 3})
    assert DelayPolicy.objects.count() == 1
    assert rules().policy == Policy(at=0.9, soon=0.7, soon_days=3)
    assert not Watch.objects.filter(look_at=None).exists()
    page = reverse("admin:ecommerce_comms_delaypolicy_change", args=[DelayPolicy.objects.get().pk])
    assert admin_client.get(page).context["points"][-1][0] == "Own thresholds"
    assert admin_client.get(reverse("admin:ecommerce_comms_delaypolicy_add")).status_code == 403


def test_the_page_says_what_each_choice_does(admin_client):
    shown = admin_client.get(reverse("admin:ecommerce_comms_delaypolicy_add")).content.decode()
    for said in ("chance of being late is 65 %", "2 day(s) before the date at 40 %", "tells only once the date has passed"):
        assert said in shown
    assert "_addanother" not in shown


def test_own_thresholds_do_not_rise_towards_the_date(admin_client):
    page = reverse("admin:ecommerce_comms_delaypolicy_add")
    values = {name: value for name, value in admin_client.get(page).context["adminform"].form.initial.items() if value not in (False, None)}
    refused = admin_client.post(page, values | {"policy": "own", "at": 40, "soon": 90, "soon_days": 1})
    assert "write 40 or less" in refused.content.decode()
    assert not DelayPolicy.objects.exists()


def test_the_list_of_delays_begins_with_what_is_open_and_sums_it_up(admin_client, shop):
    place("A"), place("B")
    ship("A"), ship("B")
    Scripted.chance = 0.9
    shop.advance(hours=2)
    look()
    tell("order_delivered", "B", "1")
    Outage.objects.create(carrier="post")
    page = reverse("admin:ecommerce_comms_lateness_changelist")
    answer = admin_client.get(page)
    assert [row.order.reference for row in answer.context["cl"].result_list] == ["A"]
    assert "Will miss its date" in answer.content.decode()
    assert len(admin_client.get(page, {"over": "all"}).context["cl"].result_list) == Lateness.objects.count() == 2
    assert admin_client.get(reverse("admin:ecommerce_comms_outage_changelist")).status_code == 200
