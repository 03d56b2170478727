"""One delay for many orders: seen first, confirmed, told in the background once an order, stopped where it has not been told."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecommerce_comms import testing
from ecommerce_comms.shipping.admin.declared_form import DeclaredDelayForm
from ecommerce_comms.shipping.delays import declaring
from ecommerce_comms.shipping.models import DeclaredDelay
from ecommerce_comms.snapshots import AddressSnapshot, LineSnapshot
from tests.shipping.delays.scripted import Scripted, look, place, promised, ship, tell, told

State = DeclaredDelay.State


@pytest.fixture
def orders(shop):
    """Orders to two regions, one of which has arrived, one is cancelled, one is out for delivery."""
    Scripted.chance = None
    for name, region in (("A", "BA"), ("B", "BA"), ("C", "SP"), ("D", "BA"), ("E", "BA"), ("F", "BA")):
        place(name, address=AddressSnapshot(country="BR", region=region), lines=(LineSnapshot(sku=f"sku-{name}", title="Mug"),))
    ship("A")
    ship("D"), tell("order_delivered", "D", "1")
    tell("order_cancelled", "E")
    ship("F"), tell("order_out_for_delivery", "F", "1")
    return shop


def declare(**fields):
    return DeclaredDelay.objects.create(**({"name": "Flood", "region": "ba", "later_days": 3, "reason": "A flood."} | fields))


def go(clock, declared):
    assert declaring.confirm(declared, clock())
    clock.advance(minutes=11)
    for _sweep in range(3):
        look()
    declared.refresh_from_db()


def test_a_preview_says_who_is_told_what_and_who_is_left_out_and_why(orders):
    found = declaring.preview(declare(), orders())
    assert [(each.order.reference, each.window and each.window.latest, each.why_not) for each in found.listed] == [
        ("A", date(2026, 3, 13), ""), ("B", date(2026, 3, 13), ""), ("D", None, "delivered"), ("E", None, "cancelled"),
        ("F", None, "last_mile"),
    ]
    assert (found.to_tell, dict(found.left_out)) == (2, {"delivered": 1, "cancelled": 1, "last_mile": 1})
    assert told() == []


@pytest.mark.parametrize(("choice", "meant"), [
    ({"region": "", "sku": "SKU-c"}, "C"),
    ({"region": "", "country": "br", "service": "post"}, ""),
    ({"region": "", "carrier": "post"}, "A D F"),
    ({"region": "", "numbers": "B,  1;nobody\n#A"}, "A B"),
    ({"ordered_from": date(2026, 3, 3)}, ""),
    ({"ordered_until": date(2026, 3, 2)}, "A B D E F"),
    ({"warehouse": "north"}, ""),
])
def test_orders_are_chosen_by_all_that_is_filled_in(orders, choice, meant):
    found = declaring.preview(declare(**choice), orders())
    assert sorted({each.order.reference for each in found.listed}) == meant.split()


def test_nobody_is_told_before_ten_minutes_have_passed_and_then_each_once(orders):
    declared = declare()
    declaring.confirm(declared, orders())
    orders.advance(minutes=9)
    assert look() == 0
    orders.advance(minutes=2)
    assert look() == 2
    assert look() == 0
    declared.refresh_from_db()
    assert (declared.state, declared.told, declared.to_tell) == (State.DONE, 2, 2)
    assert promised("B")[-1] == ("2026-03-13", "merchant")
    assert {event.data["reason"] for event in told()} == {"A flood."}


def test_in_small_batches_it_ends_the_same(orders, monkeypatch):
    monkeypatch.setattr(declaring, "BATCH", 1)
    declared = declare()
    declaring.confirm(declared, orders())
    orders.advance(minutes=11)
    for _sweep in range(8):
        look()
    declared.refresh_from_db()
    assert (declared.state, declared.told) == (State.DONE, 2)


def test_begun_anew_after_a_crash_nobody_is_told_twice(orders):
    declared = declare()
    go(orders, declared)
    DeclaredDelay.objects.update(cursor=0, state=State.TELLING)
    look(), look()
    assert len(told()) == 2


def test_what_was_stopped_is_told_to_nobody_else(orders, monkeypatch):
    monkeypatch.setattr(declaring, "BATCH", 1)
    declared = declare()
    declaring.confirm(declared, orders())
    orders.advance(minutes=11)
    look()
    assert declaring.stop(declared, orders())
    look(), look()
    assert len(told()) == 1
    assert not declaring.stop(declared, orders())


def test_orders_placed_after_the_yes_are_not_meant(orders):
    declared = declare()
    declaring.confirm(declared, orders())
    place("G", address=AddressSnapshot(country="BR", region="BA"))
    orders.advance(minutes=11)
    look(), look()
    assert {event.order_reference for event in told()} == {"A", "B"}


def test_who_was_told_of_a_delay_is_left_out_unless_the_merchant_says_so(orders):
    go(orders, declare())
    assert declaring.preview(declare(), orders()).left_out["told"] == 2
    assert declaring.preview(declare(tell_again=True), orders()).to_tell == 2


def test_a_date_that_was_told_already_is_no_delay(orders):
    assert declaring.preview(declare(later_days=None, new_date=date(2026, 3, 10)), orders()).left_out["not_later"] == 2


def test_the_reason_is_in_the_language_of_the_order(orders):
    declared = declare(reasons={"hi": "बाढ़।"})
    assert (declaring.reason_for(declared, "hi-IN"), declaring.reason_for(declared, "bn")) == ("बाढ़।", "A flood.")


def test_a_merchants_delay_is_in_the_mail(orders):
    go(orders, declare())
    testing.settle()
    mail = next(mail for mail in testing.sent() if mail.kind == "order_delayed")
    assert "A flood." in mail.text and "13 Mar" in mail.text


# ---- the pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, orders):
    user = User.objects.create_user("staff", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="declare_delay"))
    client.force_login(user)
    return client


def test_only_who_may_declare_gets_in(client, orders):
    client.force_login(User.objects.create_user("other", is_staff=True))
    assert client.get(reverse("admin:ecommerce_comms_declareddelay_add")).status_code == 403
    assert client.get(reverse("admin:ecommerce_comms_declareddelay_look", args=[declare().pk])).status_code == 403


def test_from_the_form_over_the_list_to_the_yes(page, orders):
    answer = page.post(reverse("admin:ecommerce_comms_declareddelay_add"), {
        "name": "Flood", "region": "BA", "later_days": 3, "why": "weather", "reason": "A flood.", "reason_hi": "बाढ़।",
    }, follow=True)
    text = answer.content.decode()
    assert "2 customers or parcels would be told now." in text and "is out for delivery" in text.lower()
    assert told() == []
    declared = DeclaredDelay.objects.get()
    assert (declared.reasons, declared.made_by.username, declared.state) == ({"hi": "बाढ़।"}, "staff", State.DRAFT)
    look_url = reverse("admin:ecommerce_comms_declareddelay_look", args=[declared.pk])
    assert "0 told of 2" in page.post(look_url, {"confirm": "1"}, follow=True).content.decode()
    page.post(look_url, {"stop": "1"})
    orders.advance(minutes=30)
    look()
    assert told() == []


def test_what_was_confirmed_is_not_changed_any_more(page, orders):
    declared = declare(state=State.DONE)
    change = reverse("admin:ecommerce_comms_declareddelay_change", args=[declared.pk])
    assert page.post(change, {"name": "Other"}).status_code == 403


@pytest.mark.parametrize(("data", "complaint"), [
    ({"region": "BA"}, "one of the two"),
    ({"region": "BA", "later_days": 3, "new_date": "2026-03-20"}, "one of the two"),
    ({"later_days": 3}, "every customer would be meant"),
    ({"later_days": 3, "ordered_from": "2026-03-05", "ordered_until": "2026-03-01"}, "before the first day"),
])
def test_the_form_says_what_is_missing(db, data, complaint):
    form = DeclaredDelayForm({"name": "x", "why": "merchant", **data})
    assert not form.is_valid()
    assert complaint in str(form.errors)


def test_numbers_come_from_a_file_as_well(db):
    file = SimpleUploadedFile("numbers.csv", "\ufeffOrder;Name\n1001,Asha\n1002,Ravi\n".encode())
    form = DeclaredDelayForm({"name": "x", "why": "merchant", "later_days": 2, "numbers": "1003"}, {"file": file})
    assert form.is_valid(), form.errors
    assert set(form.cleaned_data["numbers"].split(", ")) >= {"1001", "1002", "1003"}


def test_a_new_date_that_is_not_ahead_is_refused(shop):
    form = DeclaredDelayForm({"name": "Flood", "region": "BA", "why": "", "new_date": shop().date().isoformat()})
    assert "from tomorrow on" in str(form.errors["new_date"])


def test_a_new_date_that_has_passed_since_is_named_as_the_reason(orders):
    found = declaring.preview(declare(later_days=None, new_date=date(2026, 1, 1)), orders())
    assert found.left_out["past"] == 2
