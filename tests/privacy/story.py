"""Asha, who has ordered in every way there is, once a gift for Meera, and Ravi, who shares her telephone."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType

from ecommerce_comms import clock, testing
from ecommerce_comms.chat import conversations, lines
from ecommerce_comms.contact import calls, working
from ecommerce_comms.contact.models import CallbackRequest
from ecommerce_comms.customers import consents, suppressions
from ecommerce_comms.customers.hashing import address_hash
from ecommerce_comms.customers.models import Customer, Suppression
from ecommerce_comms.messaging.models import Attempt, Message, Provider, ProviderEvent
from ecommerce_comms.orders import events
from ecommerce_comms.orders.models import Order
from ecommerce_comms.shipping.carriers import receiving
from ecommerce_comms.shipping.carriers.sightings import Sighting
from ecommerce_comms.snapshots import AddressSnapshot, CustomerSnapshot, LineSnapshot, RecipientSnapshot

EMAIL, ALIAS, IDN = "asha@customers.example", "asha+mugs@customers.example", "Asha@BÜCHER.example"
PHONE = "+91 98765 43210"
MEERA, OF_MEERA = "meera@friends.example", ("meera", "nair", "90000 11111", "9000011111")
TRACES = ("asha", "sharma", "आशा", "ashok", "marg", "226001", "lucknow", "98765 43210", "9876543210", "bücher", "xn--bcher", *OF_MEERA)
"""What must not be found of her afterwards, in small letters."""


def order_of_asha(reference="1001", email=EMAIL, account="", **changes):
    """An order with a mug that bears her name and address."""
    usual = {
        "customer": CustomerSnapshot(reference=account, email=email, phone=PHONE, first_name="Asha", last_name="Sharma", language="en"),
        "address": AddressSnapshot(name="Asha Sharma आशा", lines=("12 Ashok Marg",), postcode="226001", city="Lucknow", country="IN"),
        "lines": (LineSnapshot(sku="mug", title="Mug “for ASHA, 12  Ashok Marg”", quantity=2, price=Decimal("1290.00"),
                               url="https://shop.example/mugs/for-asha"),),
        "url": f"https://shop.example/orders/{reference}?for={email}",
    }
    return testing.order(reference, **{**usual, **changes})


def order_of_ravi(reference="5001"):
    """An order of somebody else who has the same telephone."""
    ravi = CustomerSnapshot(email="ravi@customers.example", phone=PHONE, first_name="Ravi", language="en")
    return testing.order(reference, customer=ravi,
                         address=AddressSnapshot(name="Ravi Iyer", lines=("7 Hill Road",), city="Pune", country="IN"))


def gift_for_meera():
    """Who is told of a parcel that she did not order."""
    return RecipientSnapshot(role="receiver", name="Meera Nair", email=MEERA, phone="+91 90000 11111", language="en")


def parcel(reference="1"):
    """A parcel whose tracking page asks for the postcode."""
    return {"reference": reference, "carrier": "Blue", "tracking_number": f"BD{reference}", "tracking_url": "https://t.example/?zip=226001"}


def live():
    """Everything happens to Asha: guest and account, three spellings and an alias, refusals, notices, consents, delays, the admin."""
    testing.tell("order_placed", order_of_asha("1001", "ASHA@Customers.Example"))
    testing.tell("order_placed", order_of_asha("1002", IDN, account="7"))
    testing.tell("order_placed", order_of_asha("1003", ALIAS, account="7"))
    testing.tell("order_placed", order_of_asha("1004", EMAIL, account="7"))
    testing.tell("order_placed", order_of_ravi())
    testing.tell("order_shipped", order_of_asha("1004", account="7", recipients=(gift_for_meera(),)), parcel=parcel())
    day = clock.now().date() + timedelta(days=9)
    testing.tell("order_delayed", order_of_asha("1004", account="7", recipients=(gift_for_meera(),)), parcel=parcel(), data={
        "earliest": day.isoformat(), "latest": day.isoformat(), "reason": "Asha Sharma has asked to wait, call 9876543210"})
    testing.tell("order_delivered", order_of_asha("1001"), parcel=parcel())  # a review request is planned
    events.record("order_changed", order_of_asha("1002", account="7"))  # told, and not yet processed
    events.record("order_placed", order_of_asha("1099"))  # told, and nobody has opened the order yet
    _talks()
    _carrier()
    _answers()
    _proofs()
    _admin_log()


def _talks():
    asha = Customer.objects.get(reference="7")
    item = calls.request(PHONE, customer=asha, reason="Is it at Ashok Marg? Asha")
    working.note(item, "no_answer", number=1, note="Sharma was out, her neighbour says")
    calls.request("+911122334455", order=Order.objects.get(reference="1001"), name="आशा", reason="Call me")
    talk = conversations.open_for(asha)
    lines.append(talk, f"I am Asha Sharma, {EMAIL}", author="customer", client_id="asha-1")
    CallbackRequest.objects.filter(customer=asha).update(script={"who": "Asha Sharma"}, text="Ask for Asha Sharma.")
    ravi = Customer.objects.get(email="ravi@customers.example")
    lines.append(conversations.open_for(ravi), "I am Ravi", author="customer", client_id="ravi-1")


def _carrier():
    told = {"status": "in_transit", "raw_status": "in_transit", "occurred_at": clock.now(), "raw_time": "now", "place": "Asha's neighbour"}
    receiving.take([Sighting(tracking_number="BD1", text=f"Signed by Asha Sharma, {EMAIL}", **told)], source="plain")


def _answers():
    now = clock.now()
    for message in Message.objects.filter(order__reference__in=["1001", "1004"]):
        Attempt.objects.create(message=message, number=1, ended_at=now, outcome="transient", code=451, answer=f"<{EMAIL}>: busy, Asha")
        notice = {"provider": "p", "occurred_at": now, "detail": f"to {EMAIL}, Asha"}
        ProviderEvent.objects.create(key=f"a:{message.pk}", kind="bounced", message=message, **notice)
        ProviderEvent.objects.create(key=f"b:{message.pk}", kind="other", message_uid=message.uid, **notice)
        Message.objects.filter(pk=message.pk).update(last_error=f"450 {EMAIL} asha", answer="250 queued for Asha")
    Provider.objects.create(name="p", last_error=f"550 <{EMAIL}> unknown")


def _proofs():
    consents.grant(EMAIL, topic="marketing", where="checkout", words="I, Asha Sharma, agree.", evidence={"ip": "192.0.2.1", "as": EMAIL},
                   customer=Customer.objects.get(reference="7"))
    consents.grant(ALIAS, topic="marketing", where="checkout", words="Yes.")
    consents.grant("ravi@customers.example", topic="marketing", where="checkout", words="Yes.", evidence={"ip": "192.0.2.9"})
    suppressions.suppress(address_hash(EMAIL), Suppression.Reason.BOUNCED, shown="a…@c….example", detail="Asha is unknown")


def _admin_log():
    staff = get_user_model().objects.create_user("staff")
    for model, pk, name, change in (
        (Customer, Customer.objects.get(reference="7").pk, "Asha Sharma", [{"changed": {"fields": ["Phone"]}}]),
        (Message, Message.objects.filter(order__reference="1001").first().pk, f"order placed → {EMAIL}", []),
        (Suppression, 10_000, f"{EMAIL}: everything", [{"deleted": {"name": "x", "object": "आशा Sharma"}}]),
        (Customer, Customer.objects.get(email="ravi@customers.example").pk, "Ravi", []),
    ):
        LogEntry.objects.create(user=staff, content_type=ContentType.objects.get_for_model(model), object_id=str(pk), action_flag=CHANGE,
                                object_repr=name, change_message=json.dumps(change))


def everything():
    """All rows of the app and of the admin's log as one text in small letters, but for Ravi's, who has her telephone number."""
    models = [*apps.get_app_config("ecommerce_comms").get_models(), LogEntry]
    rows = [f"{model.__name__} {row}".lower() for model in models for row in model._default_manager.values()]
    return "\n".join(sorted(row for row in rows if "ravi" not in row))


def traces(text):
    """What is still found of Asha. Six digits in the middle of a hash are none of hers."""
    forms = {word: f"{re.escape(word)}|{re.escape(json.dumps(word)[1:-1])}" for word in TRACES}
    return [word for word, form in forms.items() if re.search(rf"(?<![0-9a-f])({form})" if word.isdigit() else form, text.lower())]
