"""What a merchant sees and does in the admin."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils.html import escape

from ecommerce_comms import testing
from ecommerce_comms.chat import conversations, lines
from ecommerce_comms.customers.models import Consent, Customer, Suppression
from ecommerce_comms.exceptions import PermanentDeliveryError
from ecommerce_comms.insights import scoring
from ecommerce_comms.messaging.models import Branding, ProviderEvent, Worker
from ecommerce_comms.models import CallbackRequest, Message, Order, OrderEvent, Parcel, PollTurn, Promise, Rule, Scan, Template, Tracking
from ecommerce_comms.shipping.models import (
    Carrier,
    ClosedDay,
    DeclaredDelay,
    DelayPolicy,
    Knowledge,
    Outage,
    Peak,
    PickupPoint,
    Rate,
    Service,
    Warehouse,
    Zone,
)

pytestmark = pytest.mark.django_db
MODELS = [model for model in apps.get_app_config("ecommerce_comms").get_models() if model in site._registry]


@pytest.fixture(autouse=True)
def shop(fake_shop, clock):
    """An order that is paid and late, and a row of everything else."""
    Rule.objects.filter(kind="order_processed").update(is_active=False)
    order = testing.order("1001", promised_latest=clock().date())
    for kind in ("order_placed", "order_paid", "order_processed", "order_shipped"):
        testing.tell(kind, order)
    clock.advance(days=2)
    testing.settle()
    scoring.score_due()
    ClosedDay.objects.create(day=clock().date(), name="Holi")
    carrier, zone = Carrier.objects.create(name="Blue"), Zone.objects.create(name="India", countries="IN")
    service = Service.objects.create(code="post", name="Post", carrier=carrier)
    Rate.objects.create(service=service, zone=zone)
    PickupPoint.objects.create(name="Corner shop", country="IN")
    Peak.objects.create(name="Diwali", day=clock().date(), last_day=clock().date())
    Warehouse.objects.create(name="Depot", country="IN", time_zone="Asia/Kolkata")
    box = Parcel.objects.get()
    Tracking.objects.create(parcel=box, status="in_transit", status_at=clock(), scanned_at=clock())
    Scan.objects.create(key="scan:1", source="csv", tracking_number="RR1", parcel=box, status="in_transit", occurred_at=clock())
    PollTurn.objects.create(name="post")
    Knowledge.objects.create(learnt_at=clock(), until=clock(), parcels=412, due=100, kept=91, expected=0.9)
    DelayPolicy.objects.create()
    DeclaredDelay.objects.create(name="Flood", region="BA", later_days=2)
    Outage.objects.create(carrier="blue")
    Branding.objects.create()
    customer = Customer.objects.get()
    CallbackRequest.objects.create(key="message:1", customer=customer, name="Asha", number="+919876543210", kind="order_delayed",
                                   call_after=clock(), call_before=clock())
    lines.append(conversations.open_for(customer), "Hello", author="customer", client_id="1")
    Template.objects.create(kind="order_cancelled", language="en", subject="Gone", body="Gone.")
    Consent.objects.create(address_hash="h", topic="marketing", granted=True, at=clock(), where="checkout")
    Suppression.objects.create(key="email:h:all", address_hash="h", shown="a…@c….example", scope="all", reason="bounced")
    Worker.objects.create(name="host:1:beat", kind=Worker.Kind.BEAT, host="host")
    ProviderEvent.objects.create(key="postmark:1", provider="postmark", kind=ProviderEvent.Kind.DELIVERED, occurred_at=clock())


@pytest.fixture
def merchant(client):
    """A browser in which the shop's owner is signed in."""
    client.force_login(User.objects.create_superuser("mira"))
    return client


def viewer(client, *models, verbs=("view",)):
    """Sign in a member of staff who may only do ``verbs``."""
    user = User.objects.create_user("apprentice", is_staff=True)
    names = [f"{verb}_{model._meta.model_name}" for model in models for verb in verbs]
    user.user_permissions.set(Permission.objects.filter(codename__in=names, content_type__app_label="ecommerce_comms"))
    client.force_login(user)
    return client


def listing(model):
    """Address of the list."""
    return reverse(f"admin:ecommerce_comms_{model._meta.model_name}_changelist")


def page(row):
    """Address of one row's page."""
    return reverse(f"admin:ecommerce_comms_{row._meta.model_name}_change", args=[row.pk])


def read(client, address):
    """The page as text."""
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestEveryPage:
    def test_list_answers_and_can_be_searched(self, merchant, model):
        named = "Workers" if model is Worker else escape(str(model._meta.verbose_name_plural)[1:])  # its list is the health page
        assert named in read(merchant, listing(model))
        assert merchant.get(listing(model), {"q": "1001"}).status_code == 200

    def test_row_answers(self, merchant, model):
        row = model.objects.first()
        named = "Order cancelled, English" if model is Template else escape(str(row))  # its page is the editor
        assert named in read(merchant, page(row))

    def test_anonymous_is_sent_to_sign_in(self, client, model):
        for address in (listing(model), page(model.objects.first())):
            assert "/login/" in client.get(address).url

    def test_viewer_sees_and_cannot_change(self, client, model):
        viewer(client, model)
        row = model.objects.first()
        assert 'name="_save"' not in read(client, page(row))
        assert client.post(page(row), {}).status_code == 403

    def test_staff_without_permission_sees_nothing(self, client, model):
        viewer(client)
        assert client.get(listing(model)).status_code == 403


@pytest.mark.parametrize("model", [Order, OrderEvent, Message, Promise], ids=lambda model: model.__name__)
def test_what_happened_is_not_rewritten_even_by_the_owner(merchant, model):
    row = model.objects.first()
    assert 'name="_save"' not in read(merchant, page(row))
    assert merchant.post(page(row), {}).status_code == 403
    assert merchant.get(reverse(f"admin:ecommerce_comms_{model._meta.model_name}_delete", args=[row.pk])).status_code == 403
    assert merchant.get(reverse(f"admin:ecommerce_comms_{model._meta.model_name}_add")).status_code == 403


class TestTimeline:
    def test_it_tells_events_promises_messages_and_reasons(self, merchant):
        text = read(merchant, page(Order.objects.get()))
        for said in ("Order delayed", "Thank you, Asha! We have your order 1001", "missed", "not sent",
                     "This message is switched off", "To asha@customers.example"):
            assert said in text

    def test_it_leads_to_each_row(self, merchant):
        text = read(merchant, page(Order.objects.get()))
        for row in (*OrderEvent.objects.all(), *Promise.objects.all(), *Message.objects.all()):
            assert f'href="{page(row)}"' in text

    def test_it_stands_in_the_order_in_which_things_happened(self, merchant):
        text = read(merchant, page(Order.objects.get()))
        assert text.index("Order placed") < text.index("Order shipped") < text.index("Order delayed")

    def test_what_a_customer_wrote_is_shown_and_not_run(self, merchant):
        testing.tell("order_delayed", "1001", data={"reason": "<script>alert(1)</script>"}, event_key="x")
        text = read(merchant, page(Order.objects.get()))
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text

    def test_asking_takes_few_queries_however_long_it_is(self, merchant, django_assert_max_num_queries):
        order = Order.objects.get()
        for number in range(20):
            testing.tell("order_changed", "1001", event_key=str(number))
        with django_assert_max_num_queries(12):
            read(merchant, page(order))


class TestMessages:
    def test_list_speaks_in_words(self, merchant):
        text = read(merchant, listing(Message))
        assert "not sent: this message is switched off" in text
        assert "order_paid<" not in text

    def test_list_can_be_narrowed_to_a_kind(self, merchant):
        text = read(merchant, listing(Message) + "?kind=order_delayed")
        assert "1 message" in text

    def test_page_shows_the_text(self, merchant):
        text = read(merchant, page(Message.objects.get(kind="order_placed")))
        assert "Thank you, Asha! We have your order 1001" in text

    def test_given_up_message_is_sent_again(self, merchant, clock):
        testing.RecordingBackend.refuse = PermanentDeliveryError("no such mailbox")
        testing.tell("order_cancelled", "1001")
        testing.RecordingBackend.refuse = None
        failed = Message.objects.get(state=Message.State.FAILED)
        assert "refused" in read(merchant, page(Order.objects.get()))
        shown = merchant.post(listing(Message), {"action": "send_again", "_selected_action": [failed.pk]})
        assert "a…@c….example" in shown.content.decode()
        answer = {"since": "2026-03-01", "keys": str(failed.pk), "digest": shown.context_data["shown"].digest}
        response = merchant.post(reverse("admin:ecommerce_comms_message_failures"), answer, follow=True)
        assert "1 message will be sent again" in response.content.decode()
        testing.settle()
        assert testing.sent()[-1].message_id == failed.message_id

    def test_sent_message_is_not_sent_again(self, merchant):
        before = len(testing.sent())
        every = list(Message.objects.values_list("pk", flat=True))
        merchant.post(listing(Message), {"action": "send_again", "_selected_action": every})
        testing.settle()
        assert len(testing.sent()) == before

    def test_viewer_is_not_offered_to_send(self, client):
        viewer(client, Message)
        assert "send_again" not in read(client, listing(Message))

    def test_staff_who_may_resend_is_offered_to_send(self, client):
        viewer(client, Message, verbs=("view", "resend"))
        assert "send_again" in read(client, listing(Message))


def test_given_up_event_is_processed_again(merchant):
    testing.tell("order_paid", "gone")
    event = OrderEvent.objects.get(order_reference="gone")
    OrderEvent.objects.filter(pk=event.pk).update(state=OrderEvent.State.FAILED, attempts=8)
    testing.FakeOrderAdapter.shop["gone"] = testing.order("gone")
    response = merchant.post(listing(OrderEvent), {"action": "process_again", "_selected_action": [event.pk]}, follow=True)
    assert "1 event will be processed again" in response.content.decode()
    testing.settle()
    assert (testing.sent()[-1].kind, testing.sent()[-1].order_number) == ("order_paid", "gone")


class TestRules:
    def save(self, client, **changes):
        """Save the list with ``kind={field: value}``."""
        rules = list(Rule.objects.order_by("pk"))
        data = {"form-TOTAL_FORMS": len(rules), "form-INITIAL_FORMS": len(rules), "_save": "Save"}
        for number, rule in enumerate(rules):
            wanted = {"is_active": rule.is_active, "delay_hours": rule.delay_hours, **changes.get(rule.kind, {})}
            data |= {f"form-{number}-id": rule.pk, f"form-{number}-delay_hours": wanted["delay_hours"]}
            data |= {f"form-{number}-is_active": "on"} if wanted["is_active"] else {}
        return client.post(listing(Rule), data, follow=True)

    def test_message_is_switched_off_in_the_list(self, merchant):
        self.save(merchant, order_cancelled={"is_active": False})
        testing.tell("order_cancelled", "1001")
        assert Message.objects.get(kind="order_cancelled").reason == Message.Reason.RULE_OFF

    def test_message_is_delayed_in_the_list(self, merchant, clock):
        self.save(merchant, return_received={"delay_hours": 3})
        testing.tell("return_received", "1001")
        assert testing.sent()[-1].kind != "return_received"
        clock.advance(hours=3)
        testing.settle()
        assert testing.sent()[-1].kind == "return_received"

    def test_nonsense_is_refused(self, merchant):
        assert "greater than or equal to 0" in self.save(merchant, order_paid={"delay_hours": -1}).content.decode()

    def test_each_shows_what_a_customer_would_read(self, merchant):
        assert "Thank you, Asha! We have your order 1001" in read(merchant, listing(Rule))

    def test_none_is_added_or_removed_by_hand(self, merchant):
        assert merchant.get(reverse("admin:ecommerce_comms_rule_add")).status_code == 403
        assert merchant.get(reverse("admin:ecommerce_comms_rule_delete", args=[Rule.objects.first().pk])).status_code == 403


class TestOwnTexts:
    def test_rules_lead_to_the_editor(self, merchant):
        assert 'href="/admin/ecommerce_comms/template/order_paid/hi/edit/"' in read(merchant, listing(Rule))

    def test_message_leads_to_its_text(self, merchant):
        text = read(merchant, page(Message.objects.get(kind="order_placed")))
        assert 'href="/admin/ecommerce_comms/template/order_placed/en/edit/"' in text

    def test_address_of_a_new_text_leads_to_the_editor(self, merchant):
        answer = merchant.get(reverse("admin:ecommerce_comms_template_add"), {"kind": "order_paid", "language": "hi"})
        assert answer.url == "/admin/ecommerce_comms/template/order_paid/hi/edit/"
